"""Snapping: moving a cut to a moment where it sits well, when one is near enough."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

#: A cut moves by at most this, or by this share of the shorter shot beside it.
_REACH_S, _REACH_SHARE = 0.35, 0.45


def snapped(
    ideal_s: float, anchors_s: Sequence[float], shots_s: tuple[float, float], low_s: float, high_s: float
) -> float:
    """The anchor nearest to ``ideal_s`` that is in reach and inside [low_s, high_s]; else the ideal, kept inside.

    ``anchors_s`` ascends; ``shots_s`` are the lengths of the shots before and after the cut. All in seconds.
    """
    reach_s = min(_REACH_S, _REACH_SHARE * min(shots_s))
    first = bisect_left(anchors_s, max(low_s, ideal_s - reach_s))
    last = bisect_left(anchors_s, min(high_s, ideal_s + reach_s))
    near = anchors_s[first:last]
    return min(near, key=lambda anchor: abs(anchor - ideal_s), default=min(high_s, max(low_s, ideal_s)))
