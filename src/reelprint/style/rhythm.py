"""Where the cuts fall: shot lengths, and the phase of boundaries against the beat.

Phases are circular data; their mean is the angle of the mean unit vector (Mardia & Jupp 2000, section 2.2).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reelprint.core.beat_alignment import ON_BEAT_S
from reelprint.core.shots import ShotList, Transition
from reelprint.core.style import PacingDetail


def boundary_time_s(boundary: Transition) -> float:
    """The moment at which a boundary is felt: a cut's instant, the middle of a gradual transition."""
    return (boundary.start_s + boundary.end_s) / 2


def beat_share(times_s: Sequence[float], beats_s: Sequence[float]) -> float | None:
    """Share 0..1 of ``times_s`` within ON_BEAT_S of a beat; None without times or with fewer than two beats."""
    if not times_s or len(beats_s) < 2:
        return None
    beats = np.asarray(beats_s)
    away = np.abs(np.asarray(times_s)[:, None] - beats[None, :]).min(axis=1)
    return float(np.mean(away <= ON_BEAT_S + 1e-9))


def beat_phase(times_s: Sequence[float], beats_s: Sequence[float]) -> float | None:
    """Mean phase 0..1 (0 on the beat, 0.5 halfway to the next) of the times that lie between two beats.

    None when no time lies between beats, or when the phases cancel out so that a mean says nothing.
    """
    if len(beats_s) < 2:
        return None
    beats = np.asarray(beats_s)
    times = np.asarray([time for time in times_s if beats[0] <= time < beats[-1]])
    if not times.size:
        return None
    at = np.searchsorted(beats, times, side="right") - 1
    phases = (times - beats[at]) / (beats[at + 1] - beats[at])
    mean = np.exp(2j * np.pi * phases).mean()
    if abs(mean) < 1e-6:
        return None
    turn = float(np.angle(mean)) / (2 * np.pi) % 1.0
    return turn if turn < 1.0 else 0.0  # -1e-17 % 1.0 is 1.0 in floating point


def pacing_detail(shots: ShotList, beats_s: Sequence[float]) -> PacingDetail:
    """The rhythm of a film from its shots and beats (seconds)."""
    lengths = tuple(round(shot.duration_s, 4) for shot in shots.shots)
    times = [boundary_time_s(boundary) for boundary in shots.boundaries]
    return PacingDetail(
        shot_lengths_s=lengths,
        median_shot_s=float(np.median(lengths)),
        beat_share=beat_share(times, beats_s),
        beat_phase=beat_phase(times, beats_s),
    )
