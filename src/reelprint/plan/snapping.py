"""Snapping: moving a cut to a moment where it sits well, when one is near enough."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Anchors:
    """Ascending times on the film's own clock where a cut sits well, in seconds, and how often a cut goes there.

    ``hold`` 0..1: the share of cuts that are snapped. The rest stand where the rhythm has them: on a beat as often
    as chance has it, which is what ``core.beat_alignment`` takes off.
    """

    times_s: Sequence[float] = ()
    hold: float = 1.0

    def within(self, start_s: float, end_s: float, shift_s: float) -> Anchors:
        """Those in [start_s, end_s), on a clock that is ``shift_s`` behind."""
        first, last = bisect_left(self.times_s, start_s), bisect_left(self.times_s, end_s)
        return Anchors([time - shift_s for time in self.times_s[first:last]], self.hold)

    def snapped(
        self,
        ideal_s: float,
        shots_s: tuple[float, float],
        low_s: float,
        high_s: float,
        rng: random.Random,
    ) -> float:
        """As the function of that name, for the share of cuts that are held."""
        held = self.hold >= 1 or rng.random() < self.hold
        return snapped(ideal_s, self.times_s if held else (), shots_s, low_s, high_s)
