"""The long-term average spectrum of a sound, and how far its bass and presence stand from a neutral one."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft

from reelprint.core.sound import THIRD_OCTAVES_HZ

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

_WINDOW = 4096
_FLOOR_DB = -80.0
BASS_HZ = (40.0, 150.0)
BODY_HZ = (200.0, 2000.0)
PRESENCE_HZ = (2000.0, 5000.0)

#: The neutral spectrum: IEC 60268-1 simulated programme signal, which stands for the average of speech and music.
#: Third-octave centre frequency in Hz -> level in dB relative to pink noise.
PROGRAMME_DB = {
    20: -13.5, 25: -10.2, 31.5: -7.4, 40: -5.2, 50: -3.5, 63: -2.3, 80: -1.4, 100: -0.9, 125: -0.5, 160: -0.2,
    200: -0.1, 250: 0.0, 315: 0.0, 400: 0.0, 500: 0.0, 630: 0.0, 800: 0.0, 1000: -0.1, 1250: -0.3, 1600: -0.6,
    2000: -1.0, 2500: -1.6, 3150: -2.5, 4000: -3.7, 5000: -5.1, 6300: -7.0, 8000: -9.0, 10000: -11.4,
    12500: -13.9, 16000: -16.7, 20000: -19.6,
}  # fmt: skip


class AverageSpectrum:
    """Welch's averaged periodogram (Hann, 4096 samples, half overlapped) of blocks at one rate.

    Channels are averaged as power, so nothing cancels. Loud parts weigh most, which is what a listener would call
    the sound of the film; pauses do not count.
    """

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate_hz = rate_hz
        self._window: F32 = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
        self._power: F64 = np.zeros(_WINDOW // 2 + 1)
        self._rest: F32 = np.zeros((0, channels), np.float32)

    def feed(self, block: F32) -> None:
        """Take the next samples, (n, channels)."""
        joined = np.concatenate([self._rest, block])
        hop = _WINDOW // 2
        count = max(0, (len(joined) - _WINDOW) // hop + 1)
        for channel in range(joined.shape[1]) if count else ():
            line = np.ascontiguousarray(joined[:, channel])
            frames = np.lib.stride_tricks.sliding_window_view(line, _WINDOW)[: count * hop : hop]
            bins = rfft(frames * self._window, axis=1)
            self._power += (bins.real**2 + bins.imag**2).sum(axis=0, dtype=np.float64)
        self._rest = joined[count * hop :]

    def band_db(self, band_hz: tuple[float, float]) -> float:
        """Energy of a band over that of the body (200 Hz - 2 kHz), against the same relation in the neutral spectrum.

        dB, 0 = neutral, limited to +-60. A shelf of g dB on the band moves it by about g.
        """
        power = self._power
        if not power.any():
            return 0.0
        frequency = np.arange(len(power)) * self._rate_hz / _WINDOW
        inside = [float(power[(frequency >= low) & (frequency < high)].sum()) for low, high in (band_hz, BODY_HZ)]
        if min(inside) <= 0.0:
            return -60.0 if inside[0] <= 0.0 else 60.0
        measured = 10.0 * math.log10(inside[0] / inside[1])
        return float(np.clip(measured - neutral_band_db(band_hz), -60.0, 60.0))

    def third_octaves_db(self) -> tuple[float, ...]:
        """Energy of each third octave over that of the body, dB, at least -80; empty for digital silence.

        Bands are cut out of the running sum of the spectrum, because the lowest are narrower than a bin.
        """
        edges = np.array(THIRD_OCTAVES_HZ)[:, None] * 10.0 ** np.array([-0.05, 0.05])
        bins = (np.arange(len(self._power) + 1) - 0.5) * self._rate_hz / _WINDOW
        total = np.concatenate([[0.0], np.cumsum(self._power)])
        body = float(np.diff(np.interp(BODY_HZ, bins, total))[0])
        if body <= 0.0:
            return ()
        energy = np.diff(np.interp(edges, bins, total), axis=1)[:, 0]
        levels = 10.0 * np.log10(np.maximum(energy / body, 10.0 ** (_FLOOR_DB / 10.0)))
        return tuple(round(float(level), 2) for level in levels)


def neutral_band_db(band_hz: tuple[float, float]) -> float:
    """Energy of a band over that of the body in the IEC 60268-1 programme signal, dB."""
    return 10.0 * math.log10(_programme_energy(band_hz) / _programme_energy(BODY_HZ))


def _programme_energy(band_hz: tuple[float, float]) -> float:
    """Integral over log frequency of pink noise with the programme weighting (levels interpolated)."""
    grid = np.linspace(math.log(band_hz[0]), math.log(band_hz[1]), 200)
    level = np.interp(grid, np.log(list(PROGRAMME_DB)), list(PROGRAMME_DB.values()))
    return float(np.trapezoid(10.0 ** (level / 10.0), grid))
