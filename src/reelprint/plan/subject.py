"""What to keep in the window over a stretch of footage, made of its focus points."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from reelprint.core.motion import Focus, FocusTrack
from reelprint.plan.speaker import believed_turns, turn_length_s, with_turns
from reelprint.plan.windows import Point

#: How far beyond a stretch its focus may be taken from, s.
_REACH_S = 0.4
#: How far around a stretch turns of speakers are looked at, s.
_AROUND_S = 10.0
#: What a kind of point counts for against a face.
_TRUST = {"face": 1.0, "motion": 0.35, "saliency": 0.12, "centre": 0.03}
#: A face sits this much of the window's height above its middle.
_HEADROOM = 0.08
#: Faces that matter at all, against the leading one.
_COMPANY = 0.3
#: Share of the window that a group of faces may fill, and share of the time it must fit.
_GROUP_FILL, _GROUP_TIME = 0.9, 0.8
#: A wider region is no subject that could be followed.
_MAX_FOLLOWED = 0.5


@dataclass(frozen=True)
class Target:
    """Where the window should be centred at a time. ``followed``: a subject that may be tracked.

    ``turn_s``: length of the speaker's whole turn, which may reach beyond the stretch; 0 where turns are not known.
    """

    time_s: float
    centre: Point
    weight: float
    followed: bool
    turn_s: float = 0.0


def targets_in(focus: FocusTrack, start_s: float, end_s: float, width: float, height: float) -> list[Target]:
    """Return the targets of [start_s, end_s) for a window of that size (shares of the source), in time order.

    Faces that fit the window together are framed together; else the leading one, which is the speaker's where turns
    are known. Empty when there are no points.
    """
    moments: dict[float, list[Focus]] = defaultdict(list)
    for point in focus.points:
        if start_s - _REACH_S <= point.time_s < end_s + _REACH_S:
            moments[point.time_s].append(point)
    if any(start_s - 1e-6 <= time_s < end_s for time_s in moments):
        # Points from outside are only wanted when there are none inside: they may be of another shot.
        moments = defaultdict(list, {at: found for at, found in moments.items() if start_s - 1e-6 <= at < end_s})
    turns = believed_turns(focus, start_s - _AROUND_S, end_s + _AROUND_S)
    told = with_turns(moments, turns, start_s, end_s)
    every = [told[time_s] for time_s in sorted(told)]
    groups = [_company(points) for points in every]
    several = [group for group in groups if len(group) > 1]
    fitting = sum(_fits(group, width, height) for group in several)
    together = bool(several) and fitting >= _GROUP_TIME * len(several)
    targets = [_target(group if together else group[:1], height) for group in groups]
    return [replace(target, turn_s=turn_length_s(turns, target.time_s)) for target in targets]


def weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    """Return the value below which half of the weight lies. ``values`` must not be empty."""
    order = sorted(range(len(values)), key=lambda index: (values[index], index))
    totals = list(accumulate(weights[index] for index in order))
    half = totals[-1] / 2
    return values[next(index for index, total in zip(order, totals, strict=True) if total >= half)]


def _company(points: list[Focus]) -> list[Focus]:
    """The leading point, and with a leading face the other faces that matter."""
    ordered = sorted(points, key=lambda point: (-point.weight * _TRUST[point.source], point.x, point.y))
    lead = ordered[0]
    if lead.source != "face":
        return [lead]
    return [point for point in ordered if point.source == "face" and point.weight >= _COMPANY * lead.weight]


def _box(group: Sequence[Focus]) -> tuple[float, float, float, float]:
    return (
        min(point.x - point.width / 2 for point in group),
        min(point.y - point.height / 2 for point in group),
        max(point.x + point.width / 2 for point in group),
        max(point.y + point.height / 2 for point in group),
    )


def _fits(group: Sequence[Focus], width: float, height: float) -> bool:
    left, top, right, bottom = _box(group)
    return right - left <= _GROUP_FILL * width and bottom - top <= _GROUP_FILL * height


def _target(group: Sequence[Focus], height: float) -> Target:
    left, top, right, bottom = _box(group)
    lead = group[0]
    x, y = (left + right) / 2, (top + bottom) / 2
    if lead.source == "face":
        y += _HEADROOM * height
    trust = _TRUST[lead.source] * lead.weight * (1 - 0.7 * min(1.0, lead.width))
    follow = lead.source == "face" or (lead.source == "motion" and lead.width <= _MAX_FOLLOWED)
    return Target(time_s=lead.time_s, centre=(x, y), weight=max(trust, 1e-6), followed=follow)
