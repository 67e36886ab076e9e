"""Silences: stretches under a floor that follows from the sound's own levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reelprint.core.sound import Span

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Flags = NDArray[np.bool_]

HOP_S = 0.01
SHORTEST_S = 0.3
#: Nothing under this is heard at any playback level; nothing over ``_HIGHEST_DB`` is called silence.
_LOWEST_DB, _HIGHEST_DB = -60.0, -30.0
# How far a floor has to be under the voice: closures inside words and room tone stay apart from pauses.
_UNDER_VOICE_DB = 15.0
_OVER_NOISE_SHARE = 0.3


class LevelTrack:
    """RMS level per 10 ms of mono blocks of any length."""

    def __init__(self, rate_hz: int) -> None:
        self._hop = round(rate_hz * HOP_S)
        self._rest: F32 = np.zeros(0, np.float32)
        self._power: list[F64] = []

    def feed(self, samples: F32) -> None:
        """Take the next (n,) samples."""
        joined = np.concatenate([self._rest, samples])
        whole = len(joined) // self._hop
        frames = joined[: whole * self._hop].reshape(whole, self._hop)
        self._power.append(np.einsum("fs,fs->f", frames, frames, dtype=np.float64) / self._hop)
        self._rest = joined[whole * self._hop :]

    def db(self) -> F64:
        """(n,) dBFS, averaged over 50 ms so that a glottal pulse or a click is no event; -120 = digital silence."""
        power = np.concatenate([*self._power, np.zeros(0)])
        if len(power) >= 5:
            power = np.convolve(np.pad(power, 2, mode="edge"), np.full(5, 0.2), mode="valid")
        level: F64 = 10.0 * np.log10(np.maximum(power, 1e-12))
        return level


def speech_floor_db(level_db: F64, speaks: Flags) -> float:
    """The level under which nobody speaks, dBFS.

    It lies 30 % of the way from the noise (5th percentile of the level) to the voice (median level of the speaking
    frames; without speech the 90th percentile of all), at least 15 dB under the voice, and between -60 and -30 dBFS.
    """
    count = min(len(level_db), len(speaks))
    voiced = level_db[:count][speaks[:count]]
    voice = float(np.median(voiced)) if len(voiced) >= 20 else float(np.percentile(level_db, 90))
    audible = level_db[level_db > _LOWEST_DB - 20.0]
    noise = float(np.percentile(audible, 5)) if len(audible) else _LOWEST_DB
    floor = min(noise + _OVER_NOISE_SHARE * max(0.0, voice - noise), voice - _UNDER_VOICE_DB)
    return float(np.clip(floor, _LOWEST_DB, _HIGHEST_DB))


def silent_spans(level_db: F64, speaks: Flags, duration_s: float) -> tuple[Span, ...]:
    """Stretches of at least 0.3 s under the floor. ``level_db`` and ``speaks`` have one value per 10 ms."""
    if not len(level_db):
        return (Span(start_s=0.0, end_s=duration_s),)
    quiet = level_db < speech_floor_db(level_db, speaks)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
    spans = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        # the level track can end a few milliseconds before the film, and the film before the sound
        start_s = float(start) * HOP_S
        end_s = duration_s if end == len(quiet) else min(float(end) * HOP_S, duration_s)
        if end_s - start_s >= SHORTEST_S:
            spans.append(Span(start_s=round(start_s, 3), end_s=round(end_s, 3)))
    return tuple(spans)
