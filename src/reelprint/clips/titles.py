"""Titles from the clip's own words: its best question, number or sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reelprint.clips.languages import WordLists
from reelprint.clips.phrasing import Line, line_of
from reelprint.clips.sentences import Sentence
from reelprint.clips.terms import bare, stem
from reelprint.core.transcript import Word

#: Room of a title, in letters (wide letters count twice).
TITLE_WIDTH = 70
_FEWEST_WORDS, _GOOD_WORDS = 3, 11
_QUESTION, _NUMBER, _GAP, _CLAIM, _EMOTIVE = 30.0, 12.0, 16.0, 8.0, 5.0
_BACK_REFERENCE, _CUT, _TORN, _SHORT, _LONG, _CONDITION = -14.0, -6.0, -22.0, -25.0, -1.0, -10.0
#: What the first sentence is worth over the last: a clip opens with what it is about.
_EARLY = 8.0
_CONTENT_MOST = 20.0


@dataclass(frozen=True)
class KeySentence:
    """A sentence of a clip with the title that can be made of it."""

    sentence: Sentence
    line: Line
    worth: float


def key_sentences(
    sentences: Sequence[Sentence],
    words: Sequence[Word],
    lists: WordLists,
    seen: Mapping[str, int],
    language: str | None,
) -> list[KeySentence]:
    """Sentences that can be titles, best first. ``seen``: in how many words of the film each stem is said."""
    found = []
    total = sum(seen.values()) or 1
    for number, sentence in enumerate(sentences):
        inside = words[sentence.first_word : sentence.end_word]
        line = line_of(inside, lists, TITLE_WIDTH)
        if line is None:
            continue
        worth = _worth(sentence, line, inside, lists) + _EARLY * (1 - number / max(1, len(sentences)))
        worth += _about(inside[: line.words], lists, seen, total, language)
        found.append(KeySentence(sentence, line, worth))
    return sorted(found, key=lambda item: (-item.worth, item.sentence.first_word))


def _worth(sentence: Sentence, line: Line, words: Sequence[Word], lists: WordLists) -> float:
    terms = [bare(word.text) for word in words]
    text = f" {' '.join(terms)} "
    worth = _QUESTION * (sentence.kind == "question" and not line.torn)
    worth += _NUMBER * any(_is_number(term, lists) for term in terms[1:])
    worth += _GAP * any(f" {phrase} " in text for phrase in lists.gaps)
    worth += _CLAIM * any(term in lists.claims for term in terms)
    worth += _BACK_REFERENCE * (bare(line.text.split(" ")[0]) in lists.back_pronouns)
    worth += _CUT * line.cut + _TORN * line.torn
    worth += _CONDITION * (line.cut and bare(line.text.split(" ")[0]) in lists.conditions)
    worth -= 40 * any(f" {phrase} " in text for phrase in lists.housekeeping)
    if any(not word.joined for word in words[1:]):
        worth += _SHORT * (line.words < _FEWEST_WORDS) + _LONG * max(0, line.words - _GOOD_WORDS)
    return worth


def _about(words: Sequence[Word], lists: WordLists, seen: Mapping[str, int], total: int, language: str | None) -> float:
    """How much a line says: its content words, the rarer in the film the more, and emotive ones."""
    worth = 0.0
    for term in {bare(word.text) for word in words}:
        if not term or term in lists.stop:
            continue
        root = stem(term, language)
        worth += 0.6 * math.log(total / seen.get(root, 1)) + _EMOTIVE * (root in lists.emotive_stems)
    return min(_CONTENT_MOST, worth)


def _is_number(term: str, lists: WordLists) -> bool:
    return term[:1].isdigit() or term in lists.numbers
