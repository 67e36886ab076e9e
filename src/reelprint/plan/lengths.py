"""Shot lengths in the manner of a style."""

from __future__ import annotations

import math
import random
from statistics import NormalDist

from reelprint.core.style import StyleJSON

#: A shot shorter than this is a flicker and not a shot.
MIN_SHOT_S = 0.4
#: Spread of shot lengths in edited film when a style says nothing: log-normal (Salt, Cutting et al. 2010).
_SIGMA = 0.6
_NORMAL = NormalDist()


def wanted_boundaries(style: StyleJSON, duration_s: float) -> int:
    """How many boundaries a film of that length has in this style."""
    most = max(0, int(duration_s / MIN_SHOT_S) - 1)
    return round(min(most, style.cut_frequency * duration_s / 60))


def known_lengths(style: StyleJSON) -> list[float]:
    """The style's own shot lengths in seconds, ascending; empty when there are too few to call a manner."""
    pacing = style.details.pacing
    lengths = sorted(length for length in pacing.shot_lengths_s if length > 0) if pacing else []
    return lengths if len(lengths) >= 3 else []


def draw_lengths(style: StyleJSON, count: int, total_s: float, rng: random.Random) -> list[float]:
    """``count`` lengths that add up to ``total_s``, spread as the style's shot lengths are spread.

    The style's own lengths are read at evenly spaced quantiles (so nothing depends on luck) and shuffled.
    """
    if count < 1:
        return []
    known = known_lengths(style)
    levels = [(index + 0.5) / count for index in range(count)]
    if known:
        lengths = [_quantile(known, level) for level in levels]
    else:
        lengths = [math.exp(_SIGMA * _NORMAL.inv_cdf(level)) for level in levels]
    rng.shuffle(lengths)
    return _fit(lengths, total_s)


def _fit(lengths: list[float], total_s: float) -> list[float]:
    """Scale to the total with no length under the minimum (or all equal when that is impossible)."""
    count = len(lengths)
    floor_s = min(MIN_SHOT_S, total_s / count)
    free_s = total_s - floor_s * count
    above = [max(0.0, length - floor_s) for length in lengths]
    whole = sum(above)
    if whole <= 0:
        return [total_s / count] * count
    return [floor_s + extra * free_s / whole for extra in above]


def _quantile(ordered: list[float], level: float) -> float:
    place = level * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
