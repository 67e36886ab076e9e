"""Words of the footage on the time line of an edit, cleaned of what cannot be drawn."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reelprint.core.captions import CaptionWord
from reelprint.core.plan import EditPlan
from reelprint.core.transcript import Word
from reelprint.core.typefaces import SEMI, face_for, typeface

#: A word of which less is heard is no word.
_HEARD_SHARE = 0.5
#: The same word in two pieces that continue each other lies this close together on the time line.
_SAME_S = 0.05
#: Joiners that shape Arabic and Indic letters; after other letters they only glue emoji together.
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True)
class _Heard:
    """A stretch of the source on the time line."""

    start_s: float
    source_start_s: float
    duration_s: float


@dataclass
class _Occurrence:
    word: int
    start_s: float
    end_s: float


def words_on_time_line(words: Sequence[Word], plan: EditPlan) -> tuple[CaptionWord, ...]:
    """The words that the film of ``plan`` lets hear, in time order, none overlapping, inside the film.

    A word that a cut shortens is kept for as long as it is heard, when that is at least half of it. Footage without a
    sound track of its own in the plan is followed by its pictures.
    """
    starts = [word.start_s for word in words]
    found: list[_Occurrence] = []
    for piece in _pieces(plan):
        # A word that began before the piece may still be heard in it.
        first = max(0, bisect_left(starts, piece.source_start_s) - 1)
        end_s = piece.source_start_s + piece.duration_s
        for number in range(first, len(words)):
            word = words[number]
            if word.start_s >= end_s:
                break
            span = _share(word, piece)
            if span is not None:
                shift = piece.start_s - piece.source_start_s
                found.append(_Occurrence(number, max(0.0, span[0] + shift), max(0.0, span[1] + shift)))
    return tuple(_written(_apart(found), words, plan.output.duration_s))


def _pieces(plan: EditPlan) -> list[_Heard]:
    if plan.audio is not None:
        return [_Heard(piece.start_s, piece.source_start_s, piece.duration_s) for piece in plan.audio.pieces]
    rate = plan.output.rate
    return [
        _Heard(
            float((segment.start_frame + segment.head_hold) / rate),
            segment.source_start_s,
            float(segment.source_frames / rate),
        )
        for segment in plan.segments
    ]


def _share(word: Word, piece: _Heard) -> tuple[float, float] | None:
    """The part of a word that a piece lets hear, in seconds of the source."""
    start_s = max(word.start_s, piece.source_start_s)
    end_s = min(word.end_s, piece.source_start_s + piece.duration_s)
    if end_s < start_s or end_s - start_s < _HEARD_SHARE * (word.end_s - word.start_s):
        return None
    return start_s, end_s


def _apart(found: list[_Occurrence]) -> list[_Occurrence]:
    """Occurrences in time order; what two pieces that overlap both let hear is one."""
    apart: list[_Occurrence] = []
    for item in sorted(found, key=lambda item: (item.start_s, item.word)):
        if apart and apart[-1].word == item.word and item.start_s <= apart[-1].end_s + _SAME_S:
            apart[-1].end_s = max(apart[-1].end_s, item.end_s)
        else:
            apart.append(item)
    for before, after in pairwise(apart):
        before.end_s = max(before.start_s, min(before.end_s, after.start_s))
    return apart


def _written(found: Iterable[_Occurrence], words: Sequence[Word], duration_s: float) -> Iterable[CaptionWord]:
    """What is heard as it is written; parts of one word become one again."""
    last = -2
    before: CaptionWord | None = None
    for item in found:
        text = cleaned(words[item.word].text)
        if not text or item.start_s >= duration_s:
            continue
        end_s = min(item.end_s, duration_s)
        joined = False
        if before is not None:
            follows = item.word == last + 1 or is_spaceless(text[0]) or is_spaceless(before.text[-1])
            joined = words[item.word].joined and follows
            if not joined or may_part(before.text, text):
                yield before
            else:
                # One word in parts is lit, broken and shaped as one.
                before = before.model_copy(update={"text": before.text + text, "end_s": max(before.end_s, end_s)})
                last = item.word
                continue
        before = CaptionWord(text=text, start_s=item.start_s, end_s=end_s, joined=joined)
        last = item.word
    if before is not None:
        yield before


def cleaned(text: str) -> str:
    """A word as it can be drawn: composed, in one line, without controls, emoji and signs that no font of ours has.

    Letters and digits that no font has stay: ``check_drawable`` names them, and files of captions can carry them.
    """
    main = typeface(SEMI)
    kept = ""
    for given in unicodedata.normalize("NFC", text):
        if given.isspace():
            kept += " "
            continue
        # Letters in fancy dress (bold, circled) are written plainly.
        for letter in given if face_for(given, main) is not None else unicodedata.normalize("NFKC", given):
            if _belongs(letter, kept[-1:]):
                kept += letter
    return " ".join(kept.split())


def _belongs(letter: str, before: str) -> bool:
    main, kind = typeface(SEMI), unicodedata.category(letter)
    if letter in _JOINERS:
        return bool(before) and unicodedata.category(before)[0] in "LM" and not main.has(before)
    if kind[0] == "C" or _is_selector(letter):
        return False
    if kind[0] == "M":
        # A mark goes with its letter, be it one that we cannot draw; words may come in parts that begin with one.
        return face_for(letter, main) is not None or (bool(before) and face_for(before, main) is None)
    return kind[0] == "L" or kind == "Nd" or face_for(letter, main) is not None


def _is_selector(letter: str) -> bool:
    """Whether it only chooses how the sign before it looks (as emoji or as text)."""
    return "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"


def is_spaceless(letter: str) -> bool:
    """Whether a letter is of a script that is written without spaces between words."""
    return any(first <= letter <= last for first, last in _SPACELESS)


_SPACELESS = (
    ("\u0e00", "\u0eff"),  # Thai, Lao
    ("\u0f00", "\u0fff"),  # Tibetan
    ("\u1000", "\u109f"),  # Myanmar
    ("\u1780", "\u17ff"),  # Khmer
    ("\u2e80", "\u312f"),  # radicals, CJK punctuation, kana, Bopomofo
    ("\u31a0", "\u9fff"),  # Han
    ("\uf900", "\ufaff"),
    ("\uff00", "\uffef"),
    ("\U00020000", "\U0003ffff"),
)
#: What may not stand first or last in a row: of Chinese and Japanese after JIS X 4051, of Thai and Lao the vowels that
#: are written after or before their consonant.
_NEVER_FIRST = (
    set("、。，．・：；？！゛゜ヽヾゝゞ々ー’”）〕］｝〉》」』】,.:;?!)]}…‥%％")
    | set("ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ")
    | set("ะาำๅๆฯະາຳໆ")
)
_NEVER_LAST = set("‘“（〔［｛〈《「『【([{เแโใไເແໂໃໄ")


def may_part(before: str, after: str) -> bool:
    """Whether a row may end between two texts that are written together: only in scripts without spaces."""
    if not (is_spaceless(before[-1]) and is_spaceless(after[0])):
        return False
    return after[0] not in _NEVER_FIRST and before[-1] not in _NEVER_LAST and unicodedata.category(after[0])[0] != "M"


def is_wide(letter: str) -> bool:
    """Whether a letter is as wide as two Latin ones: Han, kana, Hangul, full-width signs."""
    return unicodedata.east_asian_width(letter) in "WF"
