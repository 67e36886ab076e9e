"""Shot boundaries by TransNetV2 (Souček & Lokoč 2020, arXiv:2008.04838), 8 bits.

Carried as data, see ``data/transnetv2.NOTICE.txt``; ``tools/convert_transnet.py`` made it.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reelprint.adapters.models.carried import carried_session

MODEL_SHA256 = "4e5b68441417a5a1abd7d85f64d52055d7ce9644ef434acc759c3117f49deac1"
_LOOKUP = 101

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]


class TransNet:
    """A ``JoinScorer``. The model is loaded at the first use; one instance may be used by several threads."""

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self._session: Any = None
        self._lock = threading.Lock()

    def score(self, frames: U8) -> tuple[F32, F32]:
        """Probabilities (100,) that each of (100, 27, 48, 3) RGB frames is the last before a boundary, or part of one.

        What is near the ends of a stretch is less sure. Raises ModelMissing when the model's data is absent or altered.
        """
        pictures = np.ascontiguousarray(frames.transpose(0, 3, 1, 2), np.float32) / np.float32(255)
        single, every = self._loaded().run(["single", "every"], {"pictures": pictures, "likeness": likeness(frames)})
        return single, every

    def _loaded(self) -> Any:
        with self._lock:
            if self._session is None:
                self._session = carried_session("transnetv2.onnx", MODEL_SHA256, self._threads)
            return self._session


def likeness(frames: U8) -> F32:
    """(n, 101): cosines between the 512-bin colour histograms of (n, h, w, 3) frames up to 50 apart, 0 outside."""
    codes = frames.astype(np.int64) >> 5
    bins = (codes[..., 0] << 6) + (codes[..., 1] << 3) + codes[..., 2]
    counts = np.stack([np.bincount(one.ravel(), minlength=512) for one in bins]).astype(np.float32)
    counts /= np.linalg.norm(counts, axis=1, keepdims=True)
    padded = np.pad(counts @ counts.T, ((0, 0), (_LOOKUP // 2, _LOOKUP // 2)))
    rows = np.arange(len(frames))[:, None]
    return np.asarray(padded[rows, rows + np.arange(_LOOKUP)[None]], np.float32)
