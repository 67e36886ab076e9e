"""Reframing: the crop keys of a segment, for the output's shape, inside the active picture, with its subject in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from reelprint.core.analysis import ActivePicture, Analysis
from reelprint.core.motion import FocusTrack
from reelprint.core.plan import CropKey, OutputSpec
from reelprint.plan.room import Room
from reelprint.plan.subject import targets_in
from reelprint.plan.window_path import Knot, window_path
from reelprint.plan.windows import MIN_SHARE, Point, clamp_centre, largest_window, window


def frame_segment(
    footage: Analysis,
    output: OutputSpec,
    source_start_s: float,
    frames: int,
    scale: float = 1.0,
    zoom_ratio: float = 1.0,
    lean: int = 0,
    travel: float = 0.0,
) -> tuple[CropKey, ...]:
    """Plan the crop keys of ``frames`` output frames of footage that plays from ``source_start_s``; see plan_crops."""
    video = footage.media.video
    return plan_crops(
        (video.width, video.height),
        footage.picture,
        (output.width, output.height),
        source_start_s,
        frames,
        output.rate,
        footage.focus,
        scale,
        zoom_ratio,
        lean,
        travel,
    )


def plan_crops(
    source_size: tuple[int, int],
    active: ActivePicture,
    output_size: tuple[int, int],
    start_s: float,
    frames: int,
    rate: Fraction,
    focus: FocusTrack,
    scale: float = 1.0,
    zoom_ratio: float = 1.0,
    lean: int = 0,
    travel: float = 0.0,
) -> tuple[CropKey, ...]:
    """Plan the window over ``frames`` frames at ``rate`` of a source that plays from ``start_s``.

    Sizes are (width, height) in pixels as displayed. The window has the output's shape, lies inside ``active`` and is
    ``scale`` (>= 1) times tighter than the largest one; over the segment its scale changes by ``zoom_ratio``
    (> 1 in, < 1 out), never wider than ``scale`` says. ``lean`` -1 or 1 puts it to the left or right of its subject
    (``turns.LEAN``); ``travel`` lets a window that would stand still run so many of its widths to the right. Both need
    room beside the window and take what there is. Equal arguments give equal keys. Raises ValueError for a ratio that
    is not positive.
    """
    if zoom_ratio <= 0:
        raise ValueError(f"a zoom ratio is positive, not {zoom_ratio}")
    tightest = 1 / MIN_SHARE
    wide = min(max(1.0, scale), tightest)
    ratio = min(max(zoom_ratio, wide / tightest), tightest / wide)
    width, height = (side / wide for side in largest_window(source_size, active, output_size))
    # The path is planned for the size in the middle of the zoom.
    shrink = math.sqrt(max(ratio, 1 / ratio))
    size = (width / shrink, height / shrink)
    end_s = start_s + float(frames / rate)
    targets = [
        replace(item, centre=clamp_centre(item.centre, *size, active))
        for item in targets_in(focus, start_s, end_s, *size)
    ]
    middle = (active.x + active.width / 2, active.y + active.height / 2)
    knots = window_path(targets, size) if targets else [Knot(start_s, middle)]
    points = _on_frames(knots, start_s, frames, rate)
    room = Room(active.x + size[0] / 2, active.x + active.width - size[0] / 2, size[0])
    if lean:
        points = [(at, (room.leaning(centre[0], lean), centre[1])) for at, centre in points]
    if travel and frames > 1 and len(rests := _without_repeats(points)) == 1:
        (_, (x, y)) = rests[0]
        first_x, last_x = room.travelling(x, travel)
        points = [(0, (first_x, y)), (frames - 1, (last_x, y))]
    if ratio == 1.0:
        points = _without_repeats(points)
    elif frames > 1 and points[-1][0] < frames - 1:
        points.append((frames - 1, points[-1][1]))
    eased = _eased(points) if ratio == 1.0 and not travel else [False] * len(points)
    keys = []
    for (at, centre), ease in zip(points, eased, strict=True):
        share = at / max(1, frames - 1)
        factor = ratio ** (share if ratio > 1 else share - 1)
        crop = window(centre, width / factor, height / factor, active)
        keys.append(CropKey(frame=at, crop=crop, easing="ease-in-out" if ease else "linear"))
    return tuple(keys)


def _on_frames(knots: Sequence[Knot], start_s: float, frames: int, rate: Fraction) -> list[tuple[int, Point]]:
    """The knots on the segment's frames; the first stands from frame 0, a jump takes one frame."""
    centres: dict[int, Point] = {0: knots[0].centre}
    before = knots[0].centre
    for knot in knots:
        at = min(max(0, math.floor((knot.time_s - start_s) * float(rate) + 0.5)), frames - 1)
        if knot.jump and at > 0:
            centres[at - 1] = before
        centres[at] = before = knot.centre
    return sorted(centres.items())


def _eased(points: Sequence[tuple[int, Point]]) -> list[bool]:
    """Which keys begin a move with rest on both sides: it eases in and out, others run on evenly."""
    moves = [False, *(first[1] != second[1] for first, second in pairwise(points)), False, False]
    lengths = [0, *(second[0] - first[0] for first, second in pairwise(points)), 0, 0]
    return [
        moves[index + 1] and lengths[index + 1] > 1 and not moves[index] and not moves[index + 2]
        for index in range(len(points))
    ]


def _without_repeats(points: list[tuple[int, Point]]) -> list[tuple[int, Point]]:
    """Drop keys between equal neighbours, and a last key that repeats the one before."""
    kept = [
        point
        for index, point in enumerate(points)
        if not (0 < index < len(points) - 1 and points[index - 1][1] == point[1] == points[index + 1][1])
    ]
    while len(kept) > 1 and kept[-1][1] == kept[-2][1]:
        kept.pop()
    return kept
