"""Laying words out: the cheapest way to cut what is said between two long pauses into cards of one or two rows.

All breaks are chosen together (dynamic programming over where each card begins): a break costs nothing after a
sentence, a little after a clause, more in the middle of one; a word alone and a flash cost too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from reelprint.core.captions import CaptionLook, CaptionWord
from reelprint.plan.captions_words import is_spaceless

#: Nothing stays on the screen over a longer pause than this, and no card holds one.
PAUSE_S = 0.5
#: A card outlasts its last word by at most this, unless it would be gone too fast to be read.
LINGER_S = 0.4
SHORTEST_S = 0.5
#: A row may be this much too wide when one word fills it alone: it is drawn smaller then.
SQUEEZE = 0.6

_SENTENCE = re.compile(r"[.!?…。！？؟۔।။።]['\")\]}»”’』」）]*$")
_CLAUSE = re.compile(r"[,;:،؛、，；：—–]['\")\]}»”’』」）]*$|-$")
_ABBREVIATION = re.compile(r"^(?:\w\.)+$|^(?:Mr|Mrs|Ms|Dr|St|Prof|Jr|Sr|vs|etc|No|Nr|Hr|Fr|Mme|Mlle|Sra?|bzw|z\.B)\.$")
_CARD, _LONELY, _FLASH, _MIDDLE, _SECOND_ROW = 10.0, 12.0, 30.0, 6.0, 2.0
_INSIDE_SENTENCE, _PAUSE_INSIDE_PER_S = 40.0, 40.0


@dataclass(frozen=True)
class Limits:
    """What fits: ``row_em`` wide, ``row_letters`` a row, ``words`` (0: any number) and ``longest_s`` a card."""

    row_em: float
    row_letters: int
    words: int
    longest_s: float
    target_letters: int
    inside_clause: float


def limits_of(look: CaptionLook, row_em: float, row_letters: int) -> Limits:
    """Two to five big words for karaoke; rows of reading length for the other looks."""
    if look == "karaoke":
        return Limits(row_em, row_letters, words=5, longest_s=3.5, target_letters=18, inside_clause=6.0)
    return Limits(row_em, row_letters, words=0, longest_s=7.0, target_letters=int(1.4 * row_letters), inside_clause=3.0)


@dataclass(frozen=True)
class Unit:
    """Words that no break may part, and what follows them."""

    words: tuple[CaptionWord, ...]
    text: str
    width_em: float
    letters: int

    @property
    def start_s(self) -> float:
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        return self.words[-1].end_s

    @cached_property
    def ends_sentence(self) -> bool:
        return bool(_SENTENCE.search(self.text)) and not _ABBREVIATION.match(self.text)

    @cached_property
    def ends_clause(self) -> bool:
        return bool(_CLAUSE.search(self.text))


def laid_out(units: Sequence[Unit], limits: Limits, space_em: float) -> list[list[tuple[CaptionWord, ...]]]:
    """Cards as rows of words. ``space_em``: width of a space."""
    return _Layout(units, limits, space_em).cards()


class _Layout:
    """One section; sums from its beginning make every stretch of it cheap to measure."""

    def __init__(self, units: Sequence[Unit], limits: Limits, space_em: float) -> None:
        self._units, self._limits, self._space_em = units, limits, space_em
        spaced = [not unit.words[0].joined for unit in units]
        self._spaced = spaced
        self._ems = _sums(unit.width_em + space * space_em for unit, space in zip(units, spaced, strict=True))
        self._letters = _sums(unit.letters + space for unit, space in zip(units, spaced, strict=True))
        # Units without spaces between them are pieces of words: their letters are counted instead, four to a word.
        self._words = _sums((unit.letters + 3) // 4 if is_spaceless(unit.text[0]) else 1 for unit in units)
        self._crossing = _sums(self._crossing_cost(before, after) for before, after in pairwise(units))

    def cards(self) -> list[list[tuple[CaptionWord, ...]]]:
        """The cheapest cards."""
        # best[end]: cost of laying out the units before ``end``, where its last card begins, and its second row.
        best: list[tuple[float, int, int]] = [(0.0, 0, 0)]
        for end in range(1, len(self._units) + 1):
            choices = []
            for start in range(end - 1, -1, -1):
                second = self._second_row(start, end)
                if end - start > 1 and (second is None or self._too_much(start, end)):
                    break
                cost = best[start][0] + self._cost(start, end, two=second is not None and second < end)
                choices.append((cost, start, end if second is None else second))
            best.append(min(choices))
        cards, end = [], len(self._units)
        while end:
            _, start, second = best[end]
            rows = [self._units[start:second], self._units[second:end]]
            cards.append([tuple(word for unit in row for word in unit.words) for row in rows if row])
            end = start
        return cards[::-1]

    def _second_row(self, start: int, end: int) -> int | None:
        """Where the second row begins (``end``: there is none); None when two rows cannot hold the units.

        One row where it fits, else the two that are most alike.
        """
        if self._fits(start, end) is not None:
            return end
        if self._ems[end] - self._ems[start] > 2.2 * self._limits.row_em / SQUEEZE:
            return None
        found = []
        for place in range(start + 1, end):
            upper, lower = self._fits(start, place), self._fits(place, end)
            if upper is not None and lower is not None:
                last = self._units[place - 1]
                bonus = 0.25 if last.ends_sentence or last.ends_clause else 0.0
                # A shorter upper row hides less of the picture.
                uneven = abs(upper - lower) / max(upper, lower) + (0.05 if upper > lower else 0.0)
                found.append((uneven - bonus, place))
        return min(found)[1] if found else None

    def _fits(self, start: int, end: int) -> float | None:
        """Width in em of units as one row, None when they do not fit."""
        lead = self._spaced[start]
        em = self._ems[end] - self._ems[start] - lead * self._space_em
        if end - start == 1:
            return em if em <= self._limits.row_em / SQUEEZE else None
        letters = self._letters[end] - self._letters[start] - lead
        return em if em <= self._limits.row_em and letters <= self._limits.row_letters else None

    def _too_much(self, start: int, end: int) -> bool:
        words = self._words[end] - self._words[start]
        long_s = self._units[end - 1].end_s - self._units[start].start_s
        return bool(self._limits.words and words > self._limits.words) or long_s > self._limits.longest_s

    def _crossing_cost(self, before: Unit, after: Unit) -> float:
        """Of having the end of ``before`` inside a card."""
        inside = _INSIDE_SENTENCE if before.ends_sentence else self._limits.inside_clause if before.ends_clause else 0.0
        return inside + _PAUSE_INSIDE_PER_S * max(0.0, after.start_s - before.end_s - 0.1)

    def _cost(self, start: int, end: int, *, two: bool) -> float:
        first, last = self._units[start], self._units[end - 1]
        after_s = self._units[end].start_s - last.end_s if end < len(self._units) else PAUSE_S
        cost = _CARD + (_SECOND_ROW if two else 0.0) + self._crossing[end - 1] - self._crossing[start]
        target = self._limits.target_letters
        if not last.ends_sentence and after_s < PAUSE_S:
            cost += 0.0 if last.ends_clause else _MIDDLE
            cost += 8.0 * max(0.0, 1 - (self._letters[end] - self._letters[start]) / target) ** 2
        if end - start == 1 and last.letters < target / 2:
            cost += _LONELY
        if last.end_s - first.start_s + min(after_s, LINGER_S) < SHORTEST_S:
            cost += _FLASH
        return cost


def _sums(values: Iterable[float]) -> list[float]:
    return list(accumulate(values, initial=0.0))
