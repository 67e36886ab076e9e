"""Word lists: what is known of a language. English is known well, seven others by their stop words, the rest not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from reelprint.clips.terms import stem

_LANGUAGE_NAMES = {"de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch",
                   "ru": "Russian", "ja": "Japanese", "zh": "Chinese", "ar": "Arabic", "ko": "Korean",
                   "hi": "Hindi"}  # fmt: skip


@dataclass(frozen=True)
class WordLists:
    """Lists of one language, in lower case. ``known``: all of them are there; else only ``stop`` may be."""

    name: str
    known: bool = False
    stop: frozenset[str] = frozenset()
    fillers: frozenset[str] = frozenset()
    filler_phrases: tuple[str, ...] = ()
    conjunctions: frozenset[str] = frozenset()
    openers: frozenset[str] = frozenset()
    back_pronouns: frozenset[str] = frozenset()
    answers: frozenset[str] = frozenset()
    dangling: frozenset[str] = frozenset()
    untaggable: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    address: frozenset[str] = frozenset()
    contrast: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()
    gaps: tuple[str, ...] = ()
    housekeeping: tuple[str, ...] = ()
    closers: tuple[str, ...] = ()
    request: frozenset[str] = frozenset()
    asking: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    emotive_stems: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def lack(self) -> str:
        """What reasons say where a list would have been needed."""
        return f"no word list for {self.name}"


@cache
def lists_of(language: str | None) -> WordLists:
    """The lists of a language by its ISO 639-1 code; empty lists for unknown ones."""
    if language == "en":
        return _english()
    name = "this language" if language is None else _LANGUAGE_NAMES.get(language, f"the language “{language}”")
    return WordLists(name=name, stop=frozenset(str(_data("stopwords").get(language or "", "")).split()))


@cache
def abbreviations(language: str | None) -> frozenset[str]:
    """Words whose full stop ends no sentence, without it: those of the language, and titles that all share."""
    data = _data("abbreviations")
    return frozenset(f"{data['any']} {data.get(language or '', '')}".split())


@cache
def before_numbers() -> frozenset[str]:
    """Words such as "no." and "fig.", which are abbreviations only where a number follows."""
    return frozenset(str(_data("abbreviations")["before_numbers"]).split())


@cache
def ordinal_languages() -> frozenset[str]:
    """Languages that write "3." for "third"."""
    return frozenset(str(_data("abbreviations")["ordinal_languages"]).split())


@cache
def empty_title_words() -> frozenset[str]:
    """Words of film titles and file names that name nothing."""
    return frozenset(str(_data("titles")["empty"]).split())


def _english() -> WordLists:
    data = _data("english")
    emotive = f"{data['positive']} {data['negative']}".split()

    def words(name: str) -> frozenset[str]:
        return frozenset(str(data[name]).split())

    def phrases(name: str) -> tuple[str, ...]:
        return tuple(str(phrase) for phrase in data[name])

    return WordLists(
        name="English",
        known=True,
        stop=words("stop"),
        fillers=words("fillers"),
        filler_phrases=phrases("filler_phrases"),
        conjunctions=words("conjunctions"),
        openers=words("openers"),
        back_pronouns=words("back_pronouns"),
        answers=words("answers"),
        dangling=words("dangling"),
        untaggable=words("untaggable"),
        numbers=words("numbers"),
        address=words("address"),
        contrast=words("contrast"),
        claims=words("claims"),
        gaps=phrases("gaps"),
        housekeeping=phrases("housekeeping"),
        closers=phrases("closers"),
        request=words("request"),
        asking=words("asking"),
        conditions=words("conditions"),
        emotive_stems=frozenset(stem(word, "en") for word in emotive),
    )


def _data(name: str) -> dict[str, Any]:
    text = resources.files("reelprint.clips").joinpath("data", f"{name}.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data
