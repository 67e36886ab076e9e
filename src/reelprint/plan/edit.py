"""StyleJSON + footage Analysis -> EditPlan: every decision of the edit, deterministic under a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

from reelprint.core.analysis import Analysis
from reelprint.core.plan import AudioPlan, CropKey, EditPlan, Join, OutputSpec, Segment
from reelprint.core.style import StyleJSON
from reelprint.core.time import to_frames
from reelprint.plan.assembly import Piece, shortened, whole
from reelprint.plan.framing import Framing, plan_framings
from reelprint.plan.grading import plan_take_grades
from reelprint.plan.joins import CUT, edge_fade, plan_joins
from reelprint.plan.lengths import wanted_boundaries
from reelprint.plan.options import PlanOptions
from reelprint.plan.output import output_spec
from reelprint.plan.reframe import frame_segment
from reelprint.plan.rhythm import Part, with_rhythm
from reelprint.plan.sound import plan_audio_chain
from reelprint.plan.soundtrack import anchors, plan_pieces
from reelprint.plan.takes import Take, takes_of

#: A source frame that starts this close before the end of its take is not asked for.
_EDGE_S = 1e-3


def plan_edit(style: StyleJSON, footage: Analysis, options: PlanOptions) -> EditPlan:
    """Plan the edit of ``footage`` in ``style``.

    The plan depends on its arguments alone: equal arguments give equal bytes.
    Raises DocumentError (an option does not fit the footage) and PlanError (a bug).
    """
    rng = random.Random(options.seed)
    output = output_spec(style, footage, options)
    takes = takes_of(footage.shots)
    pieces, notes = _assemble(takes, footage, style, options, output, rng)
    audio = plan_pieces(pieces, footage, output.duration_s) if footage.loudness is not None else ()
    if options.pacing == "match":
        parts = with_rhythm(pieces, style, anchors(audio, footage), rng)
        joins = plan_joins(style, parts, output.rate, footage_transitions(footage, pieces))
        opening = edge_fade(style, "start", parts[0], output.rate)
        closing = edge_fade(style, "end", parts[-1], output.rate)
        notes += _pacing_notes(style, parts, output)
    else:
        parts = [Part(piece, piece.start_s, piece.end_s, 0) for piece in pieces]
        joins = [CUT] * (len(parts) - 1)
        opening = closing = None
    parts, joins = _at_least_a_frame(parts, joins, output.rate)
    segments = _segments(parts, joins, plan_framings(style, parts, footage), footage, output)
    return EditPlan(
        seed=options.seed,
        pacing=options.pacing,
        source_hash=footage.media.content_hash,
        source_duration_s=footage.timing.duration_s,
        output=output,
        segments=segments,
        joins=tuple(joins),
        opening=opening,
        closing=closing,
        grades=plan_take_grades(style, footage.colour, [(take.first_shot, take.last_shot) for take in takes], options.strength),
        audio=AudioPlan(pieces=audio, chain=plan_audio_chain(style, footage, options.strength)) if audio else None,
        notes=tuple(notes),
    ).check()


def footage_transitions(footage: Analysis, pieces: Sequence[Piece]) -> list:  # type: ignore[type-arg]
    """Gradual transitions of the footage that are still inside the pieces."""
    return [
        transition
        for transition in footage.shots.boundaries
        if transition.type != "cut"
        and any(piece.start_s < transition.start_s and transition.end_s < piece.end_s for piece in pieces)
    ]


def _assemble(
    takes: Sequence[Take],
    footage: Analysis,
    style: StyleJSON,
    options: PlanOptions,
    output: OutputSpec,
    rng: random.Random,
) -> tuple[list[Piece], list[str]]:
    frame_s = float(1 / output.rate)
    if output.duration_s >= footage.timing.duration_s - frame_s:
        return whole(takes), []
    pieces = shortened(takes, footage, style, output.duration_s, rng)
    kept = len({piece.take.number for piece in pieces})
    note = f"{output.duration_s:.1f} of {footage.timing.duration_s:.1f} s kept, from {kept} of {len(takes)} takes"
    return pieces, [note]


def _pacing_notes(style: StyleJSON, parts: Sequence[Part], output: OutputSpec) -> list[str]:
    wanted, have = wanted_boundaries(style, output.duration_s), len(parts) - 1
    if have > wanted * 1.15 + 1:
        return [
            f"the footage itself has {have} boundaries, the style asks for {wanted}; every shot is kept: "
            "give a shorter target duration to drop some"
        ]
    return []


def _at_least_a_frame(
    parts: Sequence[Part], joins: Sequence[Join], rate: Fraction
) -> tuple[list[Part], list[Join]]:
    """Leave out parts that round to no frame at all on the film's frame grid."""
    kept_parts: list[Part] = []
    kept_joins: list[Join] = []
    at_s = 0.0
    for index, part in enumerate(parts):
        start, at_s = at_s, at_s + part.duration_s
        if to_frames(at_s, rate) > to_frames(start, rate):
            if kept_parts:
                kept_joins.append(joins[index - 1] if index else CUT)
            kept_parts.append(part)
    return kept_parts, kept_joins


def _segments(
    parts: Sequence[Part],
    joins: Sequence[Join],
    framings: Sequence[Framing],
    footage: Analysis,
    output: OutputSpec,
) -> tuple[Segment, ...]:
    """Lay the parts on the frame grid. A join reaches half its frames into each side of the boundary."""
    rate = output.rate
    edges = _frame_edges(parts, output)
    segments = []
    for index, part in enumerate(parts):
        before = joins[index - 1].frames if index else 0
        after = joins[index].frames if index < len(joins) else 0
        lead, tail = before // 2, after - after // 2
        start, end = edges[index] - lead, edges[index + 1] + tail
        take = part.piece.take
        # Holds stand in where the take has no frame left for the join.
        room_before = max(0, int((part.start_s - take.start_s + _EDGE_S) * rate))
        head_hold = max(0, lead - room_before)
        source_start_s = max(take.start_s, part.start_s - float((lead - head_hold) / rate))
        room = int((take.end_s - _EDGE_S - source_start_s) * rate) + 1
        tail_hold = max(0, (end - start - head_hold) - max(1, room))
        segments.append(
            Segment(
                start_frame=start,
                frames=end - start,
                head_hold=head_hold,
                tail_hold=tail_hold,
                source_start_s=source_start_s,
                source_shot=_shot_at(footage, part),
                crop=_crop(footage, output, source_start_s, end - start, framings[index]),
                grade=take.number,
            )
        )
    return tuple(segments)


def _frame_edges(parts: Sequence[Part], output: OutputSpec) -> list[int]:
    edges, at_s = [0], 0.0
    for part in parts:
        at_s += part.duration_s
        edges.append(to_frames(at_s, output.rate))
    edges[-1] = output.frame_count
    return edges


def _shot_at(footage: Analysis, part: Part) -> int:
    middle_s = (part.start_s + part.end_s) / 2
    for number, shot in enumerate(footage.shots.shots):
        if middle_s < shot.end_s:
            return number
    return len(footage.shots.shots) - 1


def _crop(
    footage: Analysis, output: OutputSpec, start_s: float, frames: int, framing: Framing
) -> tuple[CropKey, ...]:
    return frame_segment(footage, output, start_s, frames, framing.scale, framing.zoom_ratio)
