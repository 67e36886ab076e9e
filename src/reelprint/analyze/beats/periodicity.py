"""How strongly onsets repeat after a time, per band and between bands: what tempo is decided from."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from reelprint.analyze.beats.onsets import FRAMES_PER_S, OnsetStrength

F64 = NDArray[np.float64]

_WINDOW_S = 12.0
_STEP_S = 4.0
_LONGEST_LAG_S = 5.0
#: Multiples of a candidate period at which repetition is looked up.
MULTIPLES = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1.0, 4 / 3, 3 / 2, 2.0, 3.0, 4.0)
#: Lines of a ``Periodicity``: each band with itself, all bands together, and bass against mid.
LINES = ("bass", "mid", "treble", "all", "bass-mid")


class Periodicity:
    """Autocorrelation of the onset bands, averaged over 12 s windows so that a drifting tempo does not blur it.

    ``lines``: (5, lags) as in LINES, 1 at lag 0 for the autocorrelations.
    """

    def __init__(self, onsets: OnsetStrength) -> None:
        bands = scipy.ndimage.gaussian_filter1d(onsets.bands, 1.0, axis=1)
        signals = np.concatenate([bands, bands.sum(axis=0, keepdims=True)])
        length = signals.shape[1]
        window = min(length, int(_WINDOW_S * FRAMES_PER_S))
        self._lags = min(int(_LONGEST_LAG_S * FRAMES_PER_S), max(1, window - 1))
        starts = range(0, max(1, length - window + 1), int(_STEP_S * FRAMES_PER_S))
        total = np.zeros((len(LINES), self._lags))
        for start in starts:
            total += self._correlate(signals[:, start : start + window])
        self.lines: F64 = total / len(starts)
        self._near: F64 = scipy.ndimage.maximum_filter1d(self.lines, 3, axis=1)

    def _correlate(self, piece: F64) -> F64:
        piece = piece - piece.mean(axis=1, keepdims=True)
        count = piece.shape[1]
        spectrum = rfft(piece, next_fast_len(2 * count, real=True), axis=1)
        own = irfft(spectrum * spectrum.conj(), axis=1)[:, : self._lags]
        across = irfft(spectrum[0].conj() * spectrum[1] + spectrum[1].conj() * spectrum[0])[: self._lags] / 2
        energy = np.maximum(own[:, :1], 1e-9)
        overlap = count / (count - np.arange(self._lags))
        both = np.sqrt(energy[0] * energy[1])
        correlation: F64 = np.concatenate([own / energy, (across / both)[None]]) * overlap
        return correlation

    def at(self, lags: F64) -> F64:
        """(5, k) repetition strength at lags in frames; the best within one frame, 0 past the longest lag."""
        grid = np.arange(self._lags)
        return np.stack([np.interp(lags, grid, line, right=0.0) for line in self._near])

    def features(self, period: float) -> F64:
        """(5 * len(MULTIPLES),) strengths at the multiples of a period in frames."""
        return self.at(np.array(MULTIPLES) * period).ravel()

    def salience(self, periods: F64) -> F64:
        """(k,) how pulse-like each period is: mean repetition of all bands after 1 to 4 periods."""
        strengths: F64 = np.mean([self.at(periods * multiple)[3] for multiple in (1, 2, 3, 4)], axis=0)
        return strengths
