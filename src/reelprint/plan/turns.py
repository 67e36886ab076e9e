"""Turns: how the framing changes over cuts inside one take, with as many punch-ins as the style has.

A cut inside a take must be seen as one. The picture may come closer (a punch-in), go wider again, or keep its size and
stand elsewhere; measured on real takes, the last is seen as a cut as surely as the others, and is no zoom. Wide windows
therefore lean to a side, and a close one stands in the middle, inside either of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Scales of the two sizes. Their ratio is read back as a punch-in; more of it costs sharpness.
WIDE, CLOSE = 1.2, 1.5
#: How far a leaning window stands off the middle, in its own widths: the close window then touches its edge, so that
#: the step is a shift as well (1.2 times (1 / 1.2 - 1 / 1.5) / 2).
LEAN = WIDE * (1 / WIDE - 1 / CLOSE) / 2


@dataclass(frozen=True)
class Turn:
    """``scale`` >= 1 is tighter; ``lean`` -1 left, 0 middle, 1 right of the subject; ``punch``: it begins closer."""

    scale: float = 1.0
    lean: int = 0
    punch: bool = False


def plan_turns(counts: Sequence[int], punches: int) -> list[list[Turn]]:
    """One list of turns per take, from the number of parts of each take.

    ``punches``: how many of the cuts inside takes should be punch-ins; spread evenly, and at most every second cut of
    a take, since the picture has to go wide again in between. A take of one part is shown whole.
    """
    wanted = _shared(punches, [count // 2 for count in counts])
    return [_take(count, some) for count, some in zip(counts, wanted, strict=True)]


def most_punches(counts: Sequence[int]) -> int:
    """How many punch-ins takes of so many parts can have."""
    return sum(count // 2 for count in counts)


def _shared(total: int, rooms: Sequence[int]) -> list[int]:
    """``total`` dealt to ``rooms`` in proportion to them (largest remainders)."""
    room = sum(rooms)
    total = min(max(0, total), room)
    if not total:
        return [0] * len(rooms)
    exact = [total * one / room for one in rooms]
    given = [int(share) for share in exact]
    by_rest = sorted(range(len(rooms)), key=lambda index: (given[index] - exact[index], index))
    for index in by_rest[: total - sum(given)]:
        given[index] += 1
    return given


def _take(parts: int, punches: int) -> list[Turn]:
    if parts == 1:
        return [Turn()]
    side = -1
    turns = [Turn(WIDE, side)]
    left = punches
    for place in range(1, parts):
        is_wide = turns[-1].scale == WIDE
        # Punch-ins are due evenly over the take; a close part is always followed by a wide one.
        due = left > 0 and (punches - left) * parts <= place * punches
        if is_wide and due:
            turns.append(Turn(CLOSE, 0, punch=True))
            left -= 1
        else:
            side = -side
            turns.append(Turn(WIDE, side))
    return turns
