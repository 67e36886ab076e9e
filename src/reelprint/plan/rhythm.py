"""Rhythm: further cuts inside the pieces of an assembly, so that the film cuts as the style does.

A further cut keeps the take running and changes the framing (a punch-in), so no word and no moment is lost.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from reelprint.core.style import StyleJSON
from reelprint.plan.assembly import Piece
from reelprint.plan.lengths import MIN_SHOT_S, draw_lengths, wanted_boundaries

#: A cut moves to a beat or to the end of a phrase by at most this, or by this share of its shot.
_SNAP_S, _SNAP_SHARE = 0.35, 0.45


@dataclass(frozen=True)
class Part:
    """A piece of a piece: source time [start_s, end_s), ``turn`` counts the framings within one take."""

    piece: Piece
    start_s: float
    end_s: float
    turn: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


def with_rhythm(
    pieces: Sequence[Piece], style: StyleJSON, anchors_s: Sequence[float], rng: random.Random
) -> list[Part]:
    """Split pieces until the film has the style's number of boundaries.

    ``anchors_s``: ascending times on the film's own clock where a cut sits well (beats, ends of phrases).
    """
    counts = _allocate(pieces, wanted_boundaries(style, sum(piece.duration_s for piece in pieces)))
    parts: list[Part] = []
    at_s = 0.0
    turn = 0
    for number, (piece, count) in enumerate(zip(pieces, counts, strict=True)):
        goes_on = number > 0 and pieces[number - 1].take == piece.take
        turn = turn + 1 if goes_on else 0
        cuts = _cuts(piece, count, style, anchors_s, at_s, rng)
        edges = [piece.start_s, *cuts, piece.end_s]
        for index in range(len(edges) - 1):
            parts.append(Part(piece, edges[index], edges[index + 1], turn + index))
        turn += len(cuts)
        at_s += piece.duration_s
    return parts


def _allocate(pieces: Sequence[Piece], boundaries: int) -> list[int]:
    """How many parts each piece falls into: always the longest part is split next (highest averages)."""
    counts = [1] * len(pieces)
    for _ in range(max(0, boundaries - (len(pieces) - 1))):
        longest = max(range(len(pieces)), key=lambda index: pieces[index].duration_s / counts[index])
        if pieces[longest].duration_s / (counts[longest] + 1) < MIN_SHOT_S:
            break
        counts[longest] += 1
    return counts


def _cuts(
    piece: Piece, count: int, style: StyleJSON, anchors_s: Sequence[float], film_s: float, rng: random.Random
) -> list[float]:
    """Source times of the ``count - 1`` cuts inside a piece that starts at ``film_s`` of the film."""
    lengths = draw_lengths(style, count, piece.duration_s, rng)
    cuts: list[float] = []
    ideal_s = piece.start_s
    for index in range(count - 1):
        ideal_s += lengths[index]
        earliest = (cuts[-1] if cuts else piece.start_s) + MIN_SHOT_S
        latest = piece.end_s - MIN_SHOT_S * (count - 1 - index)
        if latest < earliest:
            continue
        reach_s = min(_SNAP_S, _SNAP_SHARE * min(lengths[index], lengths[index + 1]))
        shift_s = film_s - piece.start_s
        anchor = _nearest(anchors_s, ideal_s + shift_s)
        snapped = ideal_s
        if anchor is not None and abs(anchor - shift_s - ideal_s) <= reach_s:
            snapped = anchor - shift_s
        cuts.append(min(latest, max(earliest, snapped)))
    return cuts


def _nearest(ordered: Sequence[float], value: float) -> float | None:
    place = bisect_left(ordered, value)
    around = ordered[max(0, place - 1) : place + 1]
    return min(around, key=lambda item: abs(item - value), default=None)
