"""Do the two halves of a film tell the same story? Split-half agreement of its style.

Split-half reliability (Spearman 1910) asks whether a measurement repeats on the other half of the material. Halves
of a consistent film differ too, by sampling: they hold few shots. So each difference is reduced by the standard error
that a consistent film of so many shots would show, and only the excess counts. The spreads assumed for one film are
typical, not fitted: shot lengths are log-normal with about one octave (Redfern 2015), motion 20 points, level 6 dB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2, sqrt
from statistics import fmean

import numpy as np

from reelprint.colour.transfer import look_distance
from reelprint.core.analysis import Analysis
from reelprint.core.colour import Look
from reelprint.core.sound import LoudnessMeasure

LENGTH_SPREAD_OCTAVES = 1.0
MOTION_SPREAD_POINTS = 20.0
LEVEL_SPREAD_DB = 6.0
LOOK_SPREAD = 0.4
"""look_distance of two shots of one film (0.3 to 0.6 in real ones), for a half that has only one shot to tell."""
MOST_LOOKS = 16
LEVEL_STRETCH_S = 10.0
"""Levels of two stretches this long count as independent."""
SILENCE_DB = -70.0
"""What is quieter is no sound and no part of a film's loudness: the absolute gate of BS.1770."""


@dataclass(frozen=True)
class Excess:
    """Difference of the halves beyond chance, in ``unit``; None when there is nothing to compare."""

    amount: float | None
    unit: str


def _pairwise(looks: Sequence[Look]) -> list[float]:
    return [look_distance(one, other) for place, one in enumerate(looks) for other in looks[:place]]


def _thinned(shots: Sequence[int]) -> Sequence[int]:
    """At most MOST_LOOKS shots, evenly, since pairs grow with the square."""
    if len(shots) <= MOST_LOOKS:
        return shots
    return [shots[place * len(shots) // MOST_LOOKS] for place in range(MOST_LOOKS)]


def _beyond(difference: float, spread: float, first: float, second: float) -> float:
    """|difference| less the standard error of a difference of means over ``first`` and ``second`` samples."""
    return max(0.0, abs(difference) - spread * sqrt(1 / first + 1 / second))


class Halves:
    """The shots of a film, dealt to its first and second half by their middles."""

    def __init__(self, analysis: Analysis) -> None:
        shots = analysis.shots.shots
        middle_s = analysis.timing.duration_s / 2
        self._analysis = analysis
        self._lengths = [shot.duration_s for shot in shots]
        late = [(shot.start_s + shot.end_s) / 2 >= middle_s for shot in shots]
        self._first = [number for number, is_late in enumerate(late) if not is_late]
        self._second = [number for number, is_late in enumerate(late) if is_late]

    @property
    def comparable(self) -> bool:
        """Whether both halves have a shot of their own."""
        return bool(self._first and self._second)

    def rhythm(self) -> Excess:
        """Octaves between the typical shot lengths."""
        if not self.comparable:
            return Excess(None, "octaves")
        first = [log2(self._lengths[number]) for number in self._first]
        second = [log2(self._lengths[number]) for number in self._second]
        difference = sum(first) / len(first) - sum(second) / len(second)
        return Excess(_beyond(difference, LENGTH_SPREAD_OCTAVES, len(first), len(second)), "octaves")

    def motion(self) -> Excess:
        """Points of motion intensity, shots weighted by their length."""
        shots = self._analysis.motion.shots
        if not self.comparable or len(shots) != len(self._lengths):
            return Excess(None, "points")
        means = []
        for half in (self._first, self._second):
            total_s = sum(self._lengths[number] for number in half)
            means.append(sum(shots[number].intensity * self._lengths[number] for number in half) / total_s)
        return Excess(_beyond(means[0] - means[1], MOTION_SPREAD_POINTS, len(self._first), len(self._second)), "points")

    def look(self) -> Excess:
        """Energy distance of the two sets of shot looks (Székely & Rizzo 2013), which is 0 on average by chance.

        Mean look_distance between shots of different halves, less the mean between shots of the same half.
        """
        looks = self._analysis.colour.shot_looks
        if not self.comparable or len(looks) != len(self._lengths):
            return Excess(None, "of 1")
        first = [looks[number] for number in _thinned(self._first)]
        second = [looks[number] for number in _thinned(self._second)]
        between = [look_distance(one, other) for one in first for other in second]
        within = [fmean(inside) if (inside := _pairwise(half)) else LOOK_SPREAD for half in (first, second)]
        return Excess(max(0.0, fmean(between) - fmean(within)), "of 1")

    def loudness(self) -> Excess:
        """Decibels between the mean power of what is heard in the halves; silence does not count."""
        loudness: LoudnessMeasure | None = self._analysis.loudness
        if loudness is None:
            return Excess(None, "dB")
        levels = np.asarray(loudness.envelope_db, dtype=np.float64)
        halves = [half[half > SILENCE_DB] for half in (levels[: levels.size // 2], levels[levels.size // 2 :])]
        if not all(half.size for half in halves):
            return Excess(None, "dB")
        first, second = (10 * float(np.log10(np.mean(10 ** (half / 10)))) for half in halves)
        stretches = [max(1.0, half.size / loudness.envelope_hz / LEVEL_STRETCH_S) for half in halves]
        return Excess(_beyond(first - second, LEVEL_SPREAD_DB, *stretches), "dB")
