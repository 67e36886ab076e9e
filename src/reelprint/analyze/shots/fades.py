"""Fades: the picture goes to black or white, or comes from it, keeping its structure.

A valley of the distance to the solid colour, down to (nearly) nothing, whose slopes fit X = C + g (A - C) with a
falling or rising gain g (production model of Hampapur et al. 1994; monochrome frames after Lienhart 1999).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reelprint.analyze.evidence import F32, F64
from reelprint.analyze.shots.frames import Pictures
from reelprint.analyze.shots.likeness import Matcher
from reelprint.analyze.shots.progress import fit_curve
from reelprint.analyze.shots.tracks import Tracks, coarse
from reelprint.analyze.shots.windows import Found
from reelprint.core.shots import Direction, Easing

#: Levels from the colour within which a frame is solid; share of its surroundings that a short dip must reach.
_SOLID, _DIP = 26.0, 0.42
_REACH = 90
#: Frames at rest before and after that hold the ends of a curve in place.
_MARGIN = 4
#: Longest stretch of solid colour that still joins a fade-out and a fade-in into one transition.
_HOLD_S = 2.0


@dataclass(frozen=True)
class _Slope:
    """Frames [start, end) of one half, gain 1 at the picture and 0 at the colour, in time order."""

    start: int
    end: int
    gain: F64
    residual: float


def find_fades(
    frames: Pictures, matcher: Matcher, tracks: Tracks, cuts: list[int], frame_rate: float
) -> tuple[list[Found], list[Found]]:
    """Fades between shots, and opening or closing fades (their ``start`` is 0 or ``end`` the frame count)."""
    inner: list[Found] = []
    edge: list[Found] = []
    black: Direction = "black"
    white: Direction = "white"
    for colour, distance in ((black, tracks.high), (white, 255.0 - tracks.low)):
        for first, last in _valleys(distance):
            found = _around(frames, matcher, colour, distance, first, last, cuts, frame_rate)
            if found is not None:
                (edge if found[1] else inner).append(found[0])
    return inner, edge


def _valleys(distance: F64) -> list[tuple[int, int]]:
    """Half-open runs of solid frames, and lone dips that come near."""
    n = len(distance)
    low = distance < _SOLID
    for t in range(1, n - 1):
        near = distance[max(t - 1, 0) : t + 2]
        if distance[t] <= near.min() and not low[t]:
            left, right = distance[max(t - 12, 0) : t].max(), distance[t + 1 : t + 13].max()
            low[t] = distance[t] < _DIP * min(left, right)
            if low[t]:
                flat = 1.25 * distance[t] + 4
                low[t - 1], low[t + 1] = distance[t - 1] < flat, distance[t + 1] < flat
    edges = np.flatnonzero(np.diff(np.concatenate([[0], low.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _around(
    frames: Pictures,
    matcher: Matcher,
    colour: Direction,
    distance: F64,
    first: int,
    last: int,
    cuts: list[int],
    frame_rate: float,
) -> tuple[Found, bool] | None:
    n = len(distance)
    # The step from the one shot to the other may fall into the valley of a short fade; it bounds nothing.
    before = max([cut for cut in cuts if cut < first], default=0)
    after = min([cut for cut in cuts if cut > last], default=n)
    out = _slope(frames, colour, distance, first, max(before, first - _REACH), -1)
    back = _slope(frames, colour, distance, last - 1, min(after, last + _REACH), +1)
    if first == 0 or last == n:
        return _edge(colour, first, last, n, out, back)
    if out is None and back is None:
        return None
    if last - first > _HOLD_S * frame_rate:
        return None
    start = out.start if out is not None else first
    end = back.end if back is not None else last
    left, right = frames.one(start - 1), frames.one(end)
    if colour == "white" or out is None or back is None or end - start < 6:
        # What comes back is a flash, a blink of the light or of a strobe, not a new shot.
        if matcher.compare(left, right).moved > 0.7:
            return None
    elif matcher.compare(left, right).still > 0.9:
        return None
    slopes = [item for item in (out, back) if item is not None]
    residual = max(item.residual for item in slopes)
    easing: Easing = "linear"
    error = 0.0
    edges: tuple[float, float] | None = None
    if out is not None and back is not None:
        middle = np.zeros(max(back.start - out.end, 0))
        rest = np.zeros(_MARGIN)
        curve = np.concatenate([rest, 0.5 * (1 - out.gain), 0.5 + middle, 0.5 + 0.5 * back.gain, 1 + rest])
        fitted = fit_curve(curve, out.start - _MARGIN, halved=True)
        if last - first <= 3 or fitted.error < 0.04:
            start, end = round(fitted.start), round(fitted.end)
            edges = fitted.start, fitted.end
        easing, error = fitted.easing, fitted.error
    confidence = float(np.clip((0.3 - residual) / 0.12, 0, 1) * np.clip((0.2 - error) / 0.1, 0, 1))
    return Found("fade", max(start, 1), min(end, n - 1), easing, colour, confidence, residual, 0.0, edges), False


def _edge(
    colour: Direction, first: int, last: int, n: int, out: _Slope | None, back: _Slope | None
) -> tuple[Found, bool] | None:
    slope = back if first == 0 else out
    if slope is None or (first == 0 and last == n):
        return None
    gain = slope.gain if first == 0 else 1 - slope.gain
    curve = fit_curve(np.concatenate([[0, 0], gain, [1, 1]]), slope.start - 2)
    start, end = max(round(curve.start), 0), min(round(curve.end), n)
    if end - start < 3:
        return None
    confidence = float(np.clip((0.3 - slope.residual) / 0.12, 0, 1))
    return Found("fade", start, end, curve.easing, colour, confidence, slope.residual), True


def _slope(frames: Pictures, colour: Direction, distance: F64, foot: int, bound: int, step: int) -> _Slope | None:
    """Walk from the foot (the solid frame nearest the picture) uphill in ``step``s, not past ``bound``."""
    top, t = foot, foot + step
    slack = 0
    climbs: list[float] = []
    while t >= bound if step < 0 else t < bound:
        climbs.append(float(distance[t] - distance[t - step]))
        # Past the knee the picture's own brightness may drift on.
        if len(climbs) > 4 and sum(climbs[-2:]) < 0.5 * float(np.median(climbs[:-2])):
            break
        if distance[t] > distance[top] + 0.4:
            top, slack = t, 0
        elif slack < 1 and distance[t] > distance[top] - 2.0:
            slack += 1
        else:
            break
        t += step
    if abs(top - foot) < 2:
        return None
    low, high = (top, foot) if step < 0 else (foot, top)
    pictures = coarse(frames.floats(low, high + 1))
    solid = np.array([0.0 if colour == "black" else 255.0, 128, 128], np.float32)
    away = pictures - solid
    gain = _gains(away, away[0 if step < 0 else -1])
    full, feet = (gain > 0.985), (gain < 0.015)
    # Mixed frames are those that are neither the whole picture nor the bare colour.
    mixed = np.flatnonzero(~full & ~feet)
    if len(mixed) < 2 or float(np.abs(away[0 if step < 0 else -1]).mean()) < 2.5:
        return None
    one, end = int(mixed[0]), int(mixed[-1]) + 1
    reference = away[0 if step < 0 else -1]
    rest = np.abs(away - gain[:, None, None] * reference).mean((1, 2)) / (np.abs(reference).mean() + 1.0)
    rises = np.diff(gain[one:end]) * (-1 if step < 0 else 1)
    if len(rises) and (rises.max() > 0.8 or rises.min() < -0.12):
        return None
    return _Slope(low + one, low + end, np.clip(gain[one:end], 0, 1), float(rest[one:end].mean()))


def _gains(away: F32, reference: F32) -> F64:
    return np.asarray((away * reference).sum((1, 2)) / ((reference * reference).sum() + 1.0), np.float64)
