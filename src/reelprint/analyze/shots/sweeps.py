"""Wipes and slides: a boundary or a displacement that sweeps over the picture.

For a move to the left by d of L columns, column x of frame t comes from the old picture A for x < L - d and from the
new one B beyond; each side stands still or moves along. The four combinations are wipe, cover, reveal and push. The
best d per frame is the progress; what is left unexplained decides between the models. Other directions are the
same picture, turned or mirrored. (Model fitting of edit effects: Boreczky & Rowe 1996; Ngo et al. 1999 for wipes.)
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from reelprint.analyze.evidence import F32, F64
from reelprint.core.shots import Direction, TransitionType

_STRIPS = 5
_DIRECTIONS: tuple[Direction, ...] = ("left", "right", "up", "down")
_KINDS: tuple[TransitionType, ...] = ("wipe", "slide", "slide", "slide")


@dataclass(frozen=True)
class Fit:
    """One model against the frames between two anchors."""

    type: TransitionType
    direction: Direction | None
    progress: F64
    """(n,) 0 = old picture, 1 = new picture"""
    seam: float
    """step across the sweeping edge over the usual step between neighbouring columns; 0 for a mix"""
    residual: F64
    """(n,) unexplained part of the difference between the anchors; 0 perfect, about .5 and more useless"""


def _lines(pictures: F32, direction: Direction, columns: int) -> F32:
    """(n, h, w, 3) to (n, strips * 3, L <= columns): averaged across the sweep, turned so that it goes to the left."""
    if direction in ("up", "down"):
        pictures = pictures.transpose(0, 2, 1, 3)
    if direction in ("right", "down"):
        pictures = pictures[:, :, ::-1]
    n, length = len(pictures), min(columns, pictures.shape[2])
    out = np.empty((n, _STRIPS * 3, length), np.float32)
    for i in range(n):
        strips = cv2.resize(np.ascontiguousarray(pictures[i]), (length, _STRIPS), interpolation=cv2.INTER_AREA)
        out[i] = strips.transpose(0, 2, 1).reshape(-1, length)
    return out


def fit_sweeps(
    pictures: F32, old: F32, new: F32, directions: tuple[Direction, ...] = _DIRECTIONS, columns: int = 80
) -> list[Fit]:
    """All sweep models for ``pictures`` (n, h, w, 3) between ``old`` and ``new`` (h, w, 3), luma 0..255.

    Four fits per direction: wipe, push, cover (new one moves), reveal (old one moves).
    """
    fits: list[Fit] = []
    for direction in directions:
        lines = _lines(np.concatenate([old[None], pictures, new[None]]), direction, columns)
        a, b, between = lines[0], lines[-1], lines[1:-1]
        length = a.shape[1]
        contrast = float(np.abs(a - b).mean()) + 1.0
        both = np.lib.stride_tricks.sliding_window_view(np.concatenate([a, b], axis=1), length, axis=1)
        windows = np.ascontiguousarray(both.transpose(1, 0, 2))
        split = length - np.arange(length + 1)
        rows = np.arange(length + 1)
        progress, residual = np.zeros((4, len(between))), np.zeros((4, len(between)))
        for t, line in enumerate(between):
            moving = np.zeros((length + 1, length + 1))
            np.cumsum(np.abs(line - windows).mean(1), axis=1, out=moving[:, 1:])
            left_moving = moving[rows, split]
            right_moving = moving[:, -1] - left_moving
            left_still = np.append(0, np.cumsum(np.abs(line - a).mean(0)))[split]
            right_still = np.append(0, np.cumsum(np.abs(line - b).mean(0)[::-1]))[rows]
            for model, error in enumerate(
                (
                    left_still + right_still,
                    left_moving + right_moving,
                    left_still + right_moving,
                    left_moving + right_still,
                )
            ):
                best = int(error.argmin())
                progress[model, t], residual[model, t] = best / length, error[best] / length / contrast
        fits += [Fit(_KINDS[m], direction, progress[m], _seam(between, progress[m]), residual[m]) for m in range(4)]
    return fits


def _seam(lines: F32, progress: F64) -> float:
    """How far the sweeping edge stands out where it should be; pans and passing objects have none of full height."""
    length = lines.shape[2]
    steps = np.abs(np.diff(lines, axis=2)).mean(1)
    ratios = []
    for step, share in zip(steps, progress, strict=True):
        edge = length - round(share * length)
        if 0.1 < share < 0.9:
            ratios.append(step[max(edge - 2, 0) : edge + 1].max() / (step.mean() + 0.5))
    return float(np.mean(ratios)) if ratios else 0.0
