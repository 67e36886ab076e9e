"""Words as terms that can be counted: lower case, without punctuation, without endings."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from reelprint.core.transcript import Word

_VOWELS = frozenset("aeiouy")
#: Endings that are stripped of English words, longest first; what is left must keep a vowel and three letters.
_ENDINGS = ("fulness", "ousness", "ingly", "edly", "ness", "ing", "ful", "ed", "ly", "er", "y")
#: Outside English, words are compared by their first letters: language-free, and close to a stem in most scripts
#: that bend words at their end.
_PREFIX_LETTERS = 6


def is_mark(char: str) -> bool:
    """Whether a character is neither letter nor digit (combining vowel signs belong to letters)."""
    return unicodedata.category(char)[0] not in "LNM"


@lru_cache(maxsize=100_000)
def bare(text: str) -> str:
    """A word in lower case without the punctuation around it; empty when it is nothing but punctuation."""
    clean = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    first, end = 0, len(clean)
    while first < end and is_mark(clean[first]):
        first += 1
    while end > first and is_mark(clean[end - 1]):
        end -= 1
    return clean[first:end]


def without_spaces(words: Sequence[Word]) -> bool:
    """Whether the words are in a script that is written without spaces."""
    return 2 * sum(word.joined for word in words[1:]) > max(0, len(words) - 1)


@lru_cache(maxsize=100_000)
def stem(term: str, language: str | None) -> str:
    """What forms of one word have in common: a light English stemmer of our own, else the first letters."""
    return _english_stem(term) if language == "en" else term[:_PREFIX_LETTERS]


def _english_stem(term: str) -> str:
    term = term.partition("'")[0] or term
    if len(term) > 4 and term.endswith("ies"):
        term = term[:-3] + "y"
    elif len(term) > 3 and term.endswith("s") and not term.endswith(("ss", "us", "is")):
        term = term[:-1]
    for ending in _ENDINGS:
        left = term[: -len(ending)]
        if term.endswith(ending) and len(left) >= 3 and _VOWELS & set(left):
            term = left[:-1] if len(left) > 3 and left[-1] == left[-2] and left[-1] not in "lse" else left
            break
    return term[:-1] if len(term) > 3 and term.endswith("e") else term
