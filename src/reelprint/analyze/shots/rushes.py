"""Zoom and whip transitions: a rush of scale or of displacement that hides the join between two shots.

Around a join (a hard cut, or a short change that no mixing or sweeping explains) frames of the rush are compared with
the quiet frames outside it. A zoom: they are the old or new picture scaled about the centre, more so towards the join.
A whip: contrast along one axis is smeared away while the other keeps it, or they are the old or new picture displaced.
A camera that whips within one take has no join: nothing of the kind is looked for without one.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from reelprint.analyze.evidence import F32, F64
from reelprint.analyze.shots.frames import Frames
from reelprint.analyze.shots.windows import Found
from reelprint.core.shots import Direction

#: Frames on each side of the join that a rush may last at 25 a second.
_REACH_S = 0.6
_SCALES = np.exp(np.linspace(-1.3, 1.3, 27))


@dataclass(frozen=True)
class _Side:
    """One side of the join, ordered from the quiet anchor to the join."""

    pictures: F32
    """(n, h, w, 3)"""
    anchor: F32
    """(h, w, 3)"""


def examine_rush(frames: Frames, difference: F64, join: int, bounds: tuple[int, int], frame_rate: float) -> Found | None:
    """Zoom or whip around ``join`` (first frame of the new shot) between ``bounds``, the joins before and after."""
    reach = max(4, round(_REACH_S * frame_rate))
    start = _quiet(difference, join, -1, max(bounds[0] + 1, join - reach))
    end = _quiet(difference, join, +1, min(bounds[1] - 1, join + reach))
    if (join - start) + (end - join) < 3 or end - start < 4:
        return None
    old = _Side(frames.floats(start, join), frames.one(start - 1).astype(np.float32)) if join > start else None
    new = _Side(frames.floats(join, end)[::-1], frames.one(end).astype(np.float32)) if end > join else None
    return _zoom(old, new, start, end) or _whip(old, new, start, end)


def _quiet(difference: F64, join: int, step: int, bound: int) -> int:
    """Where the activity that touches the join begins (first moved frame) or ends (one past the last)."""
    far = difference[max(join - 30, 1) : join - 10] if step < 0 else difference[join + 10 : join + 30]
    usual = float(np.median(far)) if len(far) > 4 else 1.0
    limit = 1.3 + 1.6 * usual
    t, quiet = join, join
    pause = 0
    while t != bound:
        at = t - 1 if step < 0 else t + 1
        if difference[at] > limit:
            quiet, pause = at, 0
        elif pause >= 1:
            break
        else:
            pause += 1
        t += step
    return quiet


def _scale_of(picture: F32, anchor: F32) -> tuple[float, float]:
    """Logarithm of the scale that turns ``anchor`` into ``picture``, and the share of the difference it explains."""
    h, w = anchor.shape[:2]
    errors = np.empty(len(_SCALES))
    target = cv2.GaussianBlur(picture, (0, 0), 1.2)
    for i, scale in enumerate(_SCALES):
        matrix = np.array([[scale, 0, (1 - scale) * (w - 1) / 2], [0, scale, (1 - scale) * (h - 1) / 2]], np.float32)
        scaled = cv2.warpAffine(anchor, matrix, (w, h), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT)
        # A shrunken picture says something about its own place only: what fills the rest is the editor's choice.
        inset = max(0.0, (1 - scale) / 2)
        top, left = int(h * inset), int(w * inset)
        part = np.s_[top : h - top, left : w - left]
        errors[i] = np.abs(cv2.GaussianBlur(scaled, (0, 0), 1.2)[part] - target[part]).mean()
    best = int(errors.argmin())
    return float(np.log(_SCALES[best])), float(1 - errors[best] / (errors[len(_SCALES) // 2] + 1.0))


def _zoom(old: _Side | None, new: _Side | None, start: int, end: int) -> Found | None:
    votes: list[tuple[float, float]] = []
    for side, sign in ((old, 1.0), (new, -1.0)):
        if side is None or len(side.pictures) < 2:
            continue
        measured = [_scale_of(picture, side.anchor) for picture in side.pictures]
        sure = [(scale, gain) for scale, gain in measured if gain > 0.3]
        scales = np.array([scale for scale, _ in sure])
        if len(scales) < 2 or abs(scales).max() < 0.18:
            continue
        grows = np.diff(np.abs(scales))
        if (grows < -0.11).mean() > 0.34 or abs(np.sign(scales[np.abs(scales) > 0.05]).mean()) < 0.9:
            continue
        peak = scales[np.abs(scales).argmax()]
        votes.append((sign * float(peak), float(np.mean([gain for _, gain in sure]))))
    if not votes:
        return None
    speed = sum(vote * gain for vote, gain in votes)
    direction: Direction = "in" if speed > 0 else "out"
    explained = sum(gain for _, gain in votes) / len(votes)
    confidence = float(np.clip((explained - 0.3) / 0.25, 0.0, 1) * (1.0 if len(votes) == 2 else 0.8))
    return Found("zoom", start, end, "ease-in-out", direction, confidence, 1 - explained)


def _contrast(pictures: F32) -> tuple[F64, F64]:
    """(n,) mean absolute luma step along x and along y."""
    luma = pictures[..., 0]
    along_x = np.abs(np.diff(luma, axis=2)).mean((1, 2))
    along_y = np.abs(np.diff(luma, axis=1)).mean((1, 2))
    return along_x.astype(np.float64) + 0.5, along_y.astype(np.float64) + 0.5


def _shift_of(picture: F32, anchor: F32, axis: int) -> tuple[float, float]:
    """Displacement of ``picture`` against ``anchor`` in parts of the frame, and the share of difference explained."""
    small = [cv2.resize(item, (40, 7) if axis == 1 else (7, 40), interpolation=cv2.INTER_AREA) for item in (picture, anchor)]
    blurred = [cv2.blur(item, (5, 1) if axis == 1 else (1, 5)) for item in small]
    a, b = (np.moveaxis(item, axis, 0).reshape(40, -1) for item in blurred)
    errors = np.array([np.abs(a[max(d, 0) : 40 + min(d, 0)] - b[max(-d, 0) : 40 - max(d, 0)]).mean() for d in range(-26, 27)])
    best = int(errors.argmin())
    return (best - 26) / 40, float(1 - errors[best] / (errors[26] + 1.0))


def _whip(old: _Side | None, new: _Side | None, start: int, end: int) -> Found | None:
    smears: list[F64] = []
    for side in (old, new):
        if side is None:
            continue
        x0, y0 = _contrast(side.anchor[None])
        x, y = _contrast(side.pictures)
        smears.append(np.stack([np.log(x / x0), np.log(y / y0)], 1))
    smear = np.concatenate(smears)
    difference = smear[:, 0] - smear[:, 1]
    axis = 1 if np.median(difference) < 0 else 0
    amount = -difference if axis == 1 else difference
    strongest = np.sort(amount)[-max(2, len(amount) // 2) :]
    if strongest.mean() < 0.45:
        return None
    speed = 0.0
    for side, sign in ((old, 1.0), (new, -1.0)):
        if side is None:
            continue
        chain = [side.anchor, *side.pictures]
        for before, after in zip(chain, chain[1:], strict=False):
            shift, gain = _shift_of(after, before, axis)
            speed += sign * shift * max(gain, 0.0)
    if abs(speed) < 0.05:
        return None
    names: tuple[Direction, Direction] = ("left", "right") if axis == 1 else ("up", "down")
    confidence = float(np.clip((strongest.mean() - 0.35) / 0.4, 0, 1))
    return Found("whip", start, end, "ease-in-out", names[int(speed > 0)], confidence, 0.0)
