"""Whip transitions: a rush of displacement that hides the join between two shots.

Around a join (a hard cut, or a short change that no mixing or sweeping explains) contrast along one axis is smeared
away while the other keeps it, and what can be recognised is displaced along that axis, away from the old picture and
towards the new one. A camera that whips within one take has no join: its one end is the other, moved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from reelprint.analyze.evidence import F32, F64
from reelprint.analyze.shots.frames import Pictures
from reelprint.analyze.shots.likeness import ramp, smears
from reelprint.analyze.shots.windows import Found
from reelprint.core.shots import Direction

#: Longest half of a whip; halves that are tried, in frames; levels of difference beside the join that are rest.
_REACH_S = 0.45
_HALVES = (2, 3, 5, 8, 12)
_RESTLESS = 5.0
#: Displacements that are tried, in 1/40 of the frame.
_SHIFTS = np.arange(-26, 27)


@dataclass(frozen=True)
class _Run:
    """Frames from a quiet anchor towards the join that are the anchor, changed more and more in one sense."""

    frames: int
    peak: float
    """largest change, with its sign"""
    explained: float
    """share of the difference to the anchor that the change explains, mean of the changed frames"""


def find_whip(frames: Pictures, difference: F64, join: int, bounds: tuple[int, int], frame_rate: float) -> Found | None:
    """The most convincing whip around ``join`` (first frame of the new shot) within ``bounds``, or None."""
    reach = max(4, round(_REACH_S * frame_rate))
    beside = np.concatenate([difference[max(join - 3, 0) : join], difference[join + 1 : join + 4]])
    if len(beside) < 4 or float(np.sort(beside)[-3:].mean()) < _RESTLESS:
        return None
    best: Found | None = None
    for before in _HALVES:
        for after in _HALVES:
            start, end = join - before, join + after
            lopsided = max(before, after) > 2.1 * min(before, after)
            if max(before, after) > reach or lopsided or start <= bounds[0] or end >= bounds[1]:
                continue
            item = examine_whip(frames, start, end)
            if item is not None and (best is None or item.weight > best.weight):
                best = item
    return best


def examine_whip(frames: Pictures, start: int, end: int) -> Found | None:
    """A whip over frames [start, end), or None."""
    old, new = frames.one(start - 1).astype(np.float32), frames.one(end).astype(np.float32)
    return _whip(frames.floats(start, end), old, new, start, end)


def _run(
    pictures: F32, anchor: F32, measure: Callable[[F32, F32], tuple[float, float]], least: float, jump: float
) -> _Run:
    """Follow ``pictures`` from the anchor on, as long as the measured change grows."""
    last, gains, count = 0.0, [], 0
    for picture in pictures:
        change, gain = measure(picture, anchor)
        small = abs(change) < least
        if not small and (gain < 0.35 or change * last < 0 or abs(change - last) > jump):
            break
        if abs(change) < abs(last) - least:
            break
        if not small:
            gains.append(gain)
        last, count = change, count + 1
    return _Run(count, last, float(np.mean(gains)) if len(gains) > 1 else 0.0)


def _shift_along(axis: int) -> Callable[[F32, F32], tuple[float, float]]:
    """A measure of displacement along x (axis 1) or y (axis 0) in parts of the frame, with the share explained."""
    size, kernel = ((40, 7), (5, 1)) if axis == 1 else ((7, 40), (1, 5))

    def lines(picture: F32) -> F32:
        small = cv2.blur(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), kernel)
        return np.asarray(np.moveaxis(small, axis, 0).reshape(40, -1), np.float32)

    def measure(picture: F32, anchor: F32) -> tuple[float, float]:
        a, b = lines(picture), lines(anchor)
        errors = np.array(
            [np.abs(a[max(d, 0) : 40 + min(d, 0)] - b[max(-d, 0) : 40 - max(d, 0)]).mean() for d in _SHIFTS.tolist()]
        )
        best = int(errors.argmin())
        return float(_SHIFTS[best]) / 40, float(1 - errors[best] / (errors[len(_SHIFTS) // 2] + 1.0))

    return measure


def _whip(pictures: F32, old: F32, new: F32, start: int, end: int) -> Found | None:
    smear = smears(pictures, old, new)
    best: Found | None = None
    sides: tuple[tuple[int, float, Direction, Direction], ...] = ((1, 1.0, "left", "right"), (0, -1.0, "up", "down"))
    for axis, sign, backward, forward in sides:
        strength = float(np.sort(sign * smear)[-max(2, len(smear) // 3) :].mean())
        if strength < 0.15:
            continue
        measure = _shift_along(axis)
        away, back = _run(pictures, old, measure, 0.02, 0.6), _run(pictures[::-1], new, measure, 0.02, 0.6)
        moved = away.peak * (away.explained > 0.3) - back.peak * (back.explained > 0.3)
        agree = min(abs(away.peak), abs(back.peak)) > 0.04 and away.peak * back.peak < 0
        covered = (away.frames * away.explained + back.frames * back.explained) / len(pictures)
        # Smeared for certain and followed a good part of the way, or smeared a little with both sides seen moving.
        certain = ramp(strength, 0.4, 0.8) * ramp(covered, 0.15, 0.3)
        confidence = max(certain, 0.9 * ramp(strength, 0.15, 0.35) * agree)
        # Movement that is not the anchor's own explains about half of the difference by chance.
        explained = max((run.explained for run in (away, back) if abs(run.peak) > 0.04), default=0.0)
        confidence *= ramp(explained, 0.52, 0.68)
        if abs(moved) < 0.05 or confidence <= 0:
            continue
        # The window that shows most of both ways, with little beside it.
        weight = confidence * (0.2 + covered) * min(len(pictures) / 8, 1.0)
        if best is None or weight > best.weight:
            direction = forward if moved > 0 else backward
            best = Found("whip", start, end, "ease-in-out", direction, confidence, 0.0, weight)
    if best is None or _shift_along(1)(new, old)[1] > 0.45 or _shift_along(0)(new, old)[1] > 0.45:
        return None
    return best
