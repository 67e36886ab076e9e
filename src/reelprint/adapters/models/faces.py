"""Faces by CenterFace (Xu et al. 2019, "CenterFace: Joint Face Detection and Alignment Using Face as Point").

A small anchor-free detector: one network pass gives a map of face centres with their sizes. Carried as data, see
``data/centerface.NOTICE.txt``.
"""

from __future__ import annotations

import threading
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from reelprint.adapters.models.carried import carried_session

MODEL_SHA256 = "2b5760f97569ade765c8389908320b89c588cf16bd93e6ee9bb681996e268953"
_INPUT, _OUTPUTS = "input.1", ["537", "538", "539"]
#: The network halves its input twice on the way to its output and three times more inside.
_STRIDE, _MULTIPLE = 4, 32
#: Larger pictures are reduced to this area: enough for faces of a tenth of the picture's height.
_MAX_PIXELS = 320 * 192
#: Boxes that share more than this (intersection over union) are one face.
_SAME_FACE = 0.3

F32 = NDArray[np.float32]


class CenterFace:
    """A ``FaceFinder``. The model is loaded at the first use; one instance may be used by several threads."""

    def __init__(self, min_score: float = 0.5, threads: int = 1) -> None:
        self._min_score = min_score
        self._threads = threads
        self._session: Any = None
        self._lock = threading.Lock()

    def find(self, rgb: NDArray[np.uint8]) -> list[tuple[float, float, float, float, float]]:
        """Find faces in (h, w, 3) RGB: (x, y, width, height, score) as shares of the picture, best first.

        Raises ModelMissing when the model's data is absent or altered.
        """
        height, width = rgb.shape[:2]
        shrink = min(1.0, (_MAX_PIXELS / (height * width)) ** 0.5)
        inner_w, inner_h = max(1, round(width * shrink)), max(1, round(height * shrink))
        picture = cv2.resize(rgb, (inner_w, inner_h), interpolation=cv2.INTER_AREA) if shrink < 1 else rgb
        padded = np.zeros((1, 3, _padded(inner_h), _padded(inner_w)), np.float32)
        padded[0, :, :inner_h, :inner_w] = picture.transpose(2, 0, 1)
        heat, scale, offset = self._loaded().run(_OUTPUTS, {_INPUT: padded})
        boxes, scores = _decode(heat[0, 0], scale[0], offset[0], self._min_score)
        found = []
        for index in _distinct(boxes, scores):
            left, top, right, bottom = boxes[index]
            x, y = max(0.0, float(left) / inner_w), max(0.0, float(top) / inner_h)
            box_w, box_h = min(1.0, float(right) / inner_w) - x, min(1.0, float(bottom) / inner_h) - y
            if box_w > 0 and box_h > 0:
                found.append((x, y, box_w, box_h, float(min(1.0, scores[index]))))
        return found

    def _loaded(self) -> Any:
        with self._lock:
            if self._session is None:
                self._session = carried_session("centerface.onnx", MODEL_SHA256, self._threads)
            return self._session


def _padded(side: int) -> int:
    return -(-side // _MULTIPLE) * _MULTIPLE


def _decode(heat: F32, scale: F32, offset: F32, min_score: float) -> tuple[F32, F32]:
    """Boxes (n, 4) left, top, right, bottom in input pixels and scores (n,) from the network's maps."""
    rows, columns = np.nonzero(heat > min_score)
    centre_y = (rows + offset[0, rows, columns] + 0.5) * _STRIDE
    centre_x = (columns + offset[1, rows, columns] + 0.5) * _STRIDE
    half_h = np.exp(scale[0, rows, columns]) * _STRIDE / 2
    half_w = np.exp(scale[1, rows, columns]) * _STRIDE / 2
    boxes = np.stack([centre_x - half_w, centre_y - half_h, centre_x + half_w, centre_y + half_h], axis=1)
    return boxes.astype(np.float32), heat[rows, columns].astype(np.float32)


def _distinct(boxes: F32, scores: F32) -> list[int]:
    """Non-maximum suppression: indices of the boxes to keep, best first."""
    order = [int(index) for index in np.argsort(-scores, kind="stable")]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept: list[int] = []
    for index in order:
        others = boxes[kept]
        sides = np.minimum(others[:, 2:], boxes[index, 2:]) - np.maximum(others[:, :2], boxes[index, :2])
        shared = np.prod(np.maximum(sides, 0), axis=1)
        if not (shared > _SAME_FACE * (areas[kept] + areas[index] - shared)).any():
            kept.append(index)
    return kept
