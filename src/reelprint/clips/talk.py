"""Stretches of talk: from the beginning of a sentence to the end of one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from reelprint.clips.edges import Edges
from reelprint.clips.sentences import Sentence, pauses_at
from reelprint.clips.stretches import Stretch
from reelprint.core.clips import ClipOptions

#: From each beginning, one end is tried in each of so many length classes: the one with the longest pause after it.
_LENGTH_CLASSES = 6
#: More beginnings than these are thinned, the longest pauses first (a film of many hours).
_MOST_STARTS = 4000
#: A pause longer than this is no better an end.
_FULL_PAUSE_S = 1.5
#: What silence around the speech can add to its length.
_SLACK_S = 2.5
#: Where a sentence has to be cut, a mark is worth this many seconds of pause.
_MARK_WORTH_S = 0.6


class TalkStretches:
    """Finds the stretches of one film."""

    def __init__(self, sentences: Sequence[Sentence], edges: Edges, options: ClipOptions) -> None:
        count = len(edges.words)
        self._edges = edges
        # A sentence that goes on after the last frame ends with the film.
        self._firsts = [sentence.first_word for sentence in sentences if sentence.first_word < count]
        self._lasts = [min(count, sentence.end_word) for sentence in sentences if sentence.first_word < count]
        self._shortest_s, self._longest_s = options.clip_min_seconds, options.clip_max_seconds
        words = edges.words
        self._sentence_ends_s = [words[end - 1].end_s for end in self._lasts]
        self._word_ends_s = [word.end_s for word in words]

    def find(self) -> list[Stretch]:
        """All stretches, in order of their beginning. Every length is within the bounds, no edge inside a word."""
        found: list[Stretch] = []
        seen = set(self._firsts)
        waiting = self._thinned()[::-1]
        while waiting:
            first = waiting.pop()
            here = self._from_sentences(first) or self._padded(first)
            if not here:
                here = self._cut_sentence(first)
                for stretch in here:
                    # The rest of a sentence that is longer than a clip may be a clip too.
                    if stretch.end_word not in seen and stretch.end_word < len(self._edges.words):
                        seen.add(stretch.end_word)
                        waiting.append(stretch.end_word)
            found.extend(here)
        return sorted(found, key=lambda item: (item.first_word, item.end_word))

    def _thinned(self) -> list[int]:
        if len(self._firsts) <= _MOST_STARTS:
            return self._firsts
        ranked = sorted(self._firsts, key=lambda first: (-self._edges.pause_s(first), first))
        return sorted(ranked[:_MOST_STARTS])

    def _stretch(self, first: int, end: int, *, padded: bool = False) -> Stretch | None:
        placed = self._edges.place(first, end, self._shortest_s, self._longest_s, padded=padded)
        if placed is None:
            return None
        return Stretch(*placed, first, end, opens=_holds(self._firsts, first), closes=_holds(self._lasts, end))

    def _from_sentences(self, first: int) -> list[Stretch]:
        """One stretch for each length class that has a sentence end."""
        begun_s = self._edges.words[first].start_s
        low = bisect_left(self._sentence_ends_s, begun_s + self._shortest_s - _SLACK_S)
        high = bisect_right(self._sentence_ends_s, begun_s + self._longest_s)
        low = max(low, bisect_right(self._lasts, first))
        width_s = max(1e-6, (self._longest_s - self._shortest_s) / _LENGTH_CLASSES)
        best: dict[int, tuple[float, Stretch]] = {}
        for end in self._lasts[low:high]:
            stretch = self._stretch(first, end)
            if stretch is None:
                continue
            kind = min(_LENGTH_CLASSES - 1, int((stretch.duration_s - self._shortest_s) / width_s))
            pause_s = min(_FULL_PAUSE_S, self._edges.pause_s(end))
            if kind not in best or pause_s > best[kind][0]:
                best[kind] = (pause_s, stretch)
        return [stretch for _, stretch in best.values()]

    def _padded(self, first: int) -> list[Stretch]:
        """The longest run of whole sentences that is too short, with silence around it that makes it long enough."""
        begun_s = self._edges.words[first].start_s
        high = bisect_right(self._sentence_ends_s, begun_s + self._longest_s)
        low = bisect_right(self._lasts, first)
        if high <= low:
            return []
        stretch = self._stretch(first, self._lasts[high - 1], padded=True)
        return [stretch] if stretch else []

    def _cut_sentence(self, first: int) -> list[Stretch]:
        """A stretch that ends inside a sentence that is too long: after a mark, or in the longest pause there is."""
        begun_s = self._edges.words[first].start_s
        low = max(first, bisect_left(self._word_ends_s, begun_s + self._shortest_s - _SLACK_S))
        high = bisect_right(self._word_ends_s, begun_s + self._longest_s)
        best: tuple[float, int, Stretch] | None = None
        for last in range(low, high):
            pause_s = min(_FULL_PAUSE_S, self._edges.pause_s(last + 1))
            worth = pause_s + _MARK_WORTH_S * pauses_at(self._edges.words[last].text)
            if best is None or (worth, last) > best[:2]:
                stretch = self._stretch(first, last + 1)
                if stretch is not None:
                    best = (worth, last, stretch)
        if best is None and high > first:
            padded = self._stretch(first, high, padded=True)
            return [padded] if padded else []
        return [best[2]] if best else []


def _holds(ordered: Sequence[int], value: int) -> bool:
    at = bisect_left(ordered, value)
    return at < len(ordered) and ordered[at] == value
