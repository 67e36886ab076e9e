"""Riding the fader: slow gain that brings a sound's loudness range to the style's.

A compressor with a threshold changes the range by what the footage happens to be; how much cannot be told before it
has run. A fader that follows the programme's level over two seconds changes it by a known slope, in both directions,
looks ahead as well as back, and is too slow to be heard pumping. Slopes are tried on the level that was measured ten
times a second, with the definition of the range itself (EBU Tech 3342), and the gentlest that reaches it is taken.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reelprint.core.plan import AudioPiece, FaderKey
from reelprint.core.sound import LoudnessMeasure

F64 = NDArray[np.float64]

_FLOOR_DB = -80.0
_SHORT_TERM_S = 3.0
_FOLLOWED_S = 2.0
_KEY_S = 0.5
#: What a hand does at most: quiet passages up, loud ones down; a level difference grows to at most six times itself.
_LARGEST_GAIN_DB = 12.0
_STEEPEST = 5.0
_SLOPES = 60
_LEVELLED = -0.95
_GATE_LU = 20.0
# From the first to the second of these under the programme, sound is less and less programme and more and more the
# room it was recorded in, which is not lifted.
_ROOM_LU = (26.0, 36.0)
_TOLERANCE_LU = 0.25
_KEY_TOLERANCE_DB, _MOST_KEYS = 0.1, 400


def ride(sound: LoudnessMeasure, pieces: Sequence[AudioPiece], wanted_range_lu: float) -> tuple[FaderKey, ...]:
    """Keys of the fader for the pieces of the footage that are heard; none when the range is right as it is."""
    level = heard_level_db(sound, pieces)
    if len(level) < round(_SHORT_TERM_S * sound.envelope_hz):
        return ()
    own = range_lu(level, sound.envelope_hz)
    if abs(own - wanted_range_lu) <= _TOLERANCE_LU:
        return ()
    followed = _followed(level, sound.envelope_hz)
    slopes = np.linspace(0.0, 1.0, _SLOPES) ** 1.5 * (_STEEPEST if wanted_range_lu > own else _LEVELLED)
    gains = [gains_db(level, followed, float(slope)) for slope in slopes]
    # the range does not grow steadily with the slope: what falls under the meter's gate no longer counts
    missed = [abs(range_lu(level + gain, sound.envelope_hz) - wanted_range_lu) for gain in gains]
    nearest = next(number for number, one in enumerate(missed) if one <= max(min(missed), _TOLERANCE_LU))
    if np.ptp(gains[nearest]) < _KEY_TOLERANCE_DB:
        return ()
    return _keys(gains[nearest], sound.envelope_hz)


def heard_level_db(sound: LoudnessMeasure, pieces: Sequence[AudioPiece]) -> F64:
    """(n,) the level of the footage's pieces on the film's clock, at the envelope's rate; nothing sounds in gaps.

    K-weighted, as the range's meter hears it; an analysis without that level is ridden by the plain one.
    """
    source = np.array(sound.weighted_db or sound.envelope_db)
    end_s = max((piece.start_s + piece.duration_s for piece in pieces), default=0.0)
    level = np.full(max(1, round(end_s * sound.envelope_hz)), _FLOOR_DB)
    for piece in pieces:
        first, last = (round(at * sound.envelope_hz) for at in (piece.start_s, piece.start_s + piece.duration_s))
        last = min(last, len(level))
        at_source = round(piece.source_start_s * sound.envelope_hz) + np.arange(last - first)
        there = at_source < len(source)
        level[first:last][there] = np.maximum(level[first:last][there], source[at_source[there]])
    return level


def range_lu(level_db: F64, hz: float) -> float:
    """Loudness range of a level track, EBU Tech 3342; 0 for less than 3 s."""
    short = 10.0 * np.log10(_mean(10.0 ** (level_db / 10.0), round(_SHORT_TERM_S * hz)))
    short = short[short > -70.0]
    if not len(short):
        return 0.0
    gate = 10.0 * np.log10(np.mean(10.0 ** (short / 10.0))) - _GATE_LU
    low, high = np.percentile(short[short >= gate], (10, 95), method="nearest")
    return float(high - low)


def gains_db(level_db: F64, followed_db: F64, slope: float) -> F64:
    """(n,) gain for a slope: 0 leaves the level, -1 would flatten it, 1 doubles every difference from its middle.

    The middle is that of the range (10th to 95th percentile); what is far under the programme is only ever lowered.
    """
    power = 10.0 ** (level_db / 10.0)
    mean = 10.0 * np.log10(np.mean(power[power > np.mean(power) * 10.0 ** (-_GATE_LU / 10.0)]))
    programme = followed_db[followed_db > mean - _GATE_LU]
    middle = np.mean(np.percentile(programme, (10, 95))) if len(programme) else mean
    room = mean - np.array(_ROOM_LU)
    gain = np.clip(slope * (np.maximum(followed_db, room[0]) - middle), -_LARGEST_GAIN_DB, _LARGEST_GAIN_DB)
    audible = np.interp(followed_db, room[::-1], (0.0, 1.0))
    return np.asarray(np.where(gain > 0.0, gain * audible, gain))


def _followed(level_db: F64, hz: float) -> F64:
    """(n,) the level as the hand follows it: power under a Hann window of two seconds around each moment."""
    window = np.hanning(round(_FOLLOWED_S * hz) + 2)[1:-1]
    power = np.convolve(10.0 ** (level_db / 10.0), window, mode="same")
    weight = np.convolve(np.ones(len(level_db)), window, mode="same")
    smooth: F64 = 10.0 * np.log10(power / weight)
    return smooth


def _mean(values: F64, length: int) -> F64:
    if len(values) < length:
        return np.zeros(0)
    total = np.concatenate([[0.0], np.cumsum(values)])
    means: F64 = (total[length:] - total[:-length]) / length
    return np.maximum(means, 1e-12)


def _keys(gain_db: F64, hz: float) -> tuple[FaderKey, ...]:
    """The gain as few straight lines as keep within a tenth of a decibel; more coarsely for very long films."""
    step = round(_KEY_S * hz)
    at = np.append(np.arange(0, len(gain_db) - 1, step), len(gain_db) - 1)
    gain = gain_db[at]
    tolerance = _KEY_TOLERANCE_DB
    kept = _corners(gain, tolerance)
    while len(kept) > _MOST_KEYS:
        tolerance *= 1.5
        kept = _corners(gain, tolerance)
    return tuple(FaderKey(time_s=round(at[i] / hz, 3), gain_db=round(float(gain[i]), 2)) for i in kept)


def _corners(values: F64, tolerance: float) -> list[int]:
    """Indices of the Douglas-Peucker simplification."""
    kept, open_ends = {0, len(values) - 1}, [(0, len(values) - 1)]
    while open_ends:
        first, last = open_ends.pop()
        if last - first < 2:
            continue
        line = np.interp(np.arange(first, last + 1), (first, last), (values[first], values[last]))
        away = np.abs(values[first : last + 1] - line)
        worst = int(away.argmax())
        if away[worst] > tolerance:
            kept.add(first + worst)
            open_ends += [(first, first + worst), (first + worst, last)]
    return sorted(kept)
