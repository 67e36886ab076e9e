"""From a measured progress curve (0 before, 1 after) to first frame, last frame and easing.

Every easing is a curve on 0..1 (Penner's quadratic, cubic and sine families; smoothstep). Its two quartile crossings
give a first guess of start and length, least squares the rest; so slow beginnings that the eye cannot see still count.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from reelprint.analyze.evidence import F64
from reelprint.core.shots import Easing

_CURVES: tuple[tuple[Easing, Callable[[F64], F64]], ...] = (
    ("linear", lambda u: u),
    ("ease-in", lambda u: u**2),
    ("ease-in", lambda u: u**3),
    ("ease-in", lambda u: 1 - np.cos(u * np.pi / 2)),
    ("ease-out", lambda u: 1 - (1 - u) ** 2),
    ("ease-out", lambda u: 1 - (1 - u) ** 3),
    ("ease-out", lambda u: np.sin(u * np.pi / 2)),
    ("ease-in-out", lambda u: u * u * (3 - 2 * u)),
    ("ease-in-out", lambda u: np.where(u < 0.5, 4 * u**3, 1 - 4 * (1 - u) ** 3)),
)


def _twice(function: Callable[[F64], F64]) -> Callable[[F64], F64]:
    """The curve once for each half."""

    def both(u: F64) -> F64:
        return np.where(u < 0.5, 0.5 * function(np.minimum(2 * u, 1)), 0.5 + 0.5 * function(np.maximum(2 * u - 1, 0)))

    return both


_HALVED = tuple((easing, _twice(function)) for easing, function in (_CURVES[1], _CURVES[4], _CURVES[7]))
#: A curve must beat the straight line by this factor of squared error (plus noise) to be believed.
_LINEAR_BONUS, _NOISE = 0.55, 2e-4
_QUICK = (0, 1, 4, 7)
_OFFSETS = np.linspace(-1, 1, 7)
#: Squared error of the edge dip (at most .25 deep) against that of the progress (up to 1).
_EDGE_WEIGHT = 2.0


@dataclass(frozen=True)
class Curve:
    """``start`` and ``end`` in frames (fractions; frame i is seen at i + 0.5)."""

    start: float
    end: float
    easing: Easing
    error: float
    """root mean square distance of the measured progress"""


def rising(progress: F64) -> F64:
    """The nearest rising curve, cheaply: half way between the running maximum and the running minimum from behind."""
    up = np.maximum.accumulate(progress)
    down = np.minimum.accumulate(progress[::-1])[::-1]
    return np.asarray((up + down) / 2, np.float64)


def crossing(curve: F64, value: float) -> float:
    """Where a rising curve, sampled at i + 0.5, passes a value; linear in between."""
    above = int(np.argmax(curve >= value)) if curve[-1] >= value else len(curve) - 1
    if above == 0:
        return 0.5
    low, high = curve[above - 1], curve[above]
    return float(above - 0.5 + (value - low) / max(high - low, 1e-9))


def fit_curve(
    progress: F64,
    first_frame: int,
    *,
    edges: F64 | None = None,
    seen: F64 | None = None,
    quick: bool = False,
    halved: bool = False,
) -> Curve:
    """Fit (n,) progress of frames first_frame...

    ``edges``: (n,) how far the edge energy has fallen, a (1 - a) in a mix (``mixes.edge_fall``): it holds the ends in
    place where movement bends the progress. ``seen``: (n,) weights 0..1. ``quick`` tries few curves only. ``halved``
    also tries curves of which both halves are eased by themselves, as an editor may do on both sides of a colour.
    """
    progress = np.clip(progress, 0, 1)
    weights = np.ones(len(progress)) if seen is None else seen
    if seen is not None:
        clear = np.flatnonzero(seen > 0.5)
        if len(clear) < 2:
            return Curve(float(first_frame), float(first_frame + len(progress)), "linear", 1.0)
        progress = np.interp(np.arange(len(progress)), clear, progress[clear])
    curve = rising(progress)
    at25, at75 = crossing(curve, 0.25), crossing(curve, 0.75)
    grid = np.linspace(0, 1, 201)
    times = np.arange(len(progress)) + 0.5
    best: Curve | None = None
    for number, (easing, function) in enumerate(_CURVES + _HALVED if halved else _CURVES):
        if quick and number not in _QUICK:
            continue
        values = function(grid)
        u25, u75 = (float(np.interp(level, values, grid)) for level in (0.25, 0.75))
        length = max((at75 - at25) / (u75 - u25), 1.0)
        start = at25 - u25 * length
        end, step = start + length, max(0.2 * length, 1.0)
        lowest = math.inf
        for _ in range(2 if quick else 4):
            starts = start + step * _OFFSETS
            ends = end + step * _OFFSETS
            span = np.maximum(ends[None, :, None] - starts[:, None, None], 1.0)
            model = function(np.clip((times - starts[:, None, None]) / span, 0, 1))
            errors = (weights * (model - progress) ** 2).sum(2)
            if edges is not None:
                errors += _EDGE_WEIGHT * ((model * (1 - model) - edges) ** 2).sum(2)
            i, j = np.unravel_index(int(errors.argmin()), errors.shape)
            start, end, lowest = float(starts[i]), float(max(ends[j], starts[i] + 1.0)), float(errors[i, j])
            step /= 2.5
        error = math.sqrt((lowest + _NOISE) / max(end - start, 3.0))
        handicap = math.sqrt(_LINEAR_BONUS) if easing == "linear" else 1.0
        if best is None or error * handicap < best.error:
            best = Curve(start, end, easing, float(error * handicap))
    assert best is not None
    return Curve(best.start + first_frame, best.end + first_frame, best.easing, best.error)
