"""Beat times by dynamic programming: D. Ellis, "Beat tracking by dynamic programming" (J. New Music Research, 2007)."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

from reelprint.analyze.beats.onsets import OnsetStrength

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

# Ellis's alpha for envelopes in units of their spread: allows a few per cent of drift, not a skipped beat.
_TIGHTNESS = 300.0
# Bass and the backbeat carry the beat; a loud off-beat hi-hat must not.
_BAND_WEIGHTS = np.array([1.3, 1.0, 0.35])


def beat_evidence(onsets: OnsetStrength, period: float) -> F64:
    """(n,) how much a beat is heard at each frame: weighted bands, smoothed to a 32nd of a bar, spread 1."""
    mixed = np.tensordot(_BAND_WEIGHTS, np.minimum(onsets.bands, 6.0), axes=1)
    smooth = scipy.ndimage.gaussian_filter1d(mixed, max(1.0, period / 32.0))
    spread = float(smooth.std())
    evidence: F64 = smooth / spread if spread > 0 else smooth
    return evidence


def track_beats(evidence: F64, period: float) -> I64:
    """Frames of the beats for a period in frames; spans the whole evidence, first to last audible beat."""
    score, back = _forward(evidence, period)
    # the last beat is the best one within the last period: every earlier end is a prefix of a better path
    tail = max(0, len(score) - round(period))
    position = tail + int(np.argmax(score[tail:]))
    frames = []
    while position >= 0:
        frames.append(position)
        position = int(back[position])
    beats = np.array(frames[::-1], dtype=np.int64)
    return _trimmed(beats, evidence)


def _forward(evidence: F64, period: float) -> tuple[F64, I64]:
    """Best score of a beat sequence that ends at each frame, and the beat before it (-1: none)."""
    nearest, farthest = round(period / 1.6), round(period * 1.6)
    gaps = np.arange(farthest, nearest - 1, -1)
    cost = -_TIGHTNESS * np.log(gaps / period) ** 2
    padded = np.full(farthest + len(evidence), -np.inf)
    back = np.full(len(evidence), -1, dtype=np.int64)
    for frame in range(len(evidence)):
        window = padded[frame : frame + len(gaps)] + cost
        best = int(np.argmax(window))
        reach = window[best]
        if reach > 0.0:
            back[frame] = frame - gaps[best]
            padded[farthest + frame] = evidence[frame] + reach
        else:
            padded[farthest + frame] = evidence[frame]
    return padded[farthest:], back


def _trimmed(beats: I64, evidence: F64) -> I64:
    """Without leading and trailing beats that nothing sounds on (Ellis's rule: half the rms of the beats' strength)."""
    if len(beats) < 3:
        return beats
    strength = strengths_at(evidence, beats)
    heard = np.flatnonzero(strength > 0.5 * np.sqrt(np.mean(strength**2)))
    return beats[heard[0] : heard[-1] + 1] if len(heard) else beats[:0]


def strengths_at(evidence: F64, beats: I64, reach: int = 2) -> F64:
    """(k,) the highest evidence within ``reach`` frames of each beat."""
    padded = np.pad(evidence, reach)
    strengths: F64 = np.max([padded[beats + offset] for offset in range(2 * reach + 1)], axis=0)
    return strengths


def refined_times(evidence: F64, beats: I64) -> F64:
    """(k,) beat positions in frames, to a fraction of one by the parabola through the nearest peak."""
    last = len(evidence) - 1
    times = []
    for beat in beats:
        low, high = max(0, beat - 3), min(last, beat + 3)
        peak = low + int(np.argmax(evidence[low : high + 1]))
        if not 0 < peak < last:
            times.append(float(beat))
            continue
        left, middle, right = evidence[peak - 1 : peak + 2]
        bend = left - 2 * middle + right
        times.append(peak + (float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) if bend < 0 else 0.0))
    return np.array(times)
