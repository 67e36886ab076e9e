"""Loudness, dynamics and tonal balance of a film's sound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.bs1770 import RATE_HZ, HopEnergies, LoudnessMeter, TruePeakMeter
from reelprint.analyze.evidence import Evidence, Known, Tick
from reelprint.analyze.spectrum import BASS_HZ, PRESENCE_HZ, AverageSpectrum
from reelprint.core.sound import LoudnessMeasure

F64 = NDArray[np.float64]

_BLOCK_S = 5.0
_FLOOR_DB = -80.0


class LoudnessAnalyzer:
    """Measures the master shelf in one pass of 5 s blocks; memory grows by one number per 100 ms.

    None when there is no sound, or nothing in it passes the absolute gate of BS.1770 (-70 LUFS): digital
    silence and dither are no programme, and no gain should ever be derived from them. Loudness, range and true peak are
    those of the original channels; the rest is measured on the mono or stereo that a film is made with.
    """

    name = "loudness"
    version = 2

    def measure(self, evidence: Evidence, known: Known, tick: Tick) -> LoudnessMeasure | None:
        """Measure. Raises ValueError when the master shelf is not at 48 kHz."""
        del known
        if evidence.sound is None or not evidence.sound.master.count:
            return None
        shelf = evidence.sound.master
        if shelf.rate_hz != RATE_HZ:
            raise ValueError(f"BS.1770 filters are for {RATE_HZ} Hz, the master shelf has {shelf.rate_hz}")
        meter, peak = LoudnessMeter((1.0,) * shelf.channels), TruePeakMeter(shelf.channels)
        level, spectrum = HopEnergies(), AverageSpectrum(RATE_HZ, shelf.channels)
        done = 0
        for block in shelf.blocks(_BLOCK_S):
            meter.feed(block)
            peak.feed(block)
            level.feed(np.einsum("nc,nc->n", block, block, dtype=np.float64) / shelf.channels)
            spectrum.feed(block)
            done += len(block)
            tick(done / shelf.count)
        surround = evidence.sound.surround
        whole, whole_peak = (meter, peak) if surround is None else (surround.loudness, surround.peak)
        integrated = whole.integrated_lufs()
        if integrated is None:
            return None
        mean_squares = level.values()
        envelope_db = np.maximum(_db(mean_squares), _FLOOR_DB)
        audible = mean_squares[meter.audible_share() > 0]
        return LoudnessMeasure(
            integrated_lufs=integrated,
            range_lu=whole.range_lu(),
            true_peak_dbtp=whole_peak.dbtp(),
            crest_db=peak.dbtp() - float(_db(audible.mean(keepdims=True))[0]),
            bass_db=spectrum.band_db(BASS_HZ),
            presence_db=spectrum.band_db(PRESENCE_HZ),
            noise_floor_db=float(np.percentile(envelope_db, 10)),
            envelope_hz=10.0,
            envelope_db=tuple(round(float(value), 2) for value in envelope_db),
            weighted_db=tuple(round(float(value), 2) for value in np.maximum(whole.hop_lufs(), _FLOOR_DB)),
            third_octaves_db=spectrum.third_octaves_db(),
        )


def _db(mean_square: F64) -> F64:
    """Power to dBFS; silence is -200."""
    result: F64 = 10.0 * np.log10(np.maximum(mean_square, 10.0 ** (-200.0 / 10.0)))
    return result
