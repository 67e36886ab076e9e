"""Zoom and whip transitions: a rush of scale or of displacement that hides the join between two shots.

Around a join (a hard cut, or a short change that no mixing or sweeping explains) the frames of the rush are compared
with the quiet frames outside it. In a zoom they are the old or the new picture scaled about the centre, more and more
towards the join. In a whip contrast along one axis is smeared away while the other keeps it, and what can be recognised
is displaced along that axis. A camera that zooms or whips within one take has no join: its one end is the other, moved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from reelprint.analyze.evidence import F32, F64
from reelprint.analyze.shots.frames import Frames
from reelprint.analyze.shots.likeness import ramp
from reelprint.analyze.shots.windows import Found
from reelprint.core.shots import Direction

#: Longest half of a rush, and logarithms of the scales that are tried.
_REACH_S = 0.45
_SCALES = np.linspace(-1.2, 1.2, 25)
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


def rush_window(difference: F64, join: int, bounds: tuple[int, int], frame_rate: float) -> tuple[int, int] | None:
    """Frames [start, end) of uninterrupted activity around ``join`` (first frame of the new shot), or None."""
    reach = max(4, round(_REACH_S * frame_rate))
    start = _quiet(difference, join, -1, max(bounds[0] + 1, join - reach))
    end = _quiet(difference, join, +1, min(bounds[1] - 1, join + reach))
    # Longer, or without a quiet frame next to the bounds, it is the film's own movement.
    fits = 4 <= end - start <= 2 * reach and start > bounds[0] + 1 and end < bounds[1] - 1
    return (start, end) if fits else None


def examine_rush(frames: Frames, start: int, end: int) -> Found | None:
    """Zoom or whip over frames [start, end), or neither."""
    old, new = frames.one(start - 1).astype(np.float32), frames.one(end).astype(np.float32)
    pictures = frames.floats(start, end)
    return _zoom(pictures, old, new, start, end) or _whip(pictures, old, new, start, end)


def _quiet(difference: F64, join: int, step: int, bound: int) -> int:
    """Where the activity that touches the join begins (first moved frame) or ends (one past the last)."""
    far = difference[max(join - 30, 1) : max(join - 10, 1)] if step < 0 else difference[join + 10 : join + 30]
    limit = 1.3 + 1.6 * (float(np.median(far)) if len(far) > 4 else 1.0)
    quiet, pause = join, 0
    t = join
    while t != bound and pause < 2:
        t += step
        # difference[t] is the step from t - 1 to t: walking back t has moved, walking ahead it is the first at rest.
        if difference[t] > limit:
            quiet, pause = t, 0
        else:
            pause += 1
    return quiet


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


def _scale_of(picture: F32, anchor: F32) -> tuple[float, float]:
    """Logarithm of the scale that turns ``anchor`` into ``picture``, and the share of the difference it explains."""
    h, w = anchor.shape[:2]
    errors = np.empty(len(_SCALES))
    target = cv2.GaussianBlur(picture, (0, 0), 1.2)
    source = cv2.GaussianBlur(anchor, (0, 0), 1.2)
    for i, scale in enumerate(np.exp(_SCALES)):
        matrix = np.array([[scale, 0, (1 - scale) * (w - 1) / 2], [0, scale, (1 - scale) * (h - 1) / 2]], np.float32)
        scaled = cv2.warpAffine(source, matrix, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        # A shrunken picture says something about its own place only: what fills the rest is the editor's choice.
        inset = max(0.0, (1 - scale) / 2)
        top, left = int(h * inset), int(w * inset)
        part = np.s_[top : h - top, left : w - left]
        errors[i] = np.abs(scaled[part] - target[part]).mean()
    best = int(errors.argmin())
    return float(_SCALES[best]), float(1 - errors[best] / (errors[len(_SCALES) // 2] + 1.0))


def _zoom(pictures: F32, old: F32, new: F32, start: int, end: int) -> Found | None:
    away = _run(pictures, old, _scale_of, 0.07, 0.5)
    back = _run(pictures[::-1], new, _scale_of, 0.07, 0.5)
    votes = [
        (sign * run.peak, run.explained)
        for run, sign in ((away, 1.0), (back, -1.0))
        if abs(run.peak) >= 0.19 and run.explained > 0.4
    ]
    if not votes or (len(votes) == 2 and votes[0][0] * votes[1][0] < 0):
        return None
    if _scale_of(new, old)[1] > 0.4:
        return None  # a camera zooming within one take
    explained = sum(gain for _, gain in votes) / len(votes)
    confidence = ramp(explained, 0.4, 0.6) if len(votes) == 2 else 0.8 * ramp(explained, 0.5, 0.75)
    direction: Direction = "in" if votes[0][0] > 0 else "out"
    return Found("zoom", start, end, "ease-in-out", direction, confidence, 1 - explained)


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


def _smear(pictures: F32, old: F32, new: F32) -> F64:
    """(n,) log of contrast along y over contrast along x, against what it is before and after: + smeared along x."""
    luma = np.concatenate([old[None], pictures, new[None]])[..., 0]
    along_x = np.abs(np.diff(luma, axis=2)).mean((1, 2)) + 0.5
    along_y = np.abs(np.diff(luma, axis=1)).mean((1, 2)) + 0.5
    ratio = np.log(along_y / along_x)
    return np.asarray(ratio[1:-1] - np.linspace(ratio[0], ratio[-1], len(ratio))[1:-1], np.float64)


def _whip(pictures: F32, old: F32, new: F32, start: int, end: int) -> Found | None:
    smear = _smear(pictures, old, new)
    best: tuple[float, Direction] | None = None
    sides: tuple[tuple[int, float, Direction, Direction], ...] = ((1, 1.0, "left", "right"), (0, -1.0, "up", "down"))
    for axis, sign, backward, forward in sides:
        measure = _shift_along(axis)
        away, back = _run(pictures, old, measure, 0.02, 0.6), _run(pictures[::-1], new, measure, 0.02, 0.6)
        moved = away.peak * (away.explained > 0.3) - back.peak * (back.explained > 0.3)
        strength = float(np.sort(sign * smear)[-max(2, len(smear) // 3) :].mean())
        agree = min(abs(away.peak), abs(back.peak)) > 0.04 and away.peak * back.peak < 0
        # Smeared for certain, or a little and with both sides seen moving the same way.
        confidence = max(ramp(strength, 0.4, 0.8), 0.9 * ramp(strength, 0.15, 0.35) * agree)
        if abs(moved) >= 0.05 and confidence > 0 and (best is None or confidence > best[0]):
            best = confidence, forward if moved > 0 else backward
    if best is None or _shift_along(1)(new, old)[1] > 0.45 or _shift_along(0)(new, old)[1] > 0.45:
        return None
    return Found("whip", start, end, "ease-in-out", best[1], best[0], 0.0)
