"""Where exactly a clip may begin and end: in the pause around a word, at a picture cut when one is near."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from reelprint.core.analysis import Analysis
from reelprint.core.transcript import Word

#: What is left of the pause before the first and after the last word. Shares of a short pause, so that two clips that
#: meet in it never overlap.
_LEAD_S, _LEAD_SHARE = 0.25, 0.45
_TAIL_S, _TAIL_SHARE = 0.35, 0.55
#: A picture cut this near to the speech is taken instead, as are the first and the last moment of the film.
_SNAP_S = 1.0
_MILLI = 1000
_EXACT_S = 1e-6
#: How far an end is moved to meet the bounds: rounding errors, nothing that can be seen.
_NEAR_S = 0.002

Span = tuple[float, float]


class Edges:
    """The pauses of a film. ``words`` that go on after the last frame are not counted among those that can be used."""

    def __init__(self, words: Sequence[Word], analysis: Analysis) -> None:
        self.duration_s = analysis.timing.duration_s
        count = len(words)
        while count and words[count - 1].end_s > self.duration_s:
            count -= 1
        self.words = tuple(words[:count])
        begin_s = [word.start_s for word in words]
        self._starts = [*begin_s[:count], min([self.duration_s, *begin_s[count : count + 1]])]
        self._ends = [0.0, *(word.end_s for word in self.words)]
        boundaries = analysis.shots.boundaries
        inside = [item for item in boundaries if item.start_s > 0 and item.end_s < self.duration_s]
        #: A clip may end before a gradual transition begins, and begin when it is over; a hard cut is both at once.
        self.film_ends = [item.start_s for item in inside]
        self.film_starts = [item.end_s for item in inside]

    def free(self, index: int) -> Span:
        """The stretch without words before word ``index`` (0..number of words); it may be empty."""
        end_s = self._starts[index]
        return min(self._ends[index], end_s), end_s

    def pause_s(self, index: int) -> float:
        """Seconds without words before word ``index``."""
        start_s, end_s = self.free(index)
        return end_s - start_s

    def start_at(self, index: int) -> float:
        """Where a clip begins whose first word is ``index``."""
        from_s, to_s = self.free(index)
        low_s = max(from_s, to_s - _SNAP_S)
        cuts = _between(self.film_starts, low_s, to_s)
        if cuts:
            return cuts[-1]
        if low_s <= 0:
            return 0.0
        return to_s - min(_LEAD_S, _LEAD_SHARE * (to_s - from_s))

    def end_at(self, index: int) -> float:
        """Where a clip ends whose last word is the one before ``index``."""
        from_s, to_s = self.free(index)
        high_s = min(to_s, from_s + _SNAP_S)
        cuts = _between(self.film_ends, from_s, high_s)
        if cuts:
            return cuts[0]
        if high_s >= self.duration_s:
            return self.duration_s
        return from_s + min(_TAIL_S, _TAIL_SHARE * (to_s - from_s))

    def place(self, first: int, end: int, shortest_s: float, longest_s: float, *, padded: bool = False) -> Span | None:
        """Begin and end of a clip of words [first, end) whose length is within the bounds, or None.

        ``padded``: what is too short may take more of the silence after it, then before it.
        """
        earliest_s, spoken_from_s = self.free(first)
        spoken_to_s, latest_s = self.free(end)
        start_s, end_s = self.start_at(first), self.end_at(end)
        over_s = end_s - start_s - longest_s
        if over_s > 0:
            end_s = max(spoken_to_s, end_s - over_s)
            start_s = min(spoken_from_s, max(start_s, end_s - longest_s))
        if end_s - start_s < shortest_s and padded:
            end_s = max(end_s, min(latest_s, start_s + shortest_s))
            start_s = min(start_s, max(earliest_s, end_s - shortest_s))
        start_s = self._rounded(start_s, (earliest_s, spoken_from_s))
        return self.bounded(start_s, end_s, (spoken_to_s, latest_s), shortest_s, longest_s)

    def bounded(self, start_s: float, end_s: float, room: Span, shortest_s: float, longest_s: float) -> Span | None:
        """A clip whose length is within the bounds to a microsecond, or None.

        The end is in milliseconds, unless ``room``, the stretch that it may lie in, or the bounds leave none.
        """
        in_milli = (
            round(end_s * _MILLI),
            math.floor((start_s + shortest_s) * _MILLI) + 1,
            math.ceil((start_s + longest_s) * _MILLI) - 1,
        )
        times = [*(milli / _MILLI for milli in in_milli), end_s, start_s + longest_s, start_s + shortest_s]
        held = [min(max(time_s, room[0]), room[1]) for time_s in times]
        near = [time_s for time_s in held if abs(time_s - end_s) < _NEAR_S]
        for slack_s in (0.0, _EXACT_S):
            for time_s in near:
                if shortest_s - slack_s <= time_s - start_s <= longest_s + slack_s:
                    return start_s, time_s
        return None

    def inside_word(self, time_s: float) -> bool:
        """Whether a time is strictly inside a word."""
        before = bisect_left(self._starts, time_s) - 1
        if before < 0:
            return False
        end_s = self._ends[before + 1] if before < len(self.words) else math.inf
        return time_s < end_s and time_s < self.duration_s

    def words_in(self, start_s: float, end_s: float) -> tuple[int, int]:
        """The words [first, end) that lie whole in a stretch."""
        first = bisect_left(self._starts, start_s, hi=len(self.words))
        end = bisect_right(self._ends, end_s) - 1
        return first, max(first, end)

    @staticmethod
    def _rounded(time_s: float, room: Span) -> float:
        """To milliseconds, which people can read, without leaving the room."""
        return min(max(round(time_s * _MILLI) / _MILLI, room[0]), room[1])


def _between(times: Sequence[float], low_s: float, high_s: float) -> Sequence[float]:
    return times[bisect_left(times, low_s) : bisect_right(times, high_s)]
