"""Cutting words into cards: where a reader expects a break, as wide as the picture allows, slow enough to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reelprint.core.captions import CaptionCard, CaptionWord
from reelprint.plan.captions_layout import LINGER_S, PAUSE_S, SHORTEST_S, SQUEEZE, Limits, Unit, laid_out
from reelprint.plan.captions_words import is_spaceless, is_wide, may_part

#: Subtitling guides ask for 15-20 letters a second; a letter of Han, kana or Hangul counts as two.
FASTEST_PER_S = 20.0
Width = Callable[[str], float]


def cards_of(words: Sequence[CaptionWord], limits: Limits, width: Width, film_s: float) -> tuple[CaptionCard, ...]:
    """Cards in time order, none overlapping, all inside the film. ``width`` measures a text in em."""
    rows: list[list[tuple[CaptionWord, ...]]] = []
    for section in _sections(_units(words, limits, width)):
        rows += laid_out(section, limits, width(" "))
    return _timed(rows, film_s)


def _units(words: Sequence[CaptionWord], limits: Limits, width: Width) -> list[Unit]:
    groups: list[list[CaptionWord]] = []
    for word in (part for given in words for part in _narrow_enough(given, limits, width)):
        if groups and word.joined and not may_part(groups[-1][-1].text, word.text):
            groups[-1].append(word)
        else:
            groups.append([word])
    units = []
    for group in groups:
        text = "".join(word.text for word in group)
        if len(group) > 1 and width(text) > limits.row_em / SQUEEZE:
            units += [_unit((word,), width) for word in group]
        else:
            units.append(_unit(tuple(group), width))
    return units


def _unit(words: tuple[CaptionWord, ...], width: Width) -> Unit:
    text = "".join(word.text for word in words)
    return Unit(words, text, width(text), reading_letters(text))


def reading_letters(text: str) -> int:
    """Letters to read: wide ones count twice, spaces too count."""
    return sum(2 if is_wide(letter) else 1 for letter in text)


def _narrow_enough(word: CaptionWord, limits: Limits, width: Width) -> list[CaptionWord]:
    """A word in parts that fit into a row each; its time is shared out by letters.

    Scripts without spaces are parted where rows may end. A longer word of the others than can be squeezed is parted
    with hyphens: where is not known for every language, so this is the last resort.
    """
    wide = is_spaceless(word.text[0])
    room = limits.row_em if wide else limits.row_em / SQUEEZE
    if width(word.text) <= room and (not wide or len(word.text) <= limits.row_letters // 2):
        return [word]
    parts = [""]
    for letter in word.text:
        full = width(parts[-1] + letter) + (0 if wide else width("-")) > room or (
            wide and len(parts[-1]) >= limits.row_letters // 2
        )
        if parts[-1] and full and (not wide or may_part(parts[-1], letter)):
            parts.append("")
        parts[-1] += letter
    total, at, made = len(word.text), 0, []
    for number, part in enumerate(parts):
        start, end = (word.start_s + (word.end_s - word.start_s) * place / total for place in (at, at + len(part)))
        hyphen = "-" if not wide and number < len(parts) - 1 else ""
        joined = word.joined if number == 0 else wide
        made.append(CaptionWord(text=part + hyphen, start_s=start, end_s=end, joined=joined))
        at += len(part)
    return made


def _sections(units: Sequence[Unit]) -> list[list[Unit]]:
    """Units between long pauses."""
    sections: list[list[Unit]] = []
    for unit in units:
        if sections and unit.start_s - sections[-1][-1].end_s <= PAUSE_S:
            sections[-1].append(unit)
        else:
            sections.append([unit])
    return sections


def _timed(cards: Sequence[Sequence[tuple[CaptionWord, ...]]], film_s: float) -> tuple[CaptionCard, ...]:
    """Cards with their times: from the first word to the last and a little of the pause after it."""
    made: list[CaptionCard] = []
    for number, rows in enumerate(cards):
        start_s, end_s = rows[0][0].start_s, rows[-1][-1].end_s
        room_s = cards[number + 1][0][0].start_s if number + 1 < len(cards) else film_s
        letters = sum(reading_letters(word.text) + 1 for row in rows for word in row)
        wanted_s = max(end_s + LINGER_S, start_s + SHORTEST_S, start_s + letters / FASTEST_PER_S)
        if start_s < room_s:
            made.append(CaptionCard(start_s=start_s, end_s=min(wanted_s, room_s), rows=tuple(rows)))
    return tuple(made)
