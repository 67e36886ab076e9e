"""Reframing: the window on the source, segment by segment.

A window stands still unless its subject really walks out of it. Then it follows on a smooth path of few keys with limited
speed, as a camera operator does (the path shapes of Grundmann et al., CVPR 2011: constant, then linear pieces).
When the lead passes to somebody who is elsewhere in the picture, the window jumps, which is seen as a cut.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median

from reelprint.core.analysis import ActivePicture, Analysis
from reelprint.core.motion import FocusTrack
from reelprint.core.plan import CropKey, OutputSpec
from reelprint.plan.subject import Target, targets_in, weighted_median
from reelprint.plan.windows import Point, clamp_centre, largest_window, window

#: Excursion of the subject from the window's middle, in windows, that a still window tolerates.
_TOLERATED = 0.18
#: A jump of the target by this many windows from one look to the next is another subject.
_ELSEWHERE = 0.5
#: A subject must lead this long before the window goes over to it, s.
_MIN_LEAD_S = 1.5
#: Standard deviation of the smoothing of a path, s.
_SMOOTH_S = 0.6
#: Fastest a window follows, in its own widths (heights) a second.
_MAX_SPEED = 0.35
#: How far a simplified path may be off the smooth one, in windows.
_SIMPLE = 0.04


@dataclass(frozen=True)
class _Knot:
    """A point of the window's path."""

    time_s: float
    centre: Point


def frame_segment(
    footage: Analysis,
    output: OutputSpec,
    source_start_s: float,
    frames: int,
    scale: float = 1.0,
    zoom_ratio: float = 1.0,
) -> tuple[CropKey, ...]:
    """Plan the crop keys of ``frames`` output frames of a footage that play from ``source_start_s``; see plan_crops."""
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
) -> tuple[CropKey, ...]:
    """Plan the window over ``frames`` frames at ``rate`` of a source that plays from ``start_s``.

    Sizes are (width, height) in pixels as displayed. The window has the output's shape, lies inside ``active`` and is
    ``scale`` (>= 1) times tighter than the largest one; over the segment its scale changes by ``zoom_ratio`` (> 1 in, < 1 out),
    never wider than ``scale`` says. Equal arguments give equal keys; a key's easing leads to the next key.
    """
    width, height = largest_window(source_size, active, output_size)
    wide = max(1.0, scale)
    tight = wide * max(zoom_ratio, 1 / zoom_ratio)
    width, height = width / wide, height / wide
    end_s = start_s + float(frames / rate)
    # The path is planned for the middle of the zoom.
    middle = math.sqrt(wide / tight)
    inner = (width * middle, height * middle)
    targets = [
        Target(item.time_s, clamp_centre(item.centre, *inner, active), item.weight, item.followed)
        for item in targets_in(focus, start_s, end_s, *inner)
    ]
    default = clamp_centre((active.x + active.width / 2, active.y + active.height / 2), *inner, active)
    runs = _runs(targets, inner) if targets else []
    keys: dict[int, tuple[Point, bool]] = {}
    for number, run in enumerate(runs):
        begin = 0 if number == 0 else _frame(run[0].time_s - start_s, rate, frames)
        stop = frames - 1 if number == len(runs) - 1 else _frame(runs[number + 1][0].time_s - start_s, rate, frames) - 1
        for knot in _path(run, inner):
            at = min(max(_frame(knot.time_s - start_s, rate, frames), begin), max(begin, stop))
            keys[at] = (knot.centre, True)
        inside = sorted(at for at in keys if begin <= at <= stop) or [begin]
        keys.setdefault(begin, keys.get(inside[0], (default, True)))
        if number < len(runs) - 1 and stop > begin:
            keys[stop] = (keys[inside[-1]][0], True)
    if not keys:
        keys[0] = (default, True)
    last = keys[max(keys)][0]
    if zoom_ratio != 1.0 and frames > 1:
        keys.setdefault(frames - 1, (last, True))
    points = [(at, keys[at][0]) for at in sorted(keys)]
    if zoom_ratio == 1.0:
        points = _without_repeats(points)
    return _as_keys(points, (width, height), active, frames, zoom_ratio)


def _as_keys(
    points: Sequence[tuple[int, Point]],
    size: tuple[float, float],
    active: ActivePicture,
    frames: int,
    zoom_ratio: float,
) -> tuple[CropKey, ...]:
    """Crop keys of a path; the zoom runs evenly over the segment."""
    moving = [first[1] != second[1] for first, second in pairwise(points)]
    keys = []
    for index, (at, centre) in enumerate(points):
        share = at / max(1, frames - 1)
        factor = zoom_ratio ** (share if zoom_ratio > 1 else share - 1)
        alone = (
            zoom_ratio == 1.0
            and index < len(moving)
            and not (index > 0 and moving[index - 1])
            and not (index + 1 < len(moving) and moving[index + 1])
        )
        crop = window(centre, size[0] / factor, size[1] / factor, active)
        keys.append(CropKey(frame=at, crop=crop, easing="ease-in-out" if alone else "linear"))
    return tuple(keys)


