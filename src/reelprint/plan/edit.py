"""StyleJSON + footage Analysis -> EditPlan: every decision of the edit, deterministic under a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from reelprint.core.analysis import Analysis
from reelprint.core.plan import AudioPlan, EditPlan, OutputSpec, Segment
from reelprint.core.shots import Transition
from reelprint.core.style import StyleJSON
from reelprint.plan.assembly import shortened, whole
from reelprint.plan.framing import Framing, plan_framings
from reelprint.plan.grid import Slot, on_grid, slots
from reelprint.plan.joins import CUT, edge_fade, plan_joins
from reelprint.plan.lengths import wanted_boundaries
from reelprint.plan.options import PlanOptions
from reelprint.plan.output import output_spec
from reelprint.plan.pieces import Piece
from reelprint.plan.reframe import frame_segment
from reelprint.plan.rhythm import Part, with_rhythm
from reelprint.plan.shown import as_shown
from reelprint.plan.sound import plan_audio_chain
from reelprint.plan.soundtrack import anchors, plan_pieces
from reelprint.plan.take_grades import plan_take_grades
from reelprint.plan.takes import Take, takes_of


def plan_edit(style: StyleJSON, footage: Analysis, options: PlanOptions) -> EditPlan:
    """Plan the edit of ``footage`` in ``style``.

    The plan depends on its arguments alone: equal arguments give equal bytes.
    Raises DocumentError (an option does not fit the footage) and PlanError (a bug).
    """
    rng = random.Random(options.seed)
    output = output_spec(style, footage, options)
    takes = takes_of(footage.shots)
    pieces, notes = _assemble(takes, footage, style, output, rng)
    audio = plan_pieces(pieces, footage, output.duration_s) if footage.loudness is not None else ()
    opening = closing = None
    if options.pacing == "match":
        parts, edges = on_grid(with_rhythm(pieces, style, anchors(audio, footage, style), rng), output)
        joins = plan_joins(style, parts, output.rate, _gradual_inside(footage, pieces))
        opening = edge_fade(style, "start", parts[0], output.rate)
        closing = edge_fade(style, "end", parts[-1], output.rate)
        notes += _pacing_notes(style, parts, output)
    else:
        parts, edges = on_grid([Part(piece, piece.start_s, piece.end_s, turn=0) for piece in pieces], output)
        joins = [CUT] * (len(parts) - 1)
    framings = plan_framings(style, parts, footage, output)
    places = slots(parts, edges, joins, output.rate)
    segments = tuple(_segment(*pair, footage, output) for pair in zip(places, framings, strict=True))
    colour = as_shown(footage.colour, footage.shots, segments, output.rate)
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
        grades=plan_take_grades(style, colour, takes, options.strength),
        audio=AudioPlan(pieces=audio, chain=plan_audio_chain(style, footage, audio)) if audio else None,
        notes=tuple(notes),
    ).check()


def _assemble(
    takes: Sequence[Take], footage: Analysis, style: StyleJSON, output: OutputSpec, rng: random.Random
) -> tuple[list[Piece], list[str]]:
    """The pieces of the film, and what there is to say about them."""
    if output.duration_s >= footage.timing.duration_s - float(1 / output.rate):
        return whole(takes), []
    pieces = shortened(takes, footage, style, output.duration_s, rng)
    kept = len({piece.take.number for piece in pieces})
    note = f"{output.duration_s:.1f} of {footage.timing.duration_s:.1f} s kept, from {kept} of {len(takes)} takes"
    return pieces, [note]


def _gradual_inside(footage: Analysis, pieces: Sequence[Piece]) -> list[Transition]:
    """Gradual transitions of the footage that are still inside the pieces."""
    return [
        transition
        for transition in footage.shots.boundaries
        if transition.type != "cut"
        and any(piece.start_s < transition.start_s and transition.end_s < piece.end_s for piece in pieces)
    ]


def _pacing_notes(style: StyleJSON, parts: Sequence[Part], output: OutputSpec) -> list[str]:
    wanted, have = wanted_boundaries(style, output.duration_s), len(parts) - 1
    if have > wanted * 1.15 + 1:
        return [
            f"the footage itself has {have} boundaries, the style asks for {wanted}; every shot is kept: "
            "give a shorter target duration to drop some"
        ]
    return []


def _segment(place: Slot, framing: Framing, footage: Analysis, output: OutputSpec) -> Segment:
    return Segment(
        start_frame=place.start_frame,
        frames=place.frames,
        head_hold=place.head_hold,
        tail_hold=place.tail_hold,
        source_start_s=place.source_start_s,
        source_shot=_shot_in_the_middle(footage, place.part),
        crop=frame_segment(
            footage,
            output,
            place.source_start_s,
            place.frames,
            framing.scale,
            framing.zoom_ratio,
            framing.lean,
            framing.travel,
        ),
        grade=place.part.piece.take.number,
    )


def _shot_in_the_middle(footage: Analysis, part: Part) -> int:
    """The footage's shot at the middle of a part, among the shots of its take."""
    middle_s = (part.start_s + part.end_s) / 2
    take = part.piece.take
    shots = range(take.first_shot, take.last_shot)
    return next((number for number in shots if middle_s < footage.shots.shots[number].end_s), take.last_shot)
