"""A sentence of the film as a line of text: without what only fills, and cut between phrases where it is too long."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from reelprint.clips.languages import WordLists
from reelprint.clips.sentences import EXCLAMATION_MARKS, QUESTION_MARKS, closing_mark, pauses_at
from reelprint.clips.terms import bare
from reelprint.core.transcript import Word, written

_QUOTES = '"“”„«»'
_TRAILING = ' .,;:–—-、，；：。．،؛।…?？؟!！"”“»’'
_LEADING = " .,;:–—-、，；：。．،؛।…”»"
_LEAST_WORDS = 4


@dataclass(frozen=True)
class Line:
    """Text, and whether words were left out at its end (``cut``), and whether that was in the middle of a clause."""

    text: str
    words: int
    cut: bool = False
    torn: bool = False


def width(text: str) -> int:
    """How much room a text takes: wide letters (Chinese, Japanese, Korean) count twice."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def line_of(words: Sequence[Word], lists: WordLists, limit: int) -> Line | None:
    """The words as a line at most ``limit`` wide (see ``width``); None when nothing of them is left.

    Fillers go, so do conjunctions and other weak words at the start and, where the line has to be cut, at the end. It
    is cut after a clause if one ends in its second half, else before a word that begins a phrase, else between words.
    """
    kept = _without_fillers(words, lists)
    while len(kept) > 1 and _weak(bare(kept[0].text), bare(kept[1].text), lists):
        kept = kept[1:]
    if not any(bare(word.text) for word in kept):
        return None
    whole = _dressed(kept, _mark(kept))
    if width(whole) <= limit:
        return Line(whole, len(kept))
    fitting = len(kept)
    while fitting > 1 and width(_dressed(kept[:fitting])) > limit - 1:
        fitting -= 1
    end, torn = _cut_at(kept, fitting, lists)
    asks = _mark(kept) in QUESTION_MARKS and bare(kept[0].text) in lists.asking and not torn
    text = _dressed(kept[:end], _mark(kept) if asks else "")
    if width(text) > limit:
        return None  # a single word that is longer than the limit
    return Line(f"{text}…" if torn else text, end, cut=True, torn=torn)


def _weak(term: str, after: str, lists: WordLists) -> bool:
    """Whether a line is better without its first word ("for" only before a question word: "For where is she")."""
    return term in lists.conjunctions or term in lists.openers or (term == "for" and after in lists.asking)


def _cut_at(words: Sequence[Word], fitting: int, lists: WordLists) -> tuple[int, bool]:
    """Where to cut, and whether that tears a clause."""
    spaced = any(not word.joined for word in words[1:])
    least = min(_LEAST_WORDS, fitting) if spaced else max(1, fitting // 3)
    clauses = [end for end in range(least, fitting + 1) if pauses_at(words[end - 1].text)]
    for end in reversed(clauses):
        if bare(words[end - 1].text) not in lists.conjunctions:
            return end, False
    for end in range(fitting, least - 1, -1):
        begins_phrase = end < len(words) and bare(words[end].text) in lists.dangling
        if begins_phrase and _stands(words[:end], lists) and 2 * end >= fitting:
            return end, True
    end = fitting
    while end > 1 and not _stands(words[:end], lists):
        end -= 1
    return end, True


def _stands(words: Sequence[Word], lists: WordLists) -> bool:
    """Whether a line may end here: not on a word that wants another one."""
    return bare(words[-1].text) not in lists.dangling and bool(bare(words[-1].text))


def _without_fillers(words: Sequence[Word], lists: WordLists) -> list[Word]:
    kept: list[Word] = []
    for word in words:
        if bare(word.text) in lists.fillers:
            _close_up(kept, word)
            continue
        if kept and bare(word.text) and bare(word.text) == bare(kept[-1].text) and lists.known:
            kept[-1] = word  # "the the"
            continue
        kept.append(word)
    text = " ".join(bare(word.text) for word in kept)
    return _without_phrases(kept, lists) if any(phrase in text for phrase in lists.filler_phrases) else kept


def _without_phrases(words: list[Word], lists: WordLists) -> list[Word]:
    kept: list[Word] = []
    at = 0
    while at < len(words):
        pair = " ".join(bare(word.text) for word in words[at : at + 2])
        apart = at + 1 < len(words) and words[at + 1].text.endswith(",") and (not kept or kept[-1].text.endswith(","))
        if pair in lists.filler_phrases and apart:
            _close_up(kept, words[at + 1])
            at += 2
            continue
        kept.append(words[at])
        at += 1
    return kept


def _close_up(kept: list[Word], left_out: Word) -> None:
    """Both commas go with what stood between them ("it was, um, late")."""
    if kept and kept[-1].text.endswith(",") and left_out.text.endswith(","):
        kept[-1] = kept[-1].model_copy(update={"text": kept[-1].text[:-1]})


def _mark(words: Sequence[Word]) -> str:
    """The question or exclamation mark that words end with, or nothing."""
    mark = closing_mark(words[-1].text)
    return mark if mark in QUESTION_MARKS or mark in EXCLAMATION_MARKS else ""


def _dressed(words: Sequence[Word], mark: str = "") -> str:
    """Words as a line that begins with a capital and ends with ``mark`` and no other."""
    text = written(tuple(words)).strip().rstrip(_TRAILING).lstrip(_LEADING)
    if not mark:
        text = text.lstrip("¿¡")
    text = _balanced(text + mark)
    return text[:1].upper() + text[1:]


def _balanced(text: str) -> str:
    """Without quotation marks and brackets of which the other half was left out."""
    if sum(text.count(char) for char in _QUOTES) % 2:
        text = "".join(char for char in text if char not in _QUOTES)
    for left, right in ("()", "「」", "『』", "（）", "[]"):
        if text.count(left) != text.count(right):
            text = text.replace(left, "").replace(right, "")
    return text.strip()
