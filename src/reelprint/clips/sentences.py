"""Where sentences end: by the punctuation of many scripts, and by pauses where there is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reelprint.clips.languages import abbreviations, before_numbers, ordinal_languages
from reelprint.clips.terms import is_mark
from reelprint.core.transcript import Transcript, Word, written

Kind = Literal["statement", "question", "exclamation"]

QUESTION_MARKS = frozenset("?？؟՞፧⁇⁈‽")
EXCLAMATION_MARKS = frozenset("!！՜‼⁉")
_FULL_STOPS = frozenset("。．｡।॥۔։።។၊။")
_CLOSING = "\"'”’»›」』）)]}】》"
_PAUSING_MARKS = frozenset(",;:，、；：،؛—–-…")

#: A silence this long ends a sentence whatever the punctuation says.
_LONG_PAUSE_S = 2.0
#: After marks that may not end a sentence, it has ended when it is silent this long: before a small letter, after an
#: abbreviation or an ordinal number, after "...".
_DOUBTFUL_PAUSE_S = 0.6
_ABBREVIATED_PAUSE_S = 1.2
_ELLIPSIS_PAUSE_S = 0.3
#: Stretches with fewer marks than one in so many words, and longer than this, were written down without punctuation.
_WORDS_A_MARK = 40
_UNMARKED_S = 8.0
#: In those, pauses end sentences; what is still longer than a person says in one go is split at its longest pauses.
_UNMARKED_PAUSE_S = 0.45
_UNMARKED_LONGEST_S = 20.0
_UNMARKED_SHORTEST_S = 4.0
_UNMARKED_LEAST_PAUSE_S = 0.2

_INITIALISM = re.compile(r"^(?:\w\.)+\w?\.?$")
_NUMBER = re.compile(r"^\d{1,3}\.$")


@dataclass(frozen=True)
class Sentence:
    """Words [first_word, end_word) of a transcript, from the start of its first to the end of its last, in seconds."""

    first_word: int
    end_word: int
    start_s: float
    end_s: float
    text: str
    kind: Kind


def sentences_of(transcript: Transcript) -> tuple[Sentence, ...]:
    """The sentences of a transcript: they follow each other and hold every word exactly once."""
    words = transcript.words
    ends = [index + 1 for index in range(len(words)) if _ends_at(words, index, transcript.language)]
    spans: list[tuple[int, int]] = []
    first = 0
    for end in ends:
        spans.extend(_by_pauses(words, first, end))
        first = end
    return tuple(_sentence(words, first, end) for first, end in spans)


def closing_mark(text: str) -> str:
    """The last mark of a word, quotation marks and brackets left out; empty when it ends in a letter or digit."""
    inner = text.rstrip(_CLOSING + " ")
    return inner[-1] if inner and is_mark(inner[-1]) else ""


def pauses_at(text: str) -> bool:
    """Whether a clause may end with this word: a comma, a semicolon, a colon, a dash or stronger."""
    mark = closing_mark(text)
    return mark != "" and (mark in _PAUSING_MARKS or mark == "." or is_final(mark))


def is_final(mark: str) -> bool:
    """Whether a mark ends sentences without doubt."""
    return mark in QUESTION_MARKS or mark in EXCLAMATION_MARKS or mark in _FULL_STOPS


def _sentence(words: Sequence[Word], first: int, end: int) -> Sentence:
    inside = tuple(words[first:end])
    return Sentence(first, end, inside[0].start_s, inside[-1].end_s, written(inside).strip(), _kind(inside))


def _kind(words: Sequence[Word]) -> Kind:
    marks = "".join(word.text for word in words[-2:])
    tail = marks.rstrip(_CLOSING + " ")[-3:]
    if QUESTION_MARKS & set(tail):
        return "question"
    return "exclamation" if EXCLAMATION_MARKS & set(tail) else "statement"


def _ends_at(words: Sequence[Word], index: int, language: str | None) -> bool:
    """Whether a sentence ends with a word."""
    if index + 1 == len(words):
        return True
    word, after = words[index], words[index + 1]
    if _only_marks(after.text) and after.text[0] not in "¿¡“„«「『(（[":
        return False  # a mark that was written down as a word of its own belongs to this sentence
    pause_s = after.start_s - word.end_s
    if pause_s >= _LONG_PAUSE_S:
        return True
    begin = index
    while begin and _only_marks(words[begin].text):
        begin -= 1
    text = "".join(item.text for item in words[begin : index + 1])
    inner = text.rstrip(_CLOSING + " ")
    mark = closing_mark(text)
    if is_final(mark):
        return not _goes_on_small(after) or pause_s >= _DOUBTFUL_PAUSE_S
    if mark == "…" or inner.endswith(".."):
        return _begins_large(after) or pause_s >= _ELLIPSIS_PAUSE_S
    return mark == "." and _full_stop_ends(inner, after, pause_s, language)


def _full_stop_ends(inner: str, after: Word, pause_s: float, language: str | None) -> bool:
    """Whether the full stop at the end of ``inner`` ends a sentence, or belongs to an abbreviation or a number."""
    if after.joined and after.text[:1].isdigit():
        return False  # the two halves of "3.5"
    silent = pause_s >= _ABBREVIATED_PAUSE_S
    stripped = inner.lstrip("\"'“‘„«(¿¡[")
    if stripped == "I." and language == "en":
        return True
    name = stripped.rstrip(".").lower()
    if _INITIALISM.match(stripped) or name in abbreviations(language):
        return silent
    if name in before_numbers() and _first_letter(after).isdigit():
        return False
    if _goes_on_small(after):
        return pause_s >= _DOUBTFUL_PAUSE_S
    return silent or not (_NUMBER.match(stripped) and language in ordinal_languages())


def _only_marks(text: str) -> bool:
    return all(is_mark(char) for char in text)


def _first_letter(word: Word) -> str:
    return next((char for char in word.text if not is_mark(char)), "")


def _goes_on_small(after: Word) -> bool:
    return _first_letter(after).islower()


def _begins_large(after: Word) -> bool:
    return _first_letter(after).isupper()


def _by_pauses(words: Sequence[Word], first: int, end: int) -> list[tuple[int, int]]:
    """A stretch up to a certain end, split at pauses if it was written down without punctuation."""
    marks = sum(pauses_at(word.text) for word in words[first : end - 1])
    if words[end - 1].end_s - words[first].start_s < _UNMARKED_S or marks * _WORDS_A_MARK >= end - first:
        return [(first, end)]
    spans, start = [], first
    for index in range(first + 1, end + 1):
        if index == end or words[index].start_s - words[index - 1].end_s >= _UNMARKED_PAUSE_S:
            spans.extend(_at_longest(words, start, index))
            start = index
    return spans


def _at_longest(words: Sequence[Word], first: int, end: int) -> list[tuple[int, int]]:
    """Split at the longest pause within reach, again and again, until the rest is short enough or has no pause."""
    spans: list[tuple[int, int]] = []
    while words[end - 1].end_s - words[first].start_s > _UNMARKED_LONGEST_S:
        begun_s, at, longest = words[first].start_s, 0, _UNMARKED_LEAST_PAUSE_S
        for index in range(first + 1, end):
            spoken_s = words[index - 1].end_s - begun_s
            if spoken_s > _UNMARKED_LONGEST_S and at:
                break
            pause_s = words[index].start_s - words[index - 1].end_s
            if spoken_s >= _UNMARKED_SHORTEST_S and pause_s >= longest:
                at, longest = index, pause_s
        if not at:
            break
        spans.append((first, at))
        first = at
    return [*spans, (first, end)]
