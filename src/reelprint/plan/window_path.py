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
#: It must last this long, s, and the subject be seen this often, to be followed.
_EXCURSION_S, _MIN_LOOKS = 0.7, 4
#: Where a following window lets the subject be, windows off its middle.
_BAND = 0.15
#: A subject that is no longer seen to move is taken to be where it was for this long, s.
_HOLD_S = 2.0
#: A jump of the target by this many windows from one look to the next is another subject.
_ELSEWHERE = 0.5
#: A subject must lead this long before the window goes over to it, s.
_MIN_LEAD_S = 1.2
#: What must be seen of such a lead, s.
_MIN_SEEN_S = 0.6
#: Time between two looks, s.
_STEP_S = 0.25
#: Standard deviation of the smoothing of a path, s.
_SMOOTH_S = 0.6
#: Fastest a window follows, in its own widths (heights) a second.
MAX_SPEED = 0.35
#: A move shorter than this between two knots is none, windows.
_DRIFT = 0.06
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
        brief = _is_brief(run, until - run[0].time_s) or not any(item.followed for item in run)
        if not merged:
            merged.append(list(run))
        elif _windows_apart(_home(merged[-1]), _home(run), size) <= _ELSEWHERE:
            merged[-1].extend(run)
        elif not brief and len(merged) == 1 and _is_brief(merged[0], _led_s(merged[0])):
            merged[0] = list(run)
        elif not brief:
            merged.append(list(run))
        elif len(merged) == 1 and _is_brief(merged[0], _led_s(merged[0])) and _led_s(merged[0]) < _led_s(run):
            # Between two brief leads the longer one has the window; a window between both would show neither.
            merged[0] = list(run)
    return merged


def _is_brief(run: Sequence[Target], led_s: float) -> bool:
    """Whether a lead is too short for the window to go over; one that goes on beyond the stretch may be shorter."""
    return led_s < (_MIN_SEEN_S if run[0].turn_s >= _MIN_LEAD_S else _MIN_LEAD_S)


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
    if sum(item.followed for item in run) < _MIN_LOOKS:
        return still
    places = _held(run)
    centres: list[Point] = [
        (median(place[0] for place in around), median(place[1] for place in around))
        for at in range(len(places))
        if (around := places[max(0, at - 2) : at + 3])
    ]
    times = [item.time_s for item in run]
    if _longest_s(times, [_windows_apart(centre, home, size) > _TOLERATED for centre in centres]) < _EXCURSION_S:
        return still
    lazy = _lazy(centres, home, size)
    lazier = _lazy(list(reversed(centres)), lazy[-1], size)[::-1]
    goals = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(lazy, lazier, strict=True)]
    smooth = _speed_limited(times, _smoothed(times, goals), size)
    return _at_rest(_simplified([Knot(at, centre) for at, centre in zip(times, smooth, strict=True)], size), size)


def _at_rest(knots: Sequence[Knot], size: tuple[float, float]) -> list[Knot]:
    """The path without drifts that nobody would see as moves: the window rests instead."""
    calm = [knots[0]]
    for knot in knots[1:]:
        near = _windows_apart(calm[-1].centre, knot.centre, size) < _DRIFT
        calm.append(replace(knot, centre=calm[-1].centre) if near else knot)
    return calm


def _held(run: Sequence[Target]) -> list[Point]:
    """Where the subject is at each look: one that stops moving is where it was, for a while."""
    places: list[Point] = []
    last: Target | None = None
    for item in run:
        if item.followed:
            last = item
        held = last is not None and item.time_s - last.time_s <= _HOLD_S
        places.append(last.centre if held and last is not None else item.centre)
    return places


def _longest_s(times: Sequence[float], flags: Sequence[bool]) -> float:
    """How long the longest run of true flags lasts, s."""
    longest = since = 0.0
    for number, flag in enumerate(flags):
        since = since + (times[number] - times[number - 1] if number else 0.0) if flag else 0.0
        longest = max(longest, since)
    return longest


def _lazy(centres: Sequence[Point], start: Point, size: tuple[float, float]) -> list[Point]:
    """A window that moves only when it must, and then as little: the subject stays within a band around its middle."""
    x, y = start
    path: list[Point] = []
    for centre in centres:
        reach = (_BAND * size[0], _BAND * size[1])
        x = min(max(x, centre[0] - reach[0]), centre[0] + reach[0])
        y = min(max(y, centre[1] - reach[1]), centre[1] + reach[1])
        path.append((x, y))
    return path


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
