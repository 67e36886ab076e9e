"""Do the two halves of a film tell the same story? Split-half agreement of its style.

Split-half reliability (Spearman 1910) asks whether a measurement repeats on the other half of the material. Halves
of a consistent film differ too, by sampling: they hold few shots. So each difference is reduced by the standard error
that a consistent film of so many shots would show, and only the excess counts. The spreads assumed for one film are
typical, not fitted: shot lengths are log-normal with about one octave (Redfern 2015), motion 20 points, level 6 dB.
A shot counts in a half by the time that it has there, and the number of shots is the effective one (Kish 1965).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from reelprint.colour.transfer import look_distance
from reelprint.core.analysis import Analysis
from reelprint.core.sound import LoudnessMeasure, Span

F64 = NDArray[np.float64]

LENGTH_SPREAD_OCTAVES = 1.0
MOTION_SPREAD_POINTS = 20.0
LEVEL_SPREAD_DB = 6.0
SOUND_SPREAD = 0.3
"""Of the share of speech or music from one stretch to the next."""
LOOK_SPREAD = 0.4
"""look_distance of two shots of one film (0.3 to 0.6 in real ones), for what one shot cannot tell of its half."""
LOOK_CHANCE = 0.1
"""Standard deviation, for one shot in each half, of the energy distance of looks."""
MOST_LOOKS = 16
STRETCH_S = 10.0
"""Two stretches this long count as independent in what is heard."""
SILENCE_DB = -70.0
"""What is quieter is no sound and no part of a film's loudness: the absolute gate of BS.1770."""


@dataclass(frozen=True)
class Excess:
    """Difference of the halves beyond chance, in ``unit``; None when there is nothing to compare."""

    amount: float | None
    unit: str


def _beyond(difference: float, spread: float, first: float, second: float) -> float:
    """|difference| less the standard error of a difference of means over ``first`` and ``second`` samples."""
    return max(0.0, abs(difference) - spread * sqrt(1 / first + 1 / second))


def _heaviest(weights: F64) -> F64:
    """Weights with all but the MOST_LOOKS largest set to 0, since pairs grow with the square; they add up to 1."""
    if np.count_nonzero(weights) > MOST_LOOKS:
        weights = np.where(weights >= np.sort(weights)[-MOST_LOOKS], weights, 0.0)
    return np.asarray(weights / weights.sum())


def _share(spans: Sequence[Span], start_s: float, end_s: float) -> float:
    """Of the time from start to end, how much the spans fill."""
    filled = sum(max(0.0, min(span.end_s, end_s) - max(span.start_s, start_s)) for span in spans)
    return filled / (end_s - start_s)


class Halves:
    """The first and the second half of a film, with the share of each shot in them."""

    def __init__(self, analysis: Analysis) -> None:
        shots = analysis.shots.shots
        self._analysis = analysis
        self._middle_s = analysis.timing.duration_s / 2
        self._log_lengths = np.log2([shot.duration_s for shot in shots])
        first = np.array([max(0.0, min(shot.end_s, self._middle_s) - shot.start_s) for shot in shots])
        second = np.array([max(0.0, shot.end_s - max(shot.start_s, self._middle_s)) for shot in shots])
        self._comparable = len(shots) > 1 and bool(first.sum() > 0 and second.sum() > 0)
        if self._comparable:
            self._first, self._second = first / first.sum(), second / second.sum()
            self._counts = 1 / float((self._first**2).sum()), 1 / float((self._second**2).sum())

    def rhythm(self) -> Excess:
        """Octaves between the typical shot lengths."""
        if not self._comparable:
            return Excess(None, "octaves")
        difference = float(self._log_lengths @ (self._first - self._second))
        return Excess(_beyond(difference, LENGTH_SPREAD_OCTAVES, *self._counts), "octaves")

    def motion(self) -> Excess:
        """Points of motion intensity."""
        shots = self._analysis.motion.shots
        if not self._comparable or len(shots) != self._log_lengths.size:
            return Excess(None, "points")
        difference = float(np.array([shot.intensity for shot in shots]) @ (self._first - self._second))
        return Excess(_beyond(difference, MOTION_SPREAD_POINTS, *self._counts), "points")

    def look(self) -> Excess:
        """Energy distance of the two sets of shot looks (Székely & Rizzo 2013), which is 0 on average by chance.

        Mean look_distance between shots of different halves, less the mean between shots of the same half. A shot
        says nothing of how far another of its kind would be from it: there LOOK_SPREAD stands in.
        """
        looks = self._analysis.colour.shot_looks
        if not self._comparable or len(looks) != self._log_lengths.size:
            return Excess(None, "of 1")
        first, second = _heaviest(self._first), _heaviest(self._second)
        used = np.flatnonzero(first + second)
        distances = np.zeros((used.size, used.size))
        for row, one in enumerate(used):
            for column, other in enumerate(used[:row]):
                distances[row, column] = distances[column, row] = look_distance(looks[one], looks[other])
        np.fill_diagonal(distances, LOOK_SPREAD)
        first, second = first[used], second[used]
        between = float(first @ distances @ second)
        within = float(first @ distances @ first + second @ distances @ second) / 2
        return Excess(_beyond(max(0.0, between - within), LOOK_CHANCE, *self._counts), "of 1")

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
        stretches = [max(1.0, half.size / loudness.envelope_hz / STRETCH_S) for half in halves]
        return Excess(_beyond(first - second, LEVEL_SPREAD_DB, *stretches), "dB")

    def sound(self) -> Excess:
        """Difference in the share of speech or of music, whichever is larger; nothing when all is silent."""
        heard = self._analysis.speech
        if not heard.speech and not heard.music:
            return Excess(None, "of the time")
        end_s = self._analysis.timing.duration_s
        difference = max(
            abs(_share(spans, 0.0, self._middle_s) - _share(spans, self._middle_s, end_s))
            for spans in (heard.speech, heard.music)
        )
        stretches = max(1.0, self._middle_s / STRETCH_S)
        return Excess(_beyond(difference, SOUND_SPREAD, stretches, stretches), "of the time")
