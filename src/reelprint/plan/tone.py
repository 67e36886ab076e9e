"""What the equaliser of the audio chain does to a measured spectrum, from the responses of its own filters.

A shelf of 6 dB rarely moves the bass by 6 dB: how much arrives depends on where in the band the sound has its energy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reelprint.core.sound import THIRD_OCTAVES_HZ, LoudnessMeasure

F64 = NDArray[np.float64]

_RATE_HZ = 48_000.0
#: Where the filters of ``render.sound`` work; tests/unit/sound compares them.
BASS_SHELF_HZ, SHELF_Q = 180.0, 0.7
PRESENCE_HZ, PRESENCE_OCTAVES = 3200.0, 1.3
# The bands of ``analyze.spectrum``.
_BASS_HZ, _BODY_HZ, _PRESENCE_BAND_HZ = (40.0, 150.0), (200.0, 2000.0), (2000.0, 5000.0)
# BS.1770-4 K-weighting, as in ``analyze.bs1770``.
_K_WEIGHTING = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)
_STEPS = 8
_CENTRES: F64 = np.array(THIRD_OCTAVES_HZ)
#: (bands * _STEPS,) frequencies at which the responses are looked up, evenly spread over each band.
_FREQUENCY: F64 = (_CENTRES[:, None] * 10.0 ** (((np.arange(_STEPS) + 0.5) / _STEPS - 0.5) / 10.0)).ravel()


@dataclass(frozen=True)
class Equaliser:
    """The chain's linear filters."""

    highpass_hz: float
    bass_gain_db: float = 0.0
    presence_gain_db: float = 0.0

    def power(self) -> F64:
        """(frequencies,) power response at ``_FREQUENCY``."""
        return (
            _response(*_highpass(self.highpass_hz))
            * _response(*_low_shelf(self.bass_gain_db))
            * _response(*_bell(self.presence_gain_db))
        )


@dataclass(frozen=True)
class Tone:
    """A sound's tonal balance: against the neutral spectrum, and how far its RMS level is from its loudness."""

    bass_db: float
    presence_db: float
    rms_over_loudness_db: float


def tone_after(sound: LoudnessMeasure, equaliser: Equaliser) -> Tone:
    """The balance of the sound once it has gone through the filters."""
    energy = _spectrum(sound)
    changed = energy * equaliser.power()
    weighting = np.prod([_response(np.array(top), np.array(below)) for top, below in _K_WEIGHTING], axis=0)
    rms_db = _decibels(changed.sum() / energy.sum())
    loudness_db = _decibels((changed * weighting).sum() / (energy * weighting).sum())
    body_db = _moved(energy, changed, _BODY_HZ)
    return Tone(
        bass_db=sound.bass_db + _moved(energy, changed, _BASS_HZ) - body_db,
        presence_db=sound.presence_db + _moved(energy, changed, _PRESENCE_BAND_HZ) - body_db,
        rms_over_loudness_db=sound.true_peak_dbtp - sound.crest_db - sound.integrated_lufs + rms_db - loudness_db,
    )


def _spectrum(sound: LoudnessMeasure) -> F64:
    """(frequencies,) energy at ``_FREQUENCY``; a document without a spectrum is taken for pink (equal bands)."""
    levels = np.array(sound.third_octaves_db) if sound.third_octaves_db else np.zeros(len(_CENTRES))
    energy: F64 = np.interp(np.log(_FREQUENCY), np.log(_CENTRES), levels)
    return np.asarray(10.0 ** (energy / 10.0))


def _moved(before: F64, after: F64, band_hz: tuple[float, float]) -> float:
    inside = (band_hz[0] <= _FREQUENCY) & (band_hz[1] > _FREQUENCY)
    return _decibels(after[inside].sum() / before[inside].sum())


def _decibels(ratio: float) -> float:
    return float(10.0 * np.log10(max(ratio, 1e-20)))


def _response(top: F64, below: F64) -> F64:
    """|H|^2 of a second-order section at ``_FREQUENCY``."""
    z = np.exp(-2j * np.pi * np.minimum(_FREQUENCY, 0.499 * _RATE_HZ) / _RATE_HZ)
    power: F64 = np.abs((top[0] + top[1] * z + top[2] * z**2) / (below[0] + below[1] * z + below[2] * z**2)) ** 2
    return power


# R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients", which ffmpeg's filters follow.


def _highpass(frequency_hz: float) -> tuple[F64, F64]:
    cosine, alpha = _angles(frequency_hz, 0.707)
    return np.array([(1 + cosine) / 2, -(1 + cosine), (1 + cosine) / 2]), np.array([1 + alpha, -2 * cosine, 1 - alpha])


def _low_shelf(gain_db: float) -> tuple[F64, F64]:
    cosine, alpha = _angles(BASS_SHELF_HZ, SHELF_Q)
    a = 10.0 ** (gain_db / 40.0)
    root = 2 * np.sqrt(a) * alpha
    top = [(a + 1) - (a - 1) * cosine + root, 2 * ((a - 1) - (a + 1) * cosine), (a + 1) - (a - 1) * cosine - root]
    below = [(a + 1) + (a - 1) * cosine + root, -2 * ((a - 1) + (a + 1) * cosine), (a + 1) + (a - 1) * cosine - root]
    return a * np.array(top), np.array(below)


def _bell(gain_db: float) -> tuple[F64, F64]:
    angle = 2 * np.pi * PRESENCE_HZ / _RATE_HZ
    alpha = np.sin(angle) * np.sinh(np.log(2) / 2 * PRESENCE_OCTAVES * angle / np.sin(angle))
    a = 10.0 ** (gain_db / 40.0)
    cosine = np.cos(angle)
    return np.array([1 + alpha * a, -2 * cosine, 1 - alpha * a]), np.array([1 + alpha / a, -2 * cosine, 1 - alpha / a])


def _angles(frequency_hz: float, q: float) -> tuple[float, float]:
    angle = 2 * np.pi * frequency_hz / _RATE_HZ
    return float(np.cos(angle)), float(np.sin(angle) / (2 * q))
