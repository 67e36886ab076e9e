"""Names of clips and their files."""

from __future__ import annotations

import re
import unicodedata

_LONGEST_STEM = 60
_FALLBACK = "video"
_FILM_ENDINGS = re.compile(r"\.(mp4|mov|avi|mkv|webm|m4v)$", re.IGNORECASE)
#: Letters that do not fall apart into an ASCII letter and marks.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "’": "", "'": ""}
)


def clip_id(number: int) -> str:
    """``clip_01`` for the best clip of a job; it never changes. Raises ValueError below 1."""
    if number < 1:
        raise ValueError(f"clips are numbered from 1, got {number}")
    return f"clip_{number:02d}"


def file_stem(title: str) -> str:
    """A film's title as the beginning of file names: ``[a-z0-9-]``, 1 to 60 characters, cut between words."""
    plain = unicodedata.normalize("NFKD", _FILM_ENDINGS.sub("", title.strip()).lower().translate(_LETTERS))
    ascii_only = "".join(char for char in plain if char.isascii() or not unicodedata.combining(char))
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")
    if len(slug) > _LONGEST_STEM:
        head, _, _ = slug[: _LONGEST_STEM + 1].rpartition("-")
        slug = head or slug[:_LONGEST_STEM]
    return slug or _FALLBACK
