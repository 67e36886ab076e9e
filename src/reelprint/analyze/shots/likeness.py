"""How well one picture continues another when things have moved: motion-compensated correlation.

Dense inverse search optical flow (Kroeger et al., ECCV 2016) aligns the second picture; local zero-mean normalised
cross-correlation, weighted by texture, compares. Blind to brightness, so flashes and lighting changes score high.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from reelprint.analyze.evidence import F32, F64, U8

_WINDOW = 9
#: Levels added to the spread of luma, so that flat noise does not count as texture.
_NOISE = 4.0


@dataclass(frozen=True)
class Likeness:
    """Comparison of two pictures; both -1..1."""

    moved: float
    """after motion compensation"""
    still: float
    """at the same place"""

    @property
    def loss(self) -> float:
        """1 - moved, not negative."""
        return max(0.0, 1.0 - self.moved)


def _correlation(a: F32, b: F32) -> float:
    def mean(values: F32) -> F32:
        return np.asarray(cv2.blur(values, (_WINDOW, _WINDOW)), np.float32)

    mean_a, mean_b = mean(a), mean(b)
    spread_a = np.sqrt(np.maximum(mean(a * a) - mean_a * mean_a, 0))
    spread_b = np.sqrt(np.maximum(mean(b * b) - mean_b * mean_b, 0))
    shared = mean(a * b) - mean_a * mean_b
    weight = np.maximum(spread_a, spread_b)
    local = shared / (spread_a * spread_b + _NOISE)
    return float((local * weight).sum() / (weight.sum() + 1e-3))


class Matcher:
    """Compares working pictures of one size."""

    def __init__(self, height: int, width: int) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._flow.setFinestScale(0)
        self._y, self._x = np.mgrid[0:height, 0:width].astype(np.float32)

    def compare(self, a: U8, b: U8) -> Likeness:
        """Pictures (h, w, 3) uint8 YCbCr; luma decides."""
        luma_a, luma_b = np.ascontiguousarray(a[..., 0]), np.ascontiguousarray(b[..., 0])
        zero = np.zeros((*luma_a.shape, 2), np.float32)
        flow = self._flow.calc(luma_a, luma_b, zero)
        warped = cv2.remap(
            luma_b,
            self._x + flow[..., 0],
            self._y + flow[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        first = luma_a.astype(np.float32)
        still = _correlation(first, luma_b.astype(np.float32))
        return Likeness(max(still, _correlation(first, np.asarray(warped, np.float32))), still)


def ramp(value: float, nothing: float, full: float) -> float:
    """0 at ``nothing``, 1 at ``full``, straight in between: how all evidence here becomes confidence."""
    return float(np.clip((value - nothing) / (full - nothing), 0, 1))


def smears(pictures: F32, old: F32, new: F32) -> F64:
    """(n,) log of contrast along y over contrast along x, against what it is before and after: + smeared along x."""
    luma = np.concatenate([old[None], pictures, new[None]])[..., 0]
    along_x = np.abs(np.diff(luma, axis=2)).mean((1, 2)) + 0.5
    along_y = np.abs(np.diff(luma, axis=1)).mean((1, 2)) + 0.5
    ratio = np.log(along_y / along_x)
    return np.asarray(ratio[1:-1] - np.linspace(ratio[0], ratio[-1], len(ratio))[1:-1], np.float64)
