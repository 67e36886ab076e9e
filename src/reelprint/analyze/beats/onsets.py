"""Onset strength: how much the spectrum brightens, every 10 ms, in three bands.

Log-mel spectral flux with a maximum filter over frequency, after S. Boeck and G. Widmer, "Maximum filter vibrato
suppression for onset detection" (DAFx 2013): a pad's vibrato moves energy between neighbouring bands and is no onset.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.fft import rfft

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

RATE_HZ = 16_000
HOP = 160
FRAMES_PER_S = RATE_HZ // HOP
_WINDOW = 1024
_MEL_BANDS = 48
_LAG = 3
"""frames back that the flux compares with: half a window, so that a new sound is not compared with its own start"""
BASS_BELOW_HZ, TREBLE_ABOVE_HZ = 200.0, 3000.0
_LOCAL_S = 3.0

#: An onset enters a frame's window before its middle and the logarithm sees it there, so the flux peaks early.
#: Measured on ideal onsets (clicks, tone bursts, drum hits); tests/unit/sound holds it within 10 ms.
LATENCY_S = -0.006


@dataclass(frozen=True)
class OnsetStrength:
    """Onset strength at FRAMES_PER_S.

    ``bands``: (3, n) bass, mid, treble; 0 upwards, 1 is the spread of that band's flux around that moment.
    ``rise``: (3, n) how much the bands' magnitude rises, on one scale for all three: says which band leads.
    """

    bands: F64
    rise: F64

    @property
    def frames(self) -> int:
        """How many frames, n."""
        return int(self.bands.shape[1])

    def cut(self, start: int, stop: int) -> OnsetStrength:
        """Frames [start, stop)."""
        return OnsetStrength(self.bands[:, start:stop], self.rise[:, start:stop])


class OnsetDetector:
    """Takes (n,) float32 blocks at 16 kHz; keeps six numbers per 10 ms."""

    def __init__(self) -> None:
        self._window: F32 = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
        self._mel, centres = _mel_filters()
        self._split = np.searchsorted(centres, (BASS_BELOW_HZ, TREBLE_ABOVE_HZ))
        # zeros before the first sample put the middle of frame i at i / 100 s
        self._rest: F32 = np.zeros(_WINDOW // 2, np.float32)
        self._history: F32 = np.zeros((0, _MEL_BANDS), np.float32)
        self._flux: list[F32] = []

    def feed(self, samples: F32) -> None:
        """Take the next samples."""
        self._advance(np.concatenate([self._rest, samples]))

    def finish(self) -> OnsetStrength:
        """Close the signal and give the strengths, normalised by their local mean and spread (3 s)."""
        self._advance(np.concatenate([self._rest, np.zeros(_WINDOW // 2, np.float32)]))
        lines = np.concatenate([*self._flux, np.zeros((0, 6), np.float32)]).T.astype(np.float64)
        return OnsetStrength(np.stack([_normalised(line) for line in lines[:3]]), lines[3:])

    def _advance(self, joined: F32) -> None:
        count = max(0, (len(joined) - _WINDOW) // HOP + 1)
        self._rest = joined[count * HOP :]
        if not count:
            return
        frames = np.lib.stride_tricks.sliding_window_view(joined, _WINDOW)[: count * HOP : HOP]
        bins = rfft(frames * self._window, axis=1)
        power = bins.real**2 + bins.imag**2
        mel = np.log1p(_COMPRESSION * np.sqrt(power @ self._mel))
        if not len(self._history):
            self._history = np.repeat(mel[:1], _LAG, axis=0)  # the first sample of a film is no onset
        joined_mel = np.concatenate([self._history, mel])
        before = scipy.ndimage.maximum_filter1d(joined_mel[:-_LAG], 3, axis=1)
        flux = np.maximum(mel - before, 0.0)
        # undone, the logarithm gives magnitudes back, whose rises can be compared between bands
        rise = np.maximum(np.expm1(mel) - np.expm1(before), 0.0)
        low, high = self._split
        bands = (slice(0, low), slice(low, high), slice(high, None))
        self._flux.append(
            np.stack([*(flux[:, band].mean(1) for band in bands), *(rise[:, band].sum(1) for band in bands)], axis=1)
        )
        self._history = joined_mel[-_LAG:]


_COMPRESSION = 20.0


def _mel_filters() -> tuple[F32, F64]:
    """(bins, bands) triangular filters from 30 to 7900 Hz on the mel scale (O'Shaughnessy), and their centres in Hz."""

    def to_mel(hz: F64) -> F64:
        mel: F64 = 2595.0 * np.log10(1.0 + hz / 700.0)
        return mel

    lowest, highest = to_mel(np.array([30.0, 7900.0]))
    edges_mel = np.linspace(float(lowest), float(highest), _MEL_BANDS + 2)
    edges = 700.0 * (10.0 ** (edges_mel / 2595.0) - 1.0)
    frequency = np.arange(_WINDOW // 2 + 1) * RATE_HZ / _WINDOW
    filters = np.zeros((len(frequency), _MEL_BANDS))
    for band in range(_MEL_BANDS):
        low, centre, high = edges[band : band + 3]
        filters[:, band] = np.clip(
            np.minimum((frequency - low) / (centre - low), (high - frequency) / (high - centre)), 0, 1
        )
    return filters.astype(np.float32), edges[1:-1]


def _normalised(flux: F64) -> F64:
    """Over the local mean, in units of the local spread, so that quiet passages keep their rhythm."""
    if not len(flux):
        return flux
    size = int(_LOCAL_S * FRAMES_PER_S)
    mean = scipy.ndimage.uniform_filter1d(flux, size, mode="nearest")
    spread = np.sqrt(np.maximum(scipy.ndimage.uniform_filter1d((flux - mean) ** 2, size, mode="nearest"), 0.0))
    # where a band holds nothing but noise its spread is tiny; it must not be blown up
    floor = max(0.25 * float(np.sqrt(np.mean((flux - mean) ** 2))), 1e-4)
    result: F64 = np.maximum(flux - mean, 0.0) / np.maximum(spread, floor)
    return result
