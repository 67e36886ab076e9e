"""Which pieces of a sound the model listens to: at most 29 s each, cut in pauses.

Whisper takes 30 s at a time. A piece begins and ends in a pause, so no word is cut, and every time in it is exact:
nothing inside a piece is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reelprint.adapters.models.whisper_voice import F32, WINDOW_S, Voiced

LONGEST_S = 29.0
#: Sound around the speech of a piece. Measured: 0.4 s is heard better than 0.2 s.
PAD_S = 0.4
#: Nobody speaks for so long: two pieces, since the model makes up words for silences.
_LONG_PAUSE_S = 4.0
#: A piece is cut in the longest pause after this share of its length.
_FILLED = 0.5
_SPEECH_LIMIT_S = LONGEST_S - 2 * PAD_S


@dataclass(frozen=True)
class Piece:
    """What is listened to at once, seconds, and the stretches of speech in it."""

    start_s: float
    end_s: float
    voiced: tuple[Voiced, ...]

    @property
    def speech_s(self) -> float:
        """Seconds of speech in it."""
        return sum(one.end_s - one.start_s for one in self.voiced)


def pieces(voiced: Sequence[Voiced], probability: F32, duration_s: float) -> list[Piece]:
    """Cut the speech of a film into pieces, in time order and without overlap.

    Speech without a pause for 28 s is cut where the detector is least sure that somebody speaks.
    """
    groups: list[list[Voiced]] = []
    waiting = [part for one in voiced for part in _unbroken(one, probability)]
    while waiting:
        count = _fitting(waiting)
        groups.append(waiting[:count])
        waiting = waiting[count:]
    found = []
    for number, group in enumerate(groups):
        before_s = groups[number - 1][-1].end_s if number else -np.inf
        after_s = groups[number + 1][0].start_s if number + 1 < len(groups) else np.inf
        start_s = max(0.0, group[0].start_s - PAD_S, (before_s + group[0].start_s) / 2)
        end_s = min(duration_s, group[-1].end_s + PAD_S, (group[-1].end_s + after_s) / 2)
        found.append(Piece(float(start_s), float(end_s), tuple(group)))
    return found


def _fitting(waiting: Sequence[Voiced]) -> int:
    """How many stretches the next piece takes."""
    first_s = waiting[0].start_s
    fits = 1
    while fits < len(waiting):
        if waiting[fits].start_s - waiting[fits - 1].end_s > _LONG_PAUSE_S:
            return fits
        if waiting[fits].end_s - first_s > _SPEECH_LIMIT_S:
            break
        fits += 1
    if fits == len(waiting):
        return fits
    late = [number for number in range(1, fits + 1) if waiting[number - 1].end_s - first_s >= _FILLED * _SPEECH_LIMIT_S]
    return max(late or [fits], key=lambda number: waiting[number].start_s - waiting[number - 1].end_s)


def _unbroken(one: Voiced, probability: F32) -> list[Voiced]:
    """A stretch in parts that fit."""
    parts = []
    start_s = one.start_s
    while one.end_s - start_s > _SPEECH_LIMIT_S:
        low, high = (round((start_s + share * _SPEECH_LIMIT_S) / WINDOW_S) for share in (_FILLED, 1.0))
        cut_s = (low + int(np.argmin(_smooth(probability[low:high])))) * WINDOW_S
        parts.append(Voiced(start_s, cut_s))
        start_s = cut_s
    return [*parts, Voiced(start_s, one.end_s)]


def _smooth(values: F32) -> F32:
    smooth: F32 = np.convolve(np.pad(values, 1, mode="edge"), np.full(3, 1 / 3, np.float32), mode="valid")
    return smooth
