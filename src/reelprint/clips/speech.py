"""All that is said in a film, prepared so that parts of scores can ask about any stretch."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from reelprint.clips.languages import lists_of
from reelprint.clips.sentences import Sentence
from reelprint.clips.terms import bare, stem, without_spaces
from reelprint.core.transcript import Word, written

#: A silence inside the talk longer than this is a pause for thought.
_PAUSE_S = 0.7
_QUOTE_CHARS = 48


class Speech:
    """Words, sentences and their terms, with running sums over the words."""

    def __init__(self, words: Sequence[Word], sentences: Sequence[Sentence], language: str | None) -> None:
        self.words, self.sentences, self.language = tuple(words), tuple(sentences), language
        self.lists = lists_of(language)
        self.spaced = not without_spaces(words)
        self.terms = tuple(bare(word.text) for word in words)
        self.stems = tuple(stem(term, language) for term in self.terms)
        self.fillers = self._fillers()
        stop = self.lists.stop
        content = [bool(term) and term not in stop and index not in self.fillers
                   for index, term in enumerate(self.terms)]  # fmt: skip
        self.content = tuple(content)
        emotive = self.lists.emotive_stems
        self.emotive = [i for i, root in enumerate(self.stems) if content[i] and root in emotive]
        gaps = [max(0.0, after.start_s - word.end_s) for word, after in pairwise(words)]
        units = [float(bool(term)) if self.spaced else float(len(term)) for term in self.terms]
        self._content_sum = _running(content)
        self._filler_sum = _running(index in self.fillers for index in range(len(words)))
        self._pause_sum = _running(gap if gap > _PAUSE_S else 0.0 for gap in gaps)
        self._unit_sum = _running(units)
        self._firsts = [sentence.first_word for sentence in sentences]
        between = [after.start_s - before.end_s for before, after in pairwise(sentences)]
        #: Median silence between two sentences, in seconds.
        self.usual_pause_s = float(np.median(between)) if between else 0.0
        spoken_s = sum(sentence.end_s - sentence.start_s for sentence in sentences)
        #: Words (letters in scripts without spaces) a second, over all that is said.
        self.film_rate = self._unit_sum[-1] / spoken_s if spoken_s > 0 else 0.0

    def sentence_of(self, word: int) -> Sentence:
        """The sentence that holds a word."""
        return self.sentences[bisect_right(self._firsts, word) - 1]

    def sentences_in(self, first: int, end: int) -> tuple[Sentence, ...]:
        """Sentences that begin inside words [first, end)."""
        return self.sentences[bisect_left(self._firsts, first) : bisect_left(self._firsts, end)]

    def contents(self, first: int, end: int) -> int:
        """How many content words, fillers and stop words left out."""
        return int(self._content_sum[end] - self._content_sum[first])

    def filler_count(self, first: int, end: int) -> int:
        """How many words of words [first, end) only fill."""
        return int(self._filler_sum[end] - self._filler_sum[first])

    def units(self, first: int, end: int) -> float:
        """How many words, or letters in scripts without spaces."""
        return float(self._unit_sum[end] - self._unit_sum[first])

    def pauses_s(self, first: int, end: int) -> float:
        """Seconds of long pauses between words [first, end)."""
        return float(self._pause_sum[max(first, end - 1)] - self._pause_sum[first])

    def emotive_in(self, first: int, end: int) -> list[int]:
        """Indices of emotive words."""
        return self.emotive[bisect_left(self.emotive, first) : bisect_left(self.emotive, end)]

    def text(self, first: int, end: int) -> str:
        """Words [first, end) as they are written."""
        return written(self.words[first:end]).strip()

    def quote(self, first: int, end: int, chars: int = _QUOTE_CHARS) -> str:
        """The beginning of words [first, end) in quotation marks, whole words only (at least one)."""
        last = first + 1
        while last < end and len(self.text(first, last + 1)) <= chars:
            last += 1
        return f"“{self.text(first, last)}{' …' if last < end else ''}”"

    def _fillers(self) -> frozenset[int]:
        found = {index for index, term in enumerate(self.terms) if term in self.lists.fillers}
        for phrase in self.lists.filler_phrases:
            head, tail = phrase.split()
            for index in range(len(self.terms) - 1):
                if self.terms[index] == head and self.terms[index + 1] == tail and self._aside(index, index + 1):
                    found |= {index, index + 1}
        return frozenset(found)

    def _aside(self, first: int, last: int) -> bool:
        """Whether words stand apart between commas or at a sentence's edge: "you know," and not "you know him"."""
        return self.words[last].text.endswith((",", "…", "...")) and (
            first == 0 or not self.words[first - 1].text[-1].isalnum()
        )


def _running(values: Iterable[float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.concatenate([[0.0], np.cumsum(np.fromiter(values, dtype=np.float64))])
