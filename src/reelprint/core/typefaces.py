"""The typefaces that captions are drawn with: which letters each has, and how wide they are.

``typefaces.json`` is made together with the fonts (``adapters/media/fonts/captions``) by
``tools/make_caption_fonts.py``; a test compares it with the files. Widths are advance widths: kerning and the joining
of letters make a text narrower rather than wider, so a row that fits by this table fits when drawn.
"""

from __future__ import annotations

import json
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib import resources

from reelprint.core.errors import DocumentError

#: Latin, Greek and Cyrillic, heavy for few big words and lighter for rows of text.
HEAVY, SEMI = "Reelprint Heavy", "Reelprint Semi"
JAPANESE, KOREAN, CHINESE = "Reelprint Japanese", "Reelprint Korean", "Reelprint Chinese"
#: Advance of a letter that no typeface has, in em; it is never drawn, but files of captions may carry it.
_UNKNOWN_EM = 1.0


@dataclass(frozen=True, eq=False)
class Typeface:
    """One font; there is one object of each. ``height``: its row (ascent and descent) in em; ``file``: its name in the
    folder of fonts.
    """

    family: str
    file: str
    sha256: str
    height: float
    _firsts: tuple[int, ...]
    _runs: tuple[tuple[int, float], ...]

    def advance_em(self, letter: str) -> float | None:
        """How far a letter moves the pen, None when the font does not have it."""
        code = ord(letter)
        place = bisect_right(self._firsts, code) - 1
        if place < 0:
            return None
        last, advance = self._runs[place]
        return advance if code <= last else None

    def has(self, letter: str) -> bool:
        """Whether the font has a letter."""
        return self.advance_em(letter) is not None


@cache
def typefaces() -> tuple[Typeface, ...]:
    """All of them, in the order in which a letter is looked for."""
    table = json.loads(resources.files(__package__).joinpath("typefaces.json").read_text(encoding="utf-8"))
    return tuple(
        Typeface(
            family=row["family"],
            file=row["file"],
            sha256=row["sha256"],
            height=row["height"],
            _firsts=tuple(first for first, _, _ in row["advances"]),
            _runs=tuple((first + more, advance / 1000) for first, more, advance in row["advances"]),
        )
        for row in table
    )


def typeface(family: str) -> Typeface:
    """A typeface by its name. Raises DocumentError when it does not come with Reelprint."""
    for face in typefaces():
        if face.family == family:
            return face
    raise DocumentError(f"no font {family!r} comes with Reelprint", detail="captions.font")


@cache
def face_for(letter: str, first: Typeface) -> Typeface | None:
    """The typeface that a letter is drawn with when ``first`` is preferred; None when there is none."""
    return first if first.has(letter) else next((face for face in typefaces() if face.has(letter)), None)


def runs(text: str, first: Typeface) -> list[tuple[Typeface, str]]:
    """A text as stretches of one typeface each; marks and spaces stay with the letter before them where they can.

    Raises DocumentError naming letters that no typeface has.
    """
    stretches: list[tuple[Typeface, str]] = []
    for letter in text:
        before = stretches[-1][0] if stretches else first
        follows = letter.isspace() or unicodedata.category(letter)[0] == "M" or letter in "\u200c\u200d"
        face = before if follows and before.has(letter) else face_for(letter, first)
        if face is None:
            raise DocumentError(f"no font of ours has {named(letter)}", detail="captions")
        if stretches and face is before:
            stretches[-1] = face, stretches[-1][1] + letter
        else:
            stretches.append((face, letter))
    return stretches


def width_em(text: str, first: Typeface) -> float:
    """How wide a text is at most, in em."""
    total = 0.0
    for letter in text:
        face = face_for(letter, first)
        total += (face.advance_em(letter) if face is not None else None) or (0.0 if face is not None else _UNKNOWN_EM)
    return total


def named(letter: str) -> str:
    """A letter for a message: itself, its code and its Unicode name."""
    return f"{letter!r} (U+{ord(letter):04X} {unicodedata.name(letter, 'unnamed')})"
