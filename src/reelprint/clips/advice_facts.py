"""Whether a text says only what was said: its numbers, its names and its language, checked against the clip.

That is what can be checked without understanding. An invented claim in ordinary words passes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from reelprint.clips.languages import lists_of
from reelprint.clips.terms import bare

#: Languages that write every noun with a capital: there, one says nothing about names.
_CAPITAL_NOUNS = ("de", "lb")
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "ru")
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[^\W\d_](?:[\w'’]*\w)?")
_BETWEEN = re.compile(r"[.,:]")
_LEAST_LETTERS = 4
_LEAST_STOP_WORDS = 3
_SAME_SCRIPT = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "HALFWIDTH": "CJK", "FULLWIDTH": "LATIN"}
_UNSPACED = {"CJK", "THAI", "LAO", "KHMER", "MYANMAR"}
_VALUES = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}


class Said:
    """What a clip says, and what its film is called: the only sources of facts for its texts."""

    def __init__(self, text: str, title: str, language: str | None) -> None:
        self._text, self._language = text, language
        source = f"{text} {title}".replace("_", " ")
        self._terms = set(_terms(source))
        self._as_written = set(_WORD.findall(source))
        self._numbers = set(_numbers(source))
        self._letters = " ".join(bare(word) for word in source.split())
        self._scripts = _scripts(text)

    def objection(self, text: str) -> str | None:
        """Why a text is not to be believed, after "it has": a number, a name or a script of its own; else None."""
        if text.isupper() and sum(map(str.isalpha, text)) >= _LEAST_LETTERS:
            return "nothing but capitals"
        if any(number not in self._numbers for number in _numbers(text)):
            return "a number that is not in the clip"
        if any(not self._was_said(word) for word in self._names(text)):
            return "a name that is not in the clip"
        found = _scripts(text)
        letters = sum(found.values())
        if self._scripts and letters >= _LEAST_LETTERS:
            most = max(found, key=lambda script: found[script])
            if self._scripts.get(most, 0) * 10 < sum(self._scripts.values()):
                return "a script that is not in the clip"
        return None

    def other_language(self, text: str) -> bool:
        """Whether a text of some length is in a language that is not the film's, by its most frequent words."""
        expected = lists_of(self._language).stop
        if not expected:
            return False
        words = [bare(word) for word in text.split()]
        hits = {name: sum(word in lists_of(name).stop for word in words) for name in _LANGUAGES}
        own = sum(word in expected for word in words)
        return max(hits.values()) >= _LEAST_STOP_WORDS and max(hits.values()) > 2 * own

    def covers_tag(self, tag: str) -> bool:
        """Whether a hashtag is one word of the clip, or some words of it in a row written as one."""
        wanted = bare(tag).replace("_", "")
        if not any(char.isalpha() for char in wanted):
            return False
        words = self._letters.split()
        if not _UNSPACED.isdisjoint(_scripts(wanted)):
            return len(wanted) > 1 and wanted in "".join(words)
        for start in range(len(words)):
            joined = ""
            for word in words[start:]:
                joined += word.replace("'", "").replace("-", "")
                if joined == wanted:
                    return True
                if not wanted.startswith(joined):
                    break
        return False

    def _was_said(self, word: str) -> bool:
        """Capitals alone are for what is written so (NASA); to shout a word is to add something."""
        if len(word) > 1 and word.isupper():
            return word in self._as_written
        return bool(self._terms.intersection(_forms(word)))

    def _names(self, text: str) -> Iterator[str]:
        """Words that look like names: a capital that neither the beginning of a sentence nor grammar explains."""
        common = lists_of("en").stop | lists_of(self._language).stop
        for found in _WORD.finditer(text):
            word = found.group()
            opens = _opens(text[: found.start()])
            shouted = sum(char.isupper() for char in word) > 1 or any(char.isupper() for char in word[1:])
            if bare(word) in common and not shouted:
                continue
            if shouted or (word[0].isupper() and not opens and self._language not in _CAPITAL_NOUNS):
                yield word


def _opens(before: str) -> bool:
    """Whether a sentence, or something like one, begins after a text."""
    left = before.rstrip().rstrip("\"'“‘«„([¿¡").rstrip()
    return not left or not (left[-1].isalnum() or left[-1] in ",&/+-’'\"”»)")


def _forms(word: str) -> set[str]:
    """A word as it may have been said: alone, without a possessive or plural ending."""
    term = bare(word)
    short = term.removesuffix("'s").removesuffix("'")
    return {term, short, short.removesuffix("s"), short.removesuffix("es")} - {""}


def _terms(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        yield from _forms(word)


def _numbers(text: str) -> Iterator[str]:
    """Every number as its digits without separators, the English ones in words too, alone and together."""
    plain = unicodedata.normalize("NFKC", text)
    for found in _DIGITS.findall(plain):
        yield "".join(str(int(char)) for char in _BETWEEN.sub("", found))
    words = [bare(word) for word in re.split(r"[\s-]+", plain)]
    yield from _spoken(words)


def _spoken(words: list[str]) -> Iterator[str]:
    """Numbers in words. "One" alone is none: it mostly means somebody."""
    total = group = 0
    running = False
    for word, after in pairwise([*words, "", ""]):
        value, scale = _VALUES.get(word), _SCALES.get(word)
        if value is not None:
            if word != "one":
                yield str(value)
            group += value
            running = True
        elif scale is not None:
            group = max(1, group) * scale
            if scale > 100:
                total, group = total + group, 0
            running = True
        elif running and not (word == "and" and after in _VALUES):
            if total + group > 1:
                yield str(total + group)
            total, group, running = 0, 0, False


def _scripts(text: str) -> dict[str, int]:
    """Letters by script."""
    found: dict[str, int] = {}
    for char in text:
        if char.isalpha():
            script = unicodedata.name(char, "?").split(" ")[0].split("-")[0]
            script = _SAME_SCRIPT.get(script, script)
            found[script] = found.get(script, 0) + 1
    return found
