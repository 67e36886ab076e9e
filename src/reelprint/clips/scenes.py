"""Stretches of a film in which nobody speaks: from one picture boundary to another, or between calm moments."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

import numpy as np

from reelprint.clips.edges import Edges, Span
from reelprint.clips.levels import FilmLevels
from reelprint.clips.stretches import Stretch
from reelprint.core.clips import ClipOptions

#: From each beginning, one end is tried in each of so many length classes.
_LENGTH_CLASSES = 4
#: Inside a long shot, beginnings are tried this many minimum lengths apart.
_STEP = 0.5
_MOST_STARTS = 1500
#: Length of a clip in a long shot, when the bounds allow it.
_GOOD_LENGTH_S = 30.0
_GRID_S = 0.1
_SHORT = 1.5
#: Edges this near to each other are one.
_SAME_S = 0.02


class SceneStretches:
    """Finds stretches by picture and sound alone."""

    def __init__(self, edges: Edges, levels: FilmLevels, options: ClipOptions) -> None:
        self._edges, self._levels = edges, levels
        self._shortest_s, self._longest_s = options.clip_min_seconds, options.clip_max_seconds

    def find(self, room: Span) -> list[Stretch]:
        """Stretches inside ``room``, in order of their beginning; no edge is inside a word."""
        found: dict[tuple[float, float], Stretch] = {}
        ends = self._clear([*_inside(self._edges.film_ends, room), room[1]])
        for start_s in self._starts(room):
            low = bisect_left(ends, start_s + self._shortest_s)
            high = bisect_right(ends, start_s + self._longest_s)
            good_s = start_s + min(self._longest_s, max(self._shortest_s, _GOOD_LENGTH_S))
            tried = self._one_a_class(start_s, ends[low:high]) or self._calm_end(start_s, good_s, room)
            if not any(end_s <= start_s + _SHORT * self._shortest_s for end_s in tried):
                # Nothing short: where many clips are asked for, a shot may have to give more than one.
                tried = [*tried, *self._calm_end(start_s, start_s + self._shortest_s, room)]
            for end_s in tried:
                stretch = self._stretch(start_s, end_s, room)
                if stretch is not None:
                    found[stretch.start_s, stretch.end_s] = stretch
        return sorted(found.values(), key=lambda item: (item.start_s, item.end_s))

    def _starts(self, room: Span) -> list[float]:
        cuts = [room[0], *_inside(self._edges.film_starts, room)]
        step_s = max(self._shortest_s * _STEP, (room[1] - room[0]) / _MOST_STARTS)
        latest_s = room[1] - self._shortest_s
        between = []
        for cut_s, next_s in zip(cuts, [*cuts[1:], room[1]], strict=True):
            # A shot that gives no two clips is not begun in its middle.
            if next_s - cut_s >= 2 * self._shortest_s:
                between += list(np.arange(cut_s + step_s, min(next_s - step_s, latest_s), step_s))
        starts = self._clear([time_s for time_s in sorted([*cuts, *between]) if time_s <= latest_s + _SAME_S])
        thin = max(1, -(-len(starts) // (2 * _MOST_STARTS)))
        return starts[::thin]

    def _clear(self, times: list[float]) -> list[float]:
        return [float(time_s) for time_s in times if not self._edges.inside_word(time_s)]

    def _one_a_class(self, start_s: float, ends: list[float]) -> list[float]:
        width_s = max(1e-6, (self._longest_s - self._shortest_s) / _LENGTH_CLASSES)
        classes = {int((end_s - start_s - self._shortest_s) / width_s): end_s for end_s in ends}
        return list(classes.values())

    def _calm_end(self, start_s: float, good_s: float, room: Span) -> list[float]:
        """Where no boundary ends a stretch: the quietest moment near a good one."""
        latest_s = min(room[1], start_s + self._longest_s)
        best: tuple[float, float] | None = None
        for time_s in self._moments(start_s + self._shortest_s, latest_s):
            quiet_db = self._levels.quiet_db(time_s)
            # A second away from the good length weighs as much as one decibel.
            worth = abs(time_s - good_s) + (quiet_db if quiet_db is not None else 0.0)
            if best is None or worth < best[0]:
                best = (worth, time_s)
        return [best[1]] if best else []

    def _moments(self, low_s: float, high_s: float) -> Iterator[float]:
        for number in range(int((high_s - low_s) / _GRID_S) + 1):
            time_s = low_s + number * _GRID_S
            if not self._edges.inside_word(time_s):
                yield time_s
        if high_s > low_s and not self._edges.inside_word(high_s):
            yield high_s

    def _stretch(self, start_s: float, end_s: float, room: Span) -> Stretch | None:
        """With edges in milliseconds where no word is near enough to mind."""
        rounded_s = round(start_s, 3)
        if room[0] <= rounded_s and not self._edges.inside_word(rounded_s):
            start_s = rounded_s
        free = (end_s, end_s) if self._edges.inside_word(round(end_s, 3)) else (room[0], room[1])
        placed = self._edges.bounded(start_s, end_s, free, self._shortest_s, self._longest_s)
        if placed is None or any(self._edges.inside_word(time_s) for time_s in placed):
            return None
        first, end = self._edges.words_in(*placed)
        cut_in = _near(self._edges.film_starts, placed[0]) or placed[0] <= _SAME_S
        cut_out = _near(self._edges.film_ends, placed[1]) or placed[1] >= self._edges.duration_s - _SAME_S
        return Stretch(*placed, first, end, opens=False, closes=False, cut_in=cut_in, cut_out=cut_out)


def _inside(times: list[float], room: Span) -> list[float]:
    return times[bisect_right(times, room[0]) : bisect_left(times, room[1])]


def _near(times: list[float], time_s: float) -> bool:
    at = bisect_left(times, time_s - _SAME_S)
    return at < len(times) and times[at] <= time_s + _SAME_S
