"""Prompt: whether a stretch is about what was asked for. Words are compared, not meanings."""

from __future__ import annotations

import math

from reelprint.clips.parts.evidence import scored
from reelprint.clips.speech import Speech
from reelprint.clips.stretches import Stretch
from reelprint.clips.terms import bare, stem
from reelprint.clips.topics import Topics
from reelprint.core.clips import ScorePart

#: When one word in so many is one that was asked for, the stretch is about it.
_WORDS_A_MENTION = 35
_COVERAGE_SHARE, _DENSITY_SHARE, _OPENING_SHARE = 0.45, 0.4, 0.15
#: Whether a stretch opens with it is looked up in this share of its words.
_OPENING = 4
_NAMED = 4


class Request:
    """The words of a prompt that can be looked for. A prompt in another language than the talk finds little."""

    def __init__(self, prompt: str, speech: Speech, topics: Topics) -> None:
        self._speech, self._topics = speech, topics
        lists = speech.lists
        asked = dict.fromkeys(filter(None, (bare(word) for word in prompt.replace("/", " ").split())))
        kept = [term for term in asked if term not in lists.stop and term not in lists.request]
        if speech.spaced:
            self._wanted = {stem(term, speech.language): term for term in kept}
        else:
            pairs = [term[at : at + 2] for term in kept for at in range(max(1, len(term) - 1))]
            self._wanted = {pair: pair for pair in pairs}
        # A word that the film never says weighs as much as its rarest one.
        rarest = max(topics.idf.values(), default=1.0)
        self._weights = {root: topics.idf.get(root, rarest) for root in self._wanted}

    def part(self, stretch: Stretch) -> ScorePart:
        """Share of the asked words that are said, weighted by how rare they are, and how often."""
        if not self._wanted:
            return scored(0, "the request names no word that could be looked for")
        if not stretch.spoken:
            return scored(0, "nothing is said here")
        counts = self._topics.counts(stretch.first_word, stretch.end_word)
        said = {root: counts[root] for root in self._wanted if counts[root]}
        if not said:
            return scored(0, "none of the words asked for are said")
        whole = sum(self._weights.values())
        covered = sum(self._weights[root] for root in said) / whole
        mentions = sum(said.values())
        dense = min(1.0, _WORDS_A_MENTION * mentions / (stretch.end_word - stretch.first_word))
        quarter = stretch.first_word + max(1, (stretch.end_word - stretch.first_word) // _OPENING)
        opening = self._topics.counts(stretch.first_word, quarter)
        opens = any(opening[root] for root in said)
        points = 100 * (_COVERAGE_SHARE * math.sqrt(covered) + _DENSITY_SHARE * dense + _OPENING_SHARE * opens)
        ranked = sorted(said, key=lambda root: (-self._weights[root] * said[root], root))
        named = ", ".join(f"“{self._wanted[root]}”" for root in ranked[:_NAMED])
        return scored(
            points, f"asked for and said: {named} ({len(said)} of {len(self._wanted)} words, {mentions} times)"
        )
