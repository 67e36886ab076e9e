"""What stretches of a talk are about: tf-idf vectors over its sentences."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass

from reelprint.clips.speech import Speech
from reelprint.clips.stretches import Stretch

_LONG_WORD = 4
#: 1 + log(times a term is said), looked up: this is asked millions of times of a long film.
_MOST_TIMES = 4095
_GROWTH = (0.0, *(1 + math.log(times) for times in range(1, _MOST_TIMES + 1)))


@dataclass(frozen=True)
class Topic:
    """Tf-idf weights of the terms of a stretch, the length of that vector, and its cosine to the rest of the film."""

    weights: dict[str, float]
    length: float
    to_rest: float


class Topics:
    """Weights are (1 + log tf) idf with sentences as documents (Salton, Buckley 1988).

    Terms are stems of words, pairs of letters in scripts without spaces. Stop words are left out where they are known;
    elsewhere what every sentence says weighs next to nothing.
    """

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._terms = _terms(speech)
        self._said = [index for index, term in enumerate(self._terms) if term]
        seen: Counter[str] = Counter()
        for sentence in speech.sentences:
            seen.update(set(filter(None, self._terms[sentence.first_word : sentence.end_word])))
        count = len(speech.sentences)
        self.idf = {term: math.log((1 + count) / (1 + times)) + 0.1 for term, times in seen.items()}
        self._film = Counter(filter(None, self._terms))
        self._film_square = sum(self._weight(term, times) ** 2 for term, times in self._film.items())

    def topic(self, stretch: Stretch) -> Topic:
        """What a stretch is about."""
        here = self.counts(stretch.first_word, stretch.end_word)
        weights = {term: self._weight(term, times) for term, times in here.items()}
        length = math.sqrt(sum(weight**2 for weight in weights.values()))
        rest = {term: self._weight(term, self._film[term] - times) for term, times in here.items()}
        shared = sum(weights[term] * weight for term, weight in rest.items())
        others = self._film_square - sum(self._weight(term, self._film[term]) ** 2 for term in here)
        rest_length = math.sqrt(max(0.0, others) + sum(weight**2 for weight in rest.values()))
        return Topic(weights, length, min(1.0, shared / (length * rest_length)) if shared > 0 else 0.0)

    def has_rest(self, stretch: Stretch) -> bool:
        """Whether anything is said outside a stretch."""
        said = [bisect_left(self._said, word) for word in (stretch.first_word, stretch.end_word)]
        return said[0] > 0 or said[1] < len(self._said)

    def counts(self, first: int, end: int) -> Counter[str]:
        """How often each term is said in words [first, end)."""
        return Counter(filter(None, self._terms[first:end]))

    def own_words(self, stretch: Stretch, topic: Topic) -> list[str]:
        """Words that only this stretch says, as they are said, the weightiest first."""
        if not self._speech.spaced:
            return []
        said: dict[str, str] = {}
        for index in range(stretch.first_word, stretch.end_word):
            if len(self._speech.terms[index]) >= _LONG_WORD:
                said.setdefault(self._terms[index], self._speech.terms[index])
        here = self.counts(stretch.first_word, stretch.end_word)
        own = [term for term in said if term and here[term] == self._film[term]]
        return [said[term] for term in sorted(own, key=lambda term: (-topic.weights[term], term))]

    def _weight(self, term: str, times: int) -> float:
        return _GROWTH[min(times, _MOST_TIMES)] * self.idf[term]


def likeness(one: Topic, other: Topic) -> float:
    """Cosine of two topics, 0..1."""
    small, large = sorted((one.weights, other.weights), key=len)
    shared = sum(weight * large.get(term, 0.0) for term, weight in small.items())
    return min(1.0, shared / (one.length * other.length)) if shared > 0 else 0.0


def _terms(speech: Speech) -> list[str]:
    if speech.spaced:
        return [root if content else "" for root, content in zip(speech.stems, speech.content, strict=True)]
    # Words of such scripts are a letter or a few: each with the first letter of what follows.
    following = [*speech.terms[1:], ""]
    return [here + after[:1] if here else "" for here, after in zip(speech.terms, following, strict=True)]
