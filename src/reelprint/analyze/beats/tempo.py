"""Tempo: which of the periods that repeat is the beat.

Periods that repeat come from the autocorrelation of onset strength (tempogram). They are always several, in
simple ratios, and picking the strongest makes octave errors. What tells them apart is where the bands repeat: in a
backbeat the bass drum answers the snare after one beat, hi-hats fill halves and quarters of it. A linear softmax
model over the repetition strengths at 1/4 ... 4 periods per band, with a preference for common tempi, has learned that
(``tempo_model``); the idea follows A. Klapuri, A. Eronen, J. Astola, "Analysis of the meter of acoustic musical
signals" (IEEE TASLP 2006) and G. Peeters, J. Flocon-Cholet, "Perceptual tempo estimation using GMM-regression" (2012).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.beats.onsets import FRAMES_PER_S, OnsetStrength
from reelprint.analyze.beats.periodicity import LINES, MULTIPLES, Periodicity
from reelprint.analyze.beats.tempo_model import HIDDEN, HIDDEN_BIAS, LINEAR, MEAN, OUTPUT, SPREAD

F64 = NDArray[np.float64]

SLOWEST_BPM, FASTEST_BPM = 50.0, 200.0
SECTION_S = 30.0
_COMMON_BPM = 110.0
#: Tempo is also shown to the model as nearness to nine tempi (natural logarithms over the common one).
_TEMPO_CENTRES: F64 = np.linspace(-0.6, 0.6, 9)
_TEMPO_WIDTH = 0.15
_PEAKS = 8
_RELATIVES = (2.0, 1 / 2, 3 / 2, 2 / 3, 3.0, 1 / 3, 3 / 4, 4 / 3)
_SAME = 0.03
# A change of tempo inside one piece of music has to be this much more likely (nats) than going on.
_CHANGE_COST = 4.0
_FRAMES_PER_MIN = 60.0 * FRAMES_PER_S
_GRID: F64 = _FRAMES_PER_MIN / np.geomspace(SLOWEST_BPM, FASTEST_BPM, 240)


@dataclass(frozen=True)
class Section:
    """Frames [start, stop) of one tempo. ``period`` in frames; ``confidence`` 0..1; ``clarity`` is its salience."""

    start: int
    stop: int
    period: float
    confidence: float
    clarity: float


def candidate_periods(periodicity: Periodicity) -> F64:
    """(k,) periods in frames worth asking about: the most salient ones and their metrical relatives."""
    salience = periodicity.salience(_GRID)
    middle = salience[1:-1]
    peaks = 1 + np.flatnonzero((middle >= salience[:-2]) & (middle > salience[2:]))
    strongest = _GRID[peaks[np.argsort(-salience[peaks], kind="stable")][:_PEAKS]]
    found = list(strongest) or [_FRAMES_PER_MIN / _COMMON_BPM]
    for period in strongest:
        for ratio in _RELATIVES:
            relative = period * ratio
            if _GRID[-1] <= relative <= _GRID[0] and all(abs(math.log(relative / one)) > _SAME for one in found):
                found.append(relative)
    return np.sort(np.array(found))


def tempo_features(periodicity: Periodicity, period: float) -> F64:
    """What the model sees of one candidate: repetition strengths, the tempo, and their products."""
    strengths = periodicity.features(period)
    octaves = math.log(_FRAMES_PER_MIN / period / _COMMON_BPM)
    one = MULTIPLES.index(1.0)
    at_beat = [strengths[LINES.index(line) * len(MULTIPLES) + one] for line in ("all", "bass", "mid", "bass-mid")]
    near = np.exp(-0.5 * ((octaves - _TEMPO_CENTRES) / _TEMPO_WIDTH) ** 2)
    return np.concatenate([strengths, [octaves, octaves**2], octaves * np.array(at_beat), near])


def tempo_scores(periodicity: Periodicity, periods: F64) -> F64:
    """(k,) log odds of the candidates, up to a constant: 16 tanh units and a linear part."""
    seen = np.stack([tempo_features(periodicity, period) for period in periods])
    seen = (seen - np.array(MEAN)) / np.array(SPREAD)
    hidden = np.tanh(seen @ np.array(HIDDEN).T + np.array(HIDDEN_BIAS))
    scores: F64 = hidden @ np.array(OUTPUT) + seen @ np.array(LINEAR)
    return scores


def tempo_sections(onsets: OnsetStrength, start: int, stop: int) -> list[Section]:
    """Split frames [start, stop) of one stretch of music where its tempo changes.

    Pieces of about 30 s are scored alone; the best sequence of candidates, with a price on changes, is found by
    the Viterbi algorithm, so one odd passage does not flip the octave.
    """
    count = max(1, round((stop - start) / (SECTION_S * FRAMES_PER_S)))
    edges = np.linspace(start, stop, count + 1).astype(int)
    pieces = [Periodicity(onsets.cut(low, high)) for low, high in pairwise(edges)]
    periods = [candidate_periods(piece) for piece in pieces]
    scores = [tempo_scores(piece, mine) for piece, mine in zip(pieces, periods, strict=True)]
    chances = [np.exp(mine - mine.max()) / np.exp(mine - mine.max()).sum() for mine in scores]
    choice = _best_sequence(periods, chances)
    sections: list[Section] = []
    for number, picked in enumerate(choice):
        period = float(periods[number][picked])
        near = np.abs(np.log(periods[number] / period)) < _SAME
        confidence = float(chances[number][near].sum())
        clarity = float(pieces[number].salience(np.array([period]))[0])
        one = Section(int(edges[number]), int(edges[number + 1]), period, confidence, clarity)
        sections[-1:] = _joined(sections[-1], one) if sections else [one]
    return sections


def _best_sequence(periods: list[F64], chances: list[F64]) -> list[int]:
    """Viterbi over the candidates of each piece."""
    total = np.log(chances[0] + 1e-9)
    back = []
    for number in range(1, len(periods)):
        apart = np.abs(np.log(periods[number][None, :] / periods[number - 1][:, None]))
        step = total[:, None] - np.where(apart < _SAME, 0.0, _CHANGE_COST)
        back.append(step.argmax(axis=0))
        total = step.max(axis=0) + np.log(chances[number] + 1e-9)
    path = [int(total.argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return path[::-1]


def _joined(before: Section, after: Section) -> list[Section]:
    """One section if the tempo goes on, else both."""
    if abs(math.log(before.period / after.period)) >= _SAME:
        return [before, after]
    share = (after.stop - after.start) / (after.stop - before.start)

    def mix(one: float, other: float) -> float:
        return one * (1 - share) + other * share

    return [
        Section(
            before.start,
            after.stop,
            mix(before.period, after.period),
            mix(before.confidence, after.confidence),
            mix(before.clarity, after.clarity),
        )
    ]
