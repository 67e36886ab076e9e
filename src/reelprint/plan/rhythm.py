"""Rhythm: further cuts inside the pieces of an assembly, so that the film cuts as the style does.

A further cut keeps the take running and changes the framing (a punch-in), so no word and no moment is lost.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from reelprint.core.lengths import length_distance_octaves
from reelprint.core.style import StyleJSON
from reelprint.plan.lengths import MIN_SHOT_S, draw_lengths, known_lengths, wanted_boundaries
from reelprint.plan.pieces import Piece
from reelprint.plan.snapping import Anchors

#: Ways to cut that are tried.
_WAYS = 40


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


def with_rhythm(pieces: Sequence[Piece], style: StyleJSON, anchors: Anchors, rng: random.Random) -> list[Part]:
    """Split pieces until the film has the style's number of boundaries, and shots as long as the style's.

    Of several ways to cut, the one whose shot lengths are nearest to the style's. ``anchors``: on the film's own clock.
    """
    missing = wanted_boundaries(style, sum(piece.duration_s for piece in pieces)) - (len(pieces) - 1)
    known = known_lengths(style)
    ways = [_one_way(pieces, missing, style, anchors, rng, even=True)]
    if missing > 0 and known:
        ways += [_one_way(pieces, missing, style, anchors, rng, even=False) for _ in range(_WAYS)]

    def apart(parts: Sequence[Part]) -> float:
        # Equal ways keep the first; a way that lost a cut for want of room is no equal.
        lost = abs(len(parts) - len(ways[0]))
        return length_distance_octaves([part.duration_s for part in parts], known) + lost if known else 0.0

    return min(ways, key=apart)


def _one_way(
    pieces: Sequence[Piece],
    missing: int,
    style: StyleJSON,
    anchors: Anchors,
    rng: random.Random,
    *,
    even: bool,
) -> list[Part]:
    counts = _allocate(pieces, missing, [1.0 if even else 2 ** rng.uniform(-1, 1) for _ in pieces])
    parts: list[Part] = []
    at_s = 0.0
    turn = 0
    for number, (piece, count) in enumerate(zip(pieces, counts, strict=True)):
        goes_on = number > 0 and pieces[number - 1].take == piece.take
        turn = turn + 1 if goes_on else 0
        cuts = _cuts(piece, count, style, anchors, at_s, rng)
        edges = pairwise([piece.start_s, *cuts, piece.end_s])
        parts.extend(Part(piece, start, end, turn + index) for index, (start, end) in enumerate(edges))
        turn += len(cuts)
        at_s += piece.duration_s
    return parts


def _allocate(pieces: Sequence[Piece], missing: int, favours: Sequence[float]) -> list[int]:
    """How many parts each piece falls into: always the longest part, times its favour, is split next."""
    counts = [1] * len(pieces)
    longest = [(-piece.duration_s * favours[index], index) for index, piece in enumerate(pieces)]
    heapq.heapify(longest)
    while missing > 0 and longest:
        index = longest[0][1]
        parts = counts[index] + 1
        if pieces[index].duration_s / parts < MIN_SHOT_S:
            heapq.heappop(longest)
            continue
        counts[index] = parts
        missing -= 1
        heapq.heapreplace(longest, (-pieces[index].duration_s * favours[index] / parts, index))
    return counts


def _cuts(
    piece: Piece, count: int, style: StyleJSON, anchors: Anchors, film_s: float, rng: random.Random
) -> list[float]:
    """Source times of the ``count - 1`` cuts inside a piece that starts at ``film_s`` of the film."""
    lengths = draw_lengths(style, count, piece.duration_s, rng)
    shift_s = film_s - piece.start_s
    # The anchors of this piece, on the clock of the source.
    near = anchors.within(film_s, film_s + piece.duration_s, shift_s)
    cuts: list[float] = []
    ideal_s = piece.start_s
    for index in range(count - 1):
        ideal_s += lengths[index]
        earliest_s = (cuts[-1] if cuts else piece.start_s) + MIN_SHOT_S
        latest_s = piece.end_s - MIN_SHOT_S * (count - 1 - index)
        cuts.append(near.snapped(ideal_s, (lengths[index], lengths[index + 1]), earliest_s, latest_s, rng))
    return cuts
