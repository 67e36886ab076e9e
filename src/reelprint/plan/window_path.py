"""The path of a window that keeps a subject in.

It stands still unless the subject really walks out of it. Then it follows on a smooth path of few knots with limited
speed, as a camera operator does (the path shapes of Grundmann et al., CVPR 2011: constant, then linear pieces). When
the lead passes to somebody who is elsewhere in the picture, the window jumps, which is seen as a cut.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from reelprint.plan.subject import Target, weighted_median
from reelprint.plan.windows import Point

#: Excursion of the subject from the window's middle, in windows, that a still window tolerates.
_TOLERATED = 0.18
#: A jump of the target by this many windows from one look to the next is another subject.
_ELSEWHERE = 0.5
#: A subject must lead this long before the window goes over to it, s.
_MIN_LEAD_S = 1.5
#: Time between two looks, s.
_STEP_S = 0.25
#: Standard deviation of the smoothing of a path, s.
_SMOOTH_S = 0.6
#: Fastest a window follows, in its own widths (heights) a second.
MAX_SPEED = 0.35
#: How far a simplified path may be off the smooth one, in windows.
_SIMPLE = 0.04


@dataclass(frozen=True)
class Knot:
    """A point of the window's path. ``jump``: the window is elsewhere until just before."""

    time_s: float
    centre: Point
    jump: bool = False


def window_path(targets: Sequence[Target], size: tuple[float, float]) -> list[Knot]:
    """Return the path of a window of ``size`` (width, height) over the targets; one knot is a still window.

    Targets must be where the window can be centred, in time order, and at least one.
    """
    knots: list[Knot] = []
    for run in split_leads(targets, size):
        path = _path(run, size)
        knots.append(replace(path[0], jump=bool(knots)))
        knots.extend(path[1:])
    return knots


def split_leads(targets: Sequence[Target], size: tuple[float, float]) -> list[list[Target]]:
    """Split targets where another subject takes over for good; a shorter lead elsewhere is passed over."""
    runs: list[list[Target]] = [[targets[0]]]
    for before, item in pairwise(targets):
        if _windows_apart(before.centre, item.centre, size) > _ELSEWHERE:
            runs.append([])
        runs[-1].append(item)
    merged: list[list[Target]] = []
    for number, run in enumerate(runs):
        until = runs[number + 1][0].time_s if number + 1 < len(runs) else run[-1].time_s + _STEP_S
        brief = until - run[0].time_s < _MIN_LEAD_S or not any(item.followed for item in run)
        if not merged:
            merged.append(list(run))
        elif _windows_apart(_home(merged[-1]), _home(run), size) <= _ELSEWHERE:
            merged[-1].extend(run)
        elif not brief and len(merged) == 1 and _led_s(merged[0]) < _MIN_LEAD_S:
            merged[0] = list(run)
        elif not brief:
            merged.append(list(run))
        elif len(merged) == 1 and _led_s(merged[0]) < _led_s(run):
            # Between two brief leads the longer one has the window; a window between both would show neither.
            merged[0] = list(run)
    return merged


def _led_s(run: Sequence[Target]) -> float:
    """How long a run of targets leads, seconds."""
    return run[-1].time_s - run[0].time_s + _STEP_S


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


def _path(run: Sequence[Target], size: tuple[float, float]) -> list[Knot]:
    """A still window if the subject stays in it, else a smooth path of few knots."""
    home = _home(run)
    still = [Knot(run[0].time_s, home)]
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
    return _simplified([Knot(at, centre) for at, centre in zip(times, smooth, strict=True)], size)


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
        reach = (MAX_SPEED * (now - before) * size[0], MAX_SPEED * (now - before) * size[1])
        x, y = path[-1]
        path.append((x + min(max(goal[0] - x, -reach[0]), reach[0]), y + min(max(goal[1] - y, -reach[1]), reach[1])))
    return path


def _simplified(knots: list[Knot], size: tuple[float, float]) -> list[Knot]:
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
