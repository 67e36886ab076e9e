"""Sustained camera moves and zooms in the path of a shot.

A parameter of the path (log scale, angle, pan, tilt) is summed to a position over time and cut at its turning points: a
new direction begins when the position comes back by more than it trembles (the range filter of rainflow counting, ASTM
E1049). A stretch between turning points, without its resting ends, is a move if it goes far and fast enough.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import F64
from reelprint.analyze.motion.path import MotionPath
from reelprint.core.motion import CameraMove, MoveKind


@dataclass(frozen=True)
class Threshold:
    """What makes a stretch a move: ``amount``, mean ``rate`` a second; a return up to ``tremble`` does not end it."""

    amount: float
    rate: float
    tremble: float


#: Natural log of the scale ratio: 2.5 %, and the slowest push found is one of 4 % in 10 s.
ZOOM = Threshold(amount=math.log(1.025), rate=0.0038, tremble=0.008)
#: A zoom this far counts whole, one at ZOOM.amount not at all: a hard border would turn tracking noise into a shot more
#: or less.
WHOLE_ZOOM = math.log(1.045)
#: Shares of the picture's width or height.
PAN = Threshold(amount=0.10, rate=0.02, tremble=0.03)
ROLL = Threshold(amount=math.radians(3.0), rate=math.radians(0.75), tremble=math.radians(0.8))

#: Shortest move, s; one misjudged step is shorter.
MIN_MOVE_S = 0.25
#: No single step may hold more of a move than this.
MAX_STEP_SHARE = 0.6
#: Share of a stretch at either end that may be rest: the move lasts from 3 % to 97 % of its way.
REST_SHARE = 0.03
#: Share of the tracked points that must follow the camera for its motion to be believed.
MIN_SUPPORT = 0.5
#: Share of a zoom's steps that must be believed themselves.
MIN_TRUSTED = 0.5
#: Longest stretch without a believed step that is bridged, s.
MAX_GAP_S = 0.75
#: Log scale per picture width of pan that lens distortion and parallax can pretend.
ZOOM_PER_PAN = 0.04


@dataclass(frozen=True)
class Stretch:
    """Steps [first, stop) over which a position goes one way by ``amount``."""

    first: int
    stop: int
    amount: float


def turning_points(position: F64, tremble: float) -> list[int]:
    """Return the indices of the extremes of ``position`` (n,) that are ``tremble`` or more apart; [] at rest."""
    turns: list[int] = []
    low = high = 0
    rising: bool | None = None
    for index, value in enumerate(position):
        if value > position[high]:
            high = index
        if value < position[low]:
            low = index
        if rising is not True and value - position[low] >= tremble:
            turns.append(low)
            rising, high = True, index
        elif rising is not False and position[high] - value >= tremble:
            turns.append(high)
            rising, low = False, index
    if rising is not None:
        turns.append(high if rising else low)
    return turns


def stretches(change: F64, seconds: F64, threshold: Threshold) -> list[Stretch]:
    """Return the stretches that pass the threshold; ``change`` (n,) of a position over steps of ``seconds`` (n,)."""
    position = np.concatenate([[0.0], np.cumsum(change)])
    turns = turning_points(position, threshold.tremble)
    found = []
    for begin, end in pairwise(turns):
        amount = float(position[end] - position[begin])
        way = (position[begin : end + 1] - position[begin]) / amount
        first = begin + int(np.flatnonzero(way <= REST_SHARE)[-1])
        stop = begin + int(np.flatnonzero(way >= 1 - REST_SHARE)[0])
        if stop <= first:
            continue
        spent = float(seconds[first:stop].sum())
        largest = float(np.abs(change[first:stop]).max())
        if (
            abs(amount) >= max(threshold.amount, threshold.rate * spent)
            and spent >= MIN_MOVE_S
            and largest <= MAX_STEP_SHARE * abs(amount)
        ):
            found.append(Stretch(first, stop, amount))
    return found


@dataclass(frozen=True)
class Believed:
    """What of a path can be trusted; each (n,). Signs are the content's, as in MotionPath.

    ``trusted``: measured; other steps are bridged or 0.
    """

    log_scale: F64
    angle_rad: F64
    x: F64
    y: F64
    seconds: F64
    trusted: NDArray[np.bool_]


def believe(path: MotionPath) -> Believed:
    """Keep the steps in which most of the picture moves as one; short gaps take the rate of their surroundings."""
    trusted = path.seen & (path.support >= MIN_SUPPORT)
    known = np.flatnonzero(trusted)
    bridged = np.zeros(path.length, bool)
    for before, after in pairwise(known):
        if path.start_s[after] - path.end_s[before] <= MAX_GAP_S:
            bridged[before + 1 : after] = True
    middle = (path.start_s + path.end_s) / 2

    def filled(change: F64) -> F64:
        rate = np.interp(middle, middle[known], change[known] / path.seconds[known]) if len(known) else 0.0
        return np.where(trusted, change, np.where(bridged, rate * path.seconds, 0.0))

    return Believed(
        log_scale=filled(path.log_scale),
        angle_rad=filled(path.angle_rad),
        x=filled(path.x),
        y=filled(path.y),
        seconds=path.seconds,
        trusted=trusted,
    )


def find_zooms(path: MotionPath, second_look: Callable[[int, int, float], float]) -> tuple[CameraMove, ...]:
    """Sustained zooms of a shot (an optical zoom, a dolly that scales the whole picture or a zoom made in the edit).

    ``second_look``: log scale of steps [first, stop) that add up to so much, measured again; 0 when it is not there.
    """
    motion = believe(path)
    found = []
    for item in stretches(motion.log_scale, motion.seconds, ZOOM):
        steps = slice(item.first, item.stop)
        if float(motion.trusted[steps].mean()) < MIN_TRUSTED:
            continue
        panned = math.hypot(float(motion.x[steps].sum()), float(motion.y[steps].sum()))
        if abs(item.amount) < ZOOM_PER_PAN * panned:
            continue
        amount = second_look(item.first, item.stop, item.amount)
        if abs(amount) >= ZOOM.amount:
            kind: MoveKind = "zoom-in" if amount > 0 else "zoom-out"
            found.append(_move(path, kind, item, math.exp(amount)))
    return tuple(found)


def zoom_weight(zooms: Sequence[CameraMove]) -> float:
    """How much a shot with these zooms is a zoomed one, 0..1: by the zoom that goes furthest; a punch-in is whole."""
    far = max((abs(math.log(item.amount)) for item in zooms if item.kind.startswith("zoom")), default=0.0)
    punched = any(item.kind == "punch-in" for item in zooms)
    return 1.0 if punched else min(1.0, max(0.0, (far - ZOOM.amount) / (WHOLE_ZOOM - ZOOM.amount)))


def find_camera_moves(path: MotionPath) -> tuple[CameraMove, ...]:
    """Sustained pans, tilts and rolls of a shot, in time order. The camera turns against the content."""
    motion = believe(path)
    found = []
    directions: tuple[tuple[MoveKind, F64], ...] = (("pan", motion.x), ("tilt", motion.y))
    for kind, change in directions:
        for item in stretches(change, motion.seconds, PAN):
            # A zoom about a point inside the picture moves the centre by less than half its scale change: no pan.
            scaled = abs(math.expm1(float(motion.log_scale[item.first : item.stop].sum())))
            if abs(item.amount) > 0.6 * scaled:
                found.append(_move(path, kind, item, -item.amount))
    rolls = stretches(motion.angle_rad, motion.seconds, ROLL)
    found.extend(_move(path, "roll", item, -math.degrees(item.amount)) for item in rolls)
    return tuple(sorted(found, key=lambda move: (move.start_s, move.kind)))


def zoom_ratio(path: MotionPath) -> float:
    """Scale of the content at the end of the shot over its start, 1 = none; kept within 1/20 .. 20."""
    total = float(believe(path).log_scale.sum())
    return math.exp(min(max(total, -math.log(20.0)), math.log(20.0)))


def _move(path: MotionPath, kind: MoveKind, item: Stretch, amount: float) -> CameraMove:
    return CameraMove(
        kind=kind,
        start_s=float(path.start_s[item.first]),
        end_s=float(path.end_s[item.stop - 1]),
        amount=round(amount, 4),
    )
