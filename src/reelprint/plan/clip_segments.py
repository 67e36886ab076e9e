"""The segments of a clip: layouts laid over the segments of its plan, jumps of the window made cuts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from reelprint.core.analysis import Analysis
from reelprint.core.plan import CropKey, EditPlan, Join, OutputSpec, Segment
from reelprint.plan.joins import CUT
from reelprint.plan.layouts import Stretch, edges_inside, layout_at
from reelprint.plan.reframe import frame_segment
from reelprint.plan.windows import largest_window

#: A layout that changes this close to a cut changes at the cut.
_NEAR_CUT_S = 0.4
#: Windows this far apart (their own sizes) on successive frames are a cut.
_JUMP = 0.2
#: A shot of so few frames at an end of the clip is the edge of another shot, seen as a flash.
_SLIVER_FRAMES = 3


def arranged(
    plan: EditPlan, piece: Analysis, output: OutputSpec, stretches: Sequence[Stretch]
) -> tuple[tuple[Segment, ...], tuple[Join, ...]]:
    """The plan's segments, divided where layouts change and windows jump; neighbours so made meet at cuts.

    ``piece`` is the analysis that the plan was made of. The time line stays as it is.
    """
    segments: list[Segment] = []
    joins: list[Join] = []
    for number, segment in enumerate(plan.segments):
        before = plan.joins[number - 1].frames if number else 0
        after = plan.joins[number].frames if number < len(plan.joins) else 0
        # Cuts lie where the segment plays alone.
        free = range(max(before, segment.head_hold) + 1, segment.frames - max(after, segment.tail_hold))
        parts = [
            smaller
            for part in _by_layout(segment, free, piece, output, stretches)
            for smaller in _by_jumps(part, segment, free, output.rate)
        ]
        if segments:
            joins.append(plan.joins[number - 1])
        joins.extend([CUT] * (len(parts) - 1))
        segments.extend(parts)
    return tuple(segments), tuple(joins)


def without_slivers(
    segments: tuple[Segment, ...], joins: tuple[Join, ...]
) -> tuple[tuple[Segment, ...], tuple[Join, ...]]:
    """A flash of another shot at either end is covered by holding its neighbour's nearest frame."""
    if len(segments) > 1 and segments[0].frames <= _SLIVER_FRAMES and not joins[0].frames:
        flash, first = segments[0].frames, segments[1]
        held = first.model_copy(
            update={
                "start_frame": 0,
                "frames": first.frames + flash,
                "head_hold": first.head_hold + flash,
                "crop": _later(first.crop, flash),
                "below": _later(first.below, flash),
            }
        )
        segments, joins = (held, *segments[2:]), joins[1:]
    if len(segments) > 1 and segments[-1].frames <= _SLIVER_FRAMES and not joins[-1].frames:
        flash, last = segments[-1].frames, segments[-2]
        held = last.model_copy(update={"frames": last.frames + flash, "tail_hold": last.tail_hold + flash})
        segments, joins = (*segments[:-2], held), joins[:-1]
    return segments, joins


def _later(keys: tuple[CropKey, ...], frames: int) -> tuple[CropKey, ...]:
    """Keys moved by some frames."""
    if len(keys) <= 1:
        return keys
    # The renderer shows the first key's window on the frames before it.
    return tuple(key.model_copy(update={"frame": key.frame + frames}) for key in keys)


def _by_layout(
    segment: Segment, free: range, piece: Analysis, output: OutputSpec, stretches: Sequence[Stretch]
) -> list[Segment]:
    """The segment cut where the layout changes."""
    rate = output.rate
    start_s = segment.source_start_s
    end_s = start_s + float(segment.source_frames / rate)
    changes = edges_inside(stretches, start_s, end_s, _NEAR_CUT_S)
    cuts = sorted({segment.head_hold + round((change - start_s) * float(rate)) for change in changes} & set(free))
    parts = []
    for first, stop in pairwise([0, *cuts, segment.frames]):
        part = _part(segment, first, stop, rate)
        middle_s = part.source_start_s + float(part.source_frames / rate) / 2
        stretch = layout_at(stretches, middle_s)
        if stretch.layout == "window" and cuts:
            crop = frame_segment(piece, output, part.source_start_s, part.frames, _scale(segment, piece, output))
            part = part.model_copy(update={"crop": crop})
        elif stretch.layout != "window":
            keys = [(CropKey(frame=0, crop=crop),) for crop in stretch.crops]
            below = keys[1] if len(keys) > 1 else ()
            part = part.model_copy(update={"layout": stretch.layout, "crop": keys[0], "below": below})
        parts.append(part)
    return parts


def _by_jumps(part: Segment, segment: Segment, free: range, rate: Fraction) -> list[Segment]:
    """The part cut where its window jumps: each side is a still window then, which is sharper and cheaper."""
    offset = part.start_frame - segment.start_frame
    jumps = [
        after.frame
        for before, after in pairwise(part.crop)
        if after.frame - before.frame == 1 and _far(before, after) and after.frame + offset in free
    ]
    if not jumps:
        return [part]
    parts = []
    for first, stop in pairwise([0, *jumps, part.frames]):
        keys = [key for key in part.crop if first <= key.frame < stop]
        if not keys or keys[0].frame > first:
            standing = [key for key in part.crop if key.frame < first][-1]
            keys = [standing.model_copy(update={"frame": first}), *keys]
        own = [key.model_copy(update={"frame": key.frame - first}) for key in keys]
        if all(key.crop == own[0].crop for key in own):
            own = own[:1]
        parts.append(_part(part, first, stop, rate).model_copy(update={"crop": tuple(own)}))
    return parts


def _part(segment: Segment, first: int, stop: int, rate: Fraction) -> Segment:
    """Frames [first, stop) of a segment with its crop as it is. Holds stay at the ends."""
    return segment.model_copy(
        update={
            "start_frame": segment.start_frame + first,
            "frames": stop - first,
            "head_hold": segment.head_hold if first == 0 else 0,
            "tail_hold": segment.tail_hold if stop == segment.frames else 0,
            "source_start_s": segment.source_start_s + float(max(0, first - segment.head_hold) / rate),
        }
    )


def _far(before: CropKey, after: CropKey) -> bool:
    return (
        abs(after.crop.x - before.crop.x) > _JUMP * before.crop.width
        or abs(after.crop.y - before.crop.y) > _JUMP * before.crop.height
    )


def _scale(segment: Segment, piece: Analysis, output: OutputSpec) -> float:
    """How much tighter than the largest window a segment was framed."""
    video = piece.media.video
    width, _ = largest_window((video.width, video.height), piece.picture, (output.width, output.height))
    return max(1.0, width / max(key.crop.width for key in segment.crop))
