"""Gradual transitions between two anchors: propose windows, fit every model, keep what explains best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reelprint.analyze.evidence import F32
from reelprint.analyze.shots.frames import Frames
from reelprint.analyze.shots.likeness import Matcher
from reelprint.analyze.shots.mixes import fit_mix
from reelprint.analyze.shots.progress import fit_curve
from reelprint.analyze.shots.sweeps import Fit, fit_sweeps
from reelprint.analyze.shots.tracks import SCALES, Tracks, coarse
from reelprint.core.shots import Direction, Easing, TransitionType

#: Coarse difference in levels between both ends of a window worth a look.
_MIN_SPAN = 9.0
_MIN_FRAMES, _MAX_FRAMES = 3, 84
#: Two pictures more alike than this, motion allowed for, are the same scene.
_SAME_SCENE = 0.62
_HOPELESS, _CONVINCING = 0.5, 0.6
#: Where the pictures of a push meet they differ like any two pictures; in a camera pan they continue each other.
_MIN_SEAM = 0.45


@dataclass(frozen=True)
class Found:
    """A gradual boundary; frames [start, end) are mixed."""

    type: TransitionType
    start: int
    end: int
    easing: Easing
    direction: Direction | None
    confidence: float
    residual: float
    weight: float = 1.0
    """confidence times how much changed: compares readings of one change"""


@dataclass(frozen=True)
class Searched:
    """What the windows gave: boundaries, and centres of changes that no model explains."""

    found: list[Found]
    unexplained: list[int]


def search(frames: Frames, matcher: Matcher, tracks: Tracks, walls: list[tuple[int, int]]) -> Searched:
    """Find dissolves, wipes and slides between ``walls``: hard cuts (t, t) and fades [start, end), in order."""
    n = len(tracks.difference)
    free = np.zeros(n, np.int64)
    for start, end in walls:
        free[start : max(end, start + 1)] = 1
    passed = np.cumsum(free)
    proposals: list[tuple[float, int, int]] = []
    for row, k in enumerate(SCALES):
        spans = tracks.spans[row]
        reach = max(2, k // 2)
        for t in np.flatnonzero(spans >= _MIN_SPAN):
            low, high = max(int(t) - k, 0), min(int(t) + k, n - 1)
            around = spans[max(t - reach, 0) : t + reach + 1]
            if spans[t] >= around.max() and passed[high] == passed[low]:
                proposals.append((float(spans[t]), int(t), k))
    # The widest differences first: a window over a whole transition before the windows over its parts.
    proposals.sort(key=lambda item: (-item[0], item[2]))
    starts = [0, *(max(end, start) for start, end in walls)]
    ends = [*(start for start, _ in walls), n]
    found: list[Found] = []
    unexplained: list[int] = []
    for _, centre, half in proposals:
        if any(item.start <= centre < item.end for item in found if item.confidence > _CONVINCING):
            continue
        if any(abs(centre - other) <= max(half // 2, 3) for other in unexplained):
            continue
        room = int(np.searchsorted(starts, centre, side="right")) - 1
        bounds = (starts[room], ends[room])
        low, high = max(centre - half, bounds[0]), min(centre + half, bounds[1] - 1)
        if high - low < 4 or matcher.compare(frames.one(low), frames.one(high)).moved > _SAME_SCENE:
            continue
        item = _examine(frames, bounds, low, high)
        if item is not None and item.confidence > 0:
            found.append(item)
        elif half <= SCALES[3]:
            unexplained.append(centre)
    return Searched(_strongest(found), unexplained)


def _strongest(found: list[Found]) -> list[Found]:
    """Without overlaps: of several readings of one change the most convincing stays."""
    kept: list[Found] = []
    for item in sorted(found, key=lambda item: -item.weight):
        if all(item.end <= other.start or item.start >= other.end for other in kept):
            kept.append(item)
    return sorted(kept, key=lambda item: item.start)


def _examine(frames: Frames, bounds: tuple[int, int], low: int, high: int) -> Found | None:
    """Fit all models between two frames inside ``bounds``, then the best one once more between closer anchors."""
    margin = max(3, (high - low) // 4)
    first, last = max(low - margin, bounds[0]), min(high + margin + 1, bounds[1])
    pictures = frames.floats(first, last)
    old, new = frames.one(low).astype(np.float32), frames.one(high).astype(np.float32)
    some = pictures[:: max(1, len(pictures) // 12)]
    options = [fit_mix(some, old, new), *fit_sweeps(some, old, new, columns=40)]
    residuals = [_inside(item) for item in options]
    model = int(np.argmin(residuals))
    if residuals[model] > _HOPELESS:
        return None
    direction = options[model].direction

    def fit(pictures: F32, old: F32, new: F32) -> Fit:
        if direction is None:
            return fit_mix(pictures, old, new)
        return fit_sweeps(pictures, old, new, (direction,))[(model - 1) % 4]

    curve = fit_curve(fit(pictures, old, new).progress, first)
    low, high = max(int(np.floor(curve.start)) - 1, bounds[0]), min(int(np.ceil(curve.end)), bounds[1] - 1)
    if high - low < 3 or high - low > _MAX_FRAMES:
        return None
    margin = max(3, (high - low) // 4)
    first, last = max(low - margin, bounds[0]), min(high + margin + 1, bounds[1])
    old, new = frames.one(low).astype(np.float32), frames.one(high).astype(np.float32)
    best = fit(frames.floats(first, last), old, new)
    curve = fit_curve(best.progress, first)
    start, end = max(round(curve.start), bounds[0]), min(round(curve.end), bounds[1])
    if end - start < _MIN_FRAMES or best.seam < _MIN_SEAM:
        return None
    residual = _inside(best)
    confidence = float(np.clip((0.42 - residual) / 0.2, 0, 1) * np.clip((0.16 - curve.error) / 0.08, 0, 1))
    weight = confidence * float(np.abs(coarse(new[None]) - coarse(old[None])).mean())
    return Found(best.type, start, end, curve.easing, best.direction, confidence, residual, weight)


def _inside(fit: Fit) -> float:
    """Mean residual where both pictures are seen."""
    mixed = (fit.progress > 0.12) & (fit.progress < 0.88)
    return float(fit.residual[mixed].mean()) if mixed.any() else 1.0
