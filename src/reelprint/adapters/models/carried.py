"""Networks that are carried as data (``data``): checked by their hash and opened on the processor."""

from __future__ import annotations

import hashlib
from importlib import import_module
from importlib.resources import files
from typing import Any

from reelprint.core.errors import ModelMissing


def carried_session(name: str, sha256: str, threads: int) -> Any:
    """An onnxruntime session for the model file of that name; raises ModelMissing when it is absent or altered."""
    try:
        data = files("reelprint.adapters.models").joinpath("data", name).read_bytes()
    except OSError as error:
        raise ModelMissing(f"the model {name} is not installed: reinstall reelprint", detail=str(error)) from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != sha256:
        raise ModelMissing(f"the model {name} is damaged: reinstall reelprint", detail=f"SHA-256 is {digest}")
    onnxruntime = import_module("onnxruntime")  # slow to load, and only films need it
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Planning the memory ahead takes it twice (TransNetV2: 650 MB for 350) and is no faster.
    options.enable_mem_pattern = False
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
