"""What picture and sound do over any stretch of a film, looked up in a few steps."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reelprint.core.analysis import Analysis
from reelprint.core.transcript import Word

F64 = NDArray[np.float64]

#: Above the noise floor by this much, there is something to hear.
_HEARD_DB = 6.0
#: Fewer tenths of a second than this say nothing about loudness.
_LEAST_HOPS = 5


@dataclass(frozen=True)
class Level:
    """Mean level in dBFS and its standard deviation in dB, over what is heard in a stretch."""

    mean_db: float
    spread_db: float


class FilmLevels:
    """Running sums over a film: asking for a stretch costs the same whatever its length."""

    def __init__(self, analysis: Analysis, words: Sequence[Word]) -> None:
        self.duration_s = analysis.timing.duration_s
        self._motion(analysis)
        self._faces(analysis)
        self._sound(analysis, words)
        self.film_level = self.level(0.0, self.duration_s)

    def _motion(self, analysis: Analysis) -> None:
        shots, moves = analysis.shots.shots, analysis.motion.shots
        edges = [0.0]
        moved = [0.0]
        for shot, move in zip(shots, moves, strict=False):
            edges.append(max(shot.end_s, edges[-1] + 1e-9))
            moved.append(moved[-1] + move.intensity * (edges[-1] - edges[-2]))
        self._shot_edges, self._moved = np.array(edges), np.array(moved)
        self._look_sums = self._looks(analysis)
        self._cuts = np.array([item.start_s for item in analysis.shots.boundaries])

    def _looks(self, analysis: Analysis) -> F64:
        """Running sums of four numbers a shot: lightness, two colour axes, chroma."""
        looks = [
            (float(np.mean(look.lightness_quantiles)), *look.mean_ab, look.chroma_mean)
            for look in analysis.colour.shot_looks
        ]
        lengths = np.diff(self._shot_edges)[: len(looks), None]
        parts = np.array(looks, dtype=np.float64).reshape(-1, 4)[: len(lengths)] * lengths
        return np.concatenate([np.zeros((1, 4)), np.cumsum(parts, axis=0)])

    def _faces(self, analysis: Analysis) -> None:
        looks: dict[float, bool] = {}
        for point in analysis.focus.points:
            looks[point.time_s] = looks.get(point.time_s, False) or point.source == "face"
        times = sorted(looks)
        self._look_times = np.array(times)
        self._seen = np.concatenate([[0], np.cumsum([looks[time] for time in times])]) if times else np.zeros(1)

    def _sound(self, analysis: Analysis, words: Sequence[Word]) -> None:
        """Only what is said counts where there are words; else what stands out of the noise."""
        loudness = analysis.loudness
        self._rate_hz = loudness.envelope_hz if loudness else 1.0
        self.envelope_db: F64 = np.array(loudness.envelope_db if loudness else (), dtype=np.float64)
        heard = np.zeros(len(self.envelope_db), dtype=bool)
        if loudness and words:
            for word in words:
                heard[int(word.start_s * self._rate_hz) : int(np.ceil(word.end_s * self._rate_hz))] = True
        elif loudness:
            heard = self.envelope_db > loudness.noise_floor_db + _HEARD_DB
        level = np.where(heard, self.envelope_db, 0.0)
        self._hops, self._sum_db, self._sum_square = (
            np.concatenate([[0.0], np.cumsum(item)]) for item in (heard.astype(np.float64), level, level**2)
        )

    def level(self, start_s: float, end_s: float) -> Level | None:
        """Level of what is heard in a stretch; None when nothing was measured there."""
        first, end = (self._hop(time_s) for time_s in (start_s, end_s))
        hops = self._hops[end] - self._hops[first]
        if hops < _LEAST_HOPS:
            return None
        mean = (self._sum_db[end] - self._sum_db[first]) / hops
        square = (self._sum_square[end] - self._sum_square[first]) / hops
        return Level(float(mean), float(np.sqrt(max(0.0, square - mean**2))))

    def quiet_db(self, time_s: float) -> float | None:
        """Level of the tenth of a second at a time, None without sound."""
        hop = int(time_s * self._rate_hz)
        return float(self.envelope_db[hop]) if 0 <= hop < len(self.envelope_db) else None

    def motion(self, start_s: float, end_s: float) -> float:
        """Mean motion intensity of a stretch, 0..100."""
        if end_s <= start_s or len(self._moved) < 2:
            return 0.0
        from_sum, to_sum = np.interp([start_s, end_s], self._shot_edges, self._moved)
        return float(np.clip((to_sum - from_sum) / (end_s - start_s), 0, 100))

    def look(self, start_s: float, end_s: float) -> F64 | None:
        """Mean lightness, two colour axes and chroma (Oklab) of a stretch; None without colours."""
        if len(self._look_sums) != len(self._shot_edges) or end_s <= start_s:
            return None
        sums = [np.interp([start_s, end_s], self._shot_edges, column) for column in self._look_sums.T]
        return np.array([(to_sum - from_sum) / (end_s - start_s) for from_sum, to_sum in sums])

    def cuts(self, start_s: float, end_s: float) -> int:
        """Shot boundaries strictly inside a stretch."""
        low, high = np.searchsorted(self._cuts, [start_s + 1e-3, end_s - 1e-3])
        return int(max(0, high - low))

    def faces(self, start_s: float, end_s: float) -> float | None:
        """Share of the looks at a stretch that found a face, None when nobody looked."""
        low, high = (bisect_left(self._look_times, time_s) for time_s in (start_s, end_s))
        return float(self._seen[high] - self._seen[low]) / (high - low) if high > low else None

    def _hop(self, time_s: float) -> int:
        return int(np.clip(round(time_s * self._rate_hz), 0, len(self.envelope_db)))
