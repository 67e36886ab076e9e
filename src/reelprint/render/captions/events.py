"""Which caption is on which frames: cards, and for karaoke the word that is lit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from reelprint.core.captions import CaptionCard, CaptionTrack


@dataclass(frozen=True)
class Shown:
    """A card on frames [first, end) of the film; ``lit`` counts its words row by row, None when none is lit."""

    card: CaptionCard
    first: int
    end: int
    lit: int | None = None


def shown(track: CaptionTrack, rate: Fraction, first: int, end: int) -> Iterator[Shown]:
    """What is seen on frames [first, end), in order; every stretch is what it is whoever asks for which frames."""
    for card in track.cards:
        # Most cards of a long film are far away: only near ones are worth exact numbers.
        if card.end_s * float(rate) < first - 1 or card.start_s * float(rate) > end + 1:
            continue
        start, stop = frame_of(card.start_s, rate), frame_of(card.end_s, rate)
        if stop <= first or start >= end:
            continue
        for piece in _lit(card, start, stop, rate) if track.look == "karaoke" else (Shown(card, start, stop),):
            begins, ends = max(first, piece.first), min(end, piece.end)
            if begins < ends:
                yield Shown(piece.card, begins, ends, piece.lit)


def frame_of(time_s: float, rate: Fraction) -> int:
    """The frame whose beginning is nearest to a time."""
    return int(Fraction(time_s) * rate + Fraction(1, 2))


def _lit(card: CaptionCard, start: int, stop: int, rate: Fraction) -> Iterator[Shown]:
    """A word is lit until the next begins, the last one until it ends."""
    words = [word for row in card.rows for word in row]
    edges = [min(stop, max(start, frame_of(word.start_s, rate))) for word in words]
    edges.append(min(stop, max(start, frame_of(words[-1].end_s, rate))))
    if start < edges[0]:
        yield Shown(card, start, edges[0])
    for number in range(len(words)):
        if edges[number] < edges[number + 1]:
            yield Shown(card, edges[number], edges[number + 1], number)
    if edges[-1] < stop:
        yield Shown(card, edges[-1], stop)