def _frame(seconds: float, rate: Fraction, frames: int) -> int:
    return min(max(0, math.floor(seconds * float(rate) + 0.5)), frames - 1)


def _runs(targets: list[Target], size: tuple[float, float]) -> list[list[Target]]:
    """Split targets where another subject takes over for good; shorter leads stay with the one before."""
    runs: list[list[Target]] = [[targets[0]]]
    for before, item in pairwise(targets):
        if _windows_apart(before.centre, item.centre, size) > _ELSEWHERE:
            runs.append([])
        runs[-1].append(item)
    merged: list[list[Target]] = []
    for number, run in enumerate(runs):
        until = runs[number + 1][0].time_s if number + 1 < len(runs) else run[-1].time_s + 0.25
        brief = until - run[0].time_s < _MIN_LEAD_S or not any(item.followed for item in run)
        home = _home(merged[-1]) if merged else None
        if home is not None and (brief or _windows_apart(home, _home(run), size) <= _ELSEWHERE):
            merged[-1].extend(run)
        elif len(merged) == 1 and merged[0][-1].time_s - merged[0][0].time_s + 0.25 < _MIN_LEAD_S:
            merged[0].extend(run)
        else:
            merged.append(list(run))
    return merged


def _home(run: Sequence[Target]) -> Point:
    """The weighted median of a run's targets."""
    weights = [item.weight for item in run]
    return (
        weighted_median([item.centre[0] for item in run], weights),
        weighted_median([item.centre[1] for item in run], weights),
    )


def _windows_apart(first: Point, second: Point, size: tuple[float, float]) -> float:
    """Distance in windows, the larger of both axes."""
    return max(abs(first[0] - second[0]) / size[0], abs(first[1] - second[1]) / size[1])


def _path(run: Sequence[Target], size: tuple[float, float]) -> list[_Knot]:
    """A still window if the subject stays in it, else a smooth path of few knots."""
    home = _home(run)
    still = [_Knot(run[0].time_s, home)]
    followed = [item for item in run if item.followed]
    if len(followed) < max(4, 0.6 * len(run)):
        return still
    steady = [
        tuple(median(item.centre[axis] for item in followed[max(0, at - 2) : at + 3]) for axis in (0, 1))
        for at in range(len(followed))
    ]
    times = [item.time_s for item in followed]
    centres: list[Point] = [(point[0], point[1]) for point in steady]
    away = sum(_windows_apart(centre, home, size) > _TOLERATED for centre in centres)
    if away <= 0.1 * len(centres):
        return still
    smooth = _speed_limited(times, _smoothed(times, centres), size)
    return _simplified([_Knot(at, centre) for at, centre in zip(times, smooth, strict=True)], size)


def _smoothed(times: Sequence[float], centres: Sequence[Point]) -> list[Point]:
    """Gaussian smoothing over time, the same for even and uneven steps."""
    result: list[Point] = []
    for at in times:
        weights = [math.exp(-0.5 * ((other - at) / _SMOOTH_S) ** 2) for other in times]
        total = sum(weights)
        result.append(
            (
                sum(weight * centre[0] for weight, centre in zip(weights, centres, strict=True)) / total,
                sum(weight * centre[1] for weight, centre in zip(weights, centres, strict=True)) / total,
            )
        )
    return result


def _speed_limited(times: Sequence[float], centres: Sequence[Point], size: tuple[float, float]) -> list[Point]:
    """Limit the speed, half of the delay before and half after the subject (mean of a forward and a backward pass)."""
    forward = _chase(times, centres, size)
    backward = _chase([-at for at in reversed(times)], list(reversed(centres)), size)[::-1]
    return [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(forward, backward, strict=True)]


def _chase(times: Sequence[float], centres: Sequence[Point], size: tuple[float, float]) -> list[Point]:
    path = [centres[0]]
    for (before, now), goal in zip(pairwise(times), centres[1:], strict=True):
        reach = (_MAX_SPEED * (now - before) * size[0], _MAX_SPEED * (now - before) * size[1])
        x, y = path[-1]
        path.append((x + min(max(goal[0] - x, -reach[0]), reach[0]), y + min(max(goal[1] - y, -reach[1]), reach[1])))
    return path


def _simplified(knots: list[_Knot], size: tuple[float, float]) -> list[_Knot]:
    """Fewest knots whose straight pieces stay near the path (Ramer 1972, Douglas and Peucker 1973)."""
    first, last = knots[0], knots[-1]
    worst, at = 0.0, 0
    for index in range(1, len(knots) - 1):
        share = (knots[index].time_s - first.time_s) / (last.time_s - first.time_s)
        straight = tuple(first.centre[axis] + share * (last.centre[axis] - first.centre[axis]) for axis in (0, 1))
        off = _windows_apart(knots[index].centre, (straight[0], straight[1]), size)
        if off > worst:
            worst, at = off, index
    if worst <= _SIMPLE:
        return [first, last]
    return _simplified(knots[: at + 1], size)[:-1] + _simplified(knots[at:], size)


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
