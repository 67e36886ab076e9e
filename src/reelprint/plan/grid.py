"""The frame grid: parts and the joins between them laid on whole output frames, as segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from reelprint.core.plan import Join, OutputSpec
from reelprint.core.time import to_frames
from reelprint.plan.rhythm import Part

#: A source frame that starts this close before the end of its take is not asked for.
_EDGE_S = 1e-3


@dataclass(frozen=True)
class Slot:
    """One part's place: output frames [start_frame, + frames) and the source they play; see core.plan.Segment."""

    part: Part
    start_frame: int
    frames: int
    head_hold: int
    tail_hold: int
    source_start_s: float


def on_grid(parts: Sequence[Part], output: OutputSpec) -> tuple[list[Part], list[int]]:
    """The parts that get a frame of the film at least, and the frame boundaries before, between and after them.

    Footage that cuts faster than the film's frames leaves parts between two frames; those are not seen. The film's
    own length has the last word on where the last part ends.
    """
    ends: list[int] = []
    at_s = 0.0
    for part in parts:
        at_s += part.duration_s
        ends.append(min(output.frame_count, to_frames(at_s, output.rate)))
    ends[-1] = output.frame_count
    seen = [index for index, (start, end) in enumerate(pairwise([0, *ends])) if end > start]
    return [parts[index] for index in seen], [0, *(ends[index] for index in seen)]


def slots(parts: Sequence[Part], edges: Sequence[int], joins: Sequence[Join], rate: Fraction) -> list[Slot]:
    """Lay parts ``on_grid`` on the film. A join reaches half its frames into each side of its boundary."""
    reach = [0, *(join.frames for join in joins), 0]
    return [
        _slot(
            part,
            start=edges[index] - reach[index] // 2,
            end=edges[index + 1] + reach[index + 1] - reach[index + 1] // 2,
            lead=reach[index] // 2,
            rate=rate,
        )
        for index, part in enumerate(parts)
    ]


def _slot(part: Part, start: int, end: int, lead: int, rate: Fraction) -> Slot:
    """Holds stand in where the take has no frame left for a join."""
    take = part.piece.take
    room_before = max(0, int((part.start_s - take.start_s + _EDGE_S) * rate))
    head_hold = max(0, lead - room_before)
    source_start_s = max(take.start_s, part.start_s - float((lead - head_hold) / rate))
    # A frame of the film shows what the footage shows at the middle of its time: that must still be this take.
    room = max(1, int((take.end_s - _EDGE_S - source_start_s) * rate + 0.5))
    return Slot(
        part=part,
        start_frame=start,
        frames=end - start,
        head_hold=head_hold,
        tail_hold=max(0, end - start - head_hold - room),
        source_start_s=source_start_s,
    )
