"""Punch-ins: a jump in scale over a hard cut within one scene, the reframing of talking-head edits.

The frame after the cut is searched for inside the frame before it at every scale (and the other way round for a
punch-out) by normalised cross-correlation (Lewis 1995) of edge pictures, so that a change of grade or exposure does
not matter. The best place is then refined by tracking, and the two pictures must agree once one is laid over the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from reelprint.analyze.evidence import F32, U8
from reelprint.analyze.motion.similarity import Similarity, fit_similarity
from reelprint.analyze.motion.tracking import cell_corners, track

#: Scales tried: from 6 % to 2.2 times; each is 4 % above the one before.
SCALES = tuple(1.06 * 1.04**step for step in range(19))
#: Smallest jump that counts.
MIN_RATIO = 1.05
#: Correlation of the edge pictures that one scene reaches when laid over itself, with people moving in it.
MIN_CORRELATION = 0.5
#: What the jump must explain beyond no jump at all.
MIN_GAIN = 0.1
#: A large subject that moved leaves less to agree; then the jump must explain much more than no jump.
LOW_CORRELATION = 0.4
CLEAR_GAIN = 0.25


@dataclass(frozen=True)
class Punch:
    """``ratio`` > 1: the picture jumps closer by that factor. ``correlation`` (-1..1) of the overlaid pictures."""

    ratio: float
    correlation: float


def edges(picture: U8) -> F32:
    """(h, w) band-passed picture: fine noise and slow shading removed."""
    values = picture.astype(np.float32)
    band: F32 = cv2.GaussianBlur(values, (0, 0), 1.0) - cv2.GaussianBlur(values, (0, 0), 4.0)
    return band


def correlation(first: F32, second: F32) -> float:
    """Normalised correlation of two pictures (h, w); 0 when one of them is flat."""
    a, b = first - first.mean(), second - second.mean()
    power = float((a * a).sum()) * float((b * b).sum())
    return float((a * b).sum()) / math.sqrt(power) if power > 1.0 else 0.0


def find_punch(before: U8, after: U8) -> Punch | None:
    """The scale jump from ``before`` to ``after`` (grey, (h, w), one size), or None when there is none."""
    wide, close = edges(before), edges(after)
    if min(float(wide.std()), float(close.std())) < 1.0:
        return None
    unchanged = _best_overlay(wide, close)
    closer = _inside(before, after, wide)
    wider = _inside(after, before, close)
    best = max((item for item in (closer, wider) if item is not None), key=lambda item: item.correlation, default=None)
    if best is None or best.ratio < MIN_RATIO:
        return None
    gain = best.correlation - unchanged
    if gain < MIN_GAIN or best.correlation < (MIN_CORRELATION if gain < CLEAR_GAIN else LOW_CORRELATION):
        return None
    return best if best is closer else Punch(1 / best.ratio, best.correlation)


def _best_overlay(first: F32, second: F32) -> float:
    """Correlation at equal scale, allowing for a shift of up to a tenth of the picture."""
    height, width = first.shape
    top, left = height // 10, width // 10
    scores = cv2.matchTemplate(first, second[top : height - top, left : width - left], cv2.TM_CCOEFF_NORMED)
    return float(scores.max())


def _inside(wide: U8, close: U8, wide_edges: F32) -> Punch | None:
    """Where ``close`` lies inside ``wide``: its scale ratio (> 1) and how well they agree."""
    height, width = wide.shape
    best_score, best = -1.0, (1.0, 0, 0)
    for scale in SCALES:
        small = cv2.resize(close, (round(width / scale), round(height / scale)), interpolation=cv2.INTER_AREA)
        scores = cv2.matchTemplate(wide_edges, edges(small), cv2.TM_CCOEFF_NORMED)
        _, score, _, place = cv2.minMaxLoc(scores)
        if score > best_score:
            best_score, best = score, (scale, place[0], place[1])
    scale, left, top = best
    rough = _scaled(wide, scale, left, top)
    points, _ = cell_corners(rough)
    start, end = track(rough, close, points) if len(points) else (points, points)
    fitted = fit_similarity(start, end, (width, height))
    camera = fitted[0] if fitted is not None else Similarity()
    refined = camera.warp(rough)
    rough_score = correlation(edges(rough), edges(close))
    refined_score = correlation(edges(refined), edges(close))
    if refined_score >= rough_score:
        return Punch(scale * camera.scale, refined_score)
    return Punch(scale, rough_score)


def _scaled(picture: U8, scale: float, left: int, top: int) -> U8:
    """The window at (left, top) that is ``1 / scale`` of the picture, enlarged to the picture's size."""
    height, width = picture.shape
    matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], np.float64)
    enlarged: U8 = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return enlarged
