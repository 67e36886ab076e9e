"""Gradual transitions between two anchors: propose windows, fit every model, keep what explains best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reelprint.analyze.evidence import F32
from reelprint.analyze.shots.frames import Pictures
from reelprint.analyze.shots.likeness import Matcher, ramp, smears
from reelprint.analyze.shots.mixes import edge_dip, edge_fall, fit_mix
from reelprint.analyze.shots.progress import Curve, fit_curve
from reelprint.analyze.shots.sweeps import Fit, fit_sweeps
from reelprint.analyze.shots.tracks import SCALES, Tracks, coarse
from reelprint.analyze.shots.zooms import fit_zoom
from reelprint.core.shots import Direction, Easing, TransitionType

#: Coarse difference in levels between both ends of a window worth a look.
_MIN_SPAN = 9.0
_MIN_FRAMES, _MAX_FRAMES = 3, 84
#: Two pictures more alike than this, motion allowed for, are the same scene.
_SAME_SCENE, _OTHER_SCENE = 0.75, 0.5
#: Residuals: clearly a mix; not worth going on with.
_CLEAR, _HOPELESS, _HOPELESS_SWEEP = 0.06, 0.5, 0.42
#: Error of a progress curve from which movement in the takes is suspected of bending it.
_BENT = 0.025
#: Windows inside something as sure as this are not looked at any more.
_CONVINCING = 0.6
#: Frames of the longest zoom; levels of difference beside a cut from which it may be part of something longer.
_LONGEST_ZOOM, _RESTLESS = 34, 3.0
#: Logarithm of lost contrast from which a slide is a whip.
_SMEARED = 0.3


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
    weight: float = 0.0
    """confidence times how much changed: compares readings of one change"""
    edges: tuple[float, float] | None = None
    """start and end as fitted, between frames"""


@dataclass(frozen=True)
class Searched:
    """What the windows gave: boundaries, and centres of changes that no model explains."""

    found: list[Found]
    unexplained: list[int]


def search(frames: Pictures, matcher: Matcher, tracks: Tracks, walls: list[tuple[int, int]]) -> Searched:
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
    # From wall to wall, the widest differences first: the window over a whole transition before those over parts.
    starts = [0, *(max(end, start) for start, end in walls)]
    ends = [*(start for start, _ in walls), n]
    proposals.sort(key=lambda item: (np.searchsorted(starts, item[1], side="right"), -item[0], item[2]))
    found: list[Found] = []
    unexplained: list[int] = []
    for _, centre, half in proposals:
        if any(item.start <= centre < item.end for item in found if item.confidence > _CONVINCING):
            continue
        room = int(np.searchsorted(starts, centre, side="right")) - 1
        bounds = (starts[room], ends[room])
        low, high = max(centre - half, bounds[0]), min(centre + half, bounds[1] - 1)
        if high - low < 4:
            continue
        likeness = matcher.compare(frames.one(low), frames.one(high)).moved
        if likeness > _SAME_SCENE:
            continue
        item = _examine(frames, bounds, low, high, likeness)
        if item is not None and item.confidence > 0:
            found.append(item)
        elif half <= SCALES[3] and likeness < _OTHER_SCENE and all(abs(centre - other) > 4 for other in unexplained):
            unexplained.append(centre)
    return Searched(strongest(found), unexplained)


def strongest(found: list[Found]) -> list[Found]:
    """Without overlaps: of several readings of one change the most convincing stays."""
    kept: list[Found] = []
    for item in sorted(found, key=lambda item: (-item.weight, -item.confidence)):
        if all(item.end <= other.start or item.start >= other.end for other in kept):
            kept.append(item)
    return sorted(kept, key=lambda item: item.start)


def reread(frames: Pictures, matcher: Matcher, tracks: Tracks, cut: int, bounds: tuple[int, int]) -> Found | None:
    """A hard cut among other change may be part of a transition: the best reading across it, if one convinces."""
    beside = tracks.difference[[*range(max(cut - 4, 0), cut), *range(cut + 1, min(cut + 5, frames.count))]]
    if len(beside) < 4 or float(np.sort(beside)[-3:].mean()) < _RESTLESS:
        return None
    best: Found | None = None
    for half in SCALES[1:5]:
        for centre in (cut, cut - half // 2, cut + half // 2):
            low, high = max(centre - half, bounds[0]), min(centre + half, bounds[1] - 1)
            if high - low < 4:
                continue
            likeness = matcher.compare(frames.one(low), frames.one(high)).moved
            item = _examine(frames, bounds, low, high, likeness) if likeness <= _SAME_SCENE else None
            convinces = item is not None and item.confidence > _CONVINCING and item.start - 1 <= cut <= item.end + 1
            if item is not None and convinces and (best is None or item.weight > best.weight):
                best = item
    return best


def _examine(frames: Pictures, bounds: tuple[int, int], low: int, high: int, likeness: float) -> Found | None:
    """Fit all models between two frames inside ``bounds``, then the best one again between closer anchors."""
    first, pictures, old, new = _between(frames, bounds, low, high)
    inner = pictures[low - first + 1 : high - first]
    if len(inner) <= _LONGEST_ZOOM:
        zoom = _examine_zoom(frames, bounds, low, high, likeness)
        if zoom is not None:
            return zoom
    model = _choose(inner, old, new)
    if model is None:
        return None
    best = _fit(model, pictures, old, new)
    curve = fit_curve(best.progress, first, quick=True)
    for _ in range(3):
        # Anchors close to the ends have moved least: again with those, until they stay.
        ends = max(int(np.floor(curve.start)) - 1, bounds[0]), min(int(np.ceil(curve.end)), bounds[1] - 1)
        if ends == (low, high):
            break
        low, high = ends
        if high - low < 3 or high - low > _MAX_FRAMES:
            return None
        first, pictures, old, new = _between(frames, bounds, low, high)
        best = _fit(model, pictures, old, new)
        curve = fit_curve(best.progress, first, quick=True)
    fall = edge_fall(pictures, old, new, best.progress) if best.type == "dissolve" else None
    curve = fit_curve(best.progress, first)
    if fall is not None and curve.error > _BENT:
        curve = fit_curve(best.progress, first, edges=fall)
    residual = _inside(best)
    evidence = best.seam if fall is None else edge_dip(fall, best.progress)
    confidence = _confidence(best.type, residual, evidence, likeness) * ramp(curve.error, 0.16, 0.08)
    kind: TransitionType = "whip" if best.type == "slide" and _smeared(best, pictures, old, new) else best.type
    return _found(kind, best.direction, bounds, curve, confidence, residual, old, new)


def _smeared(slide: Fit, pictures: F32, old: F32, new: F32) -> bool:
    """Whether a slide blurs along its way as a whip does."""
    along = 1.0 if slide.direction in ("left", "right") else -1.0
    inside = (slide.progress > 0.15) & (slide.progress < 0.85)
    return bool(inside.any()) and float((along * smears(pictures, old, new))[inside].mean()) > _SMEARED


def _found(
    kind: TransitionType,
    direction: Direction | None,
    bounds: tuple[int, int],
    curve: Curve,
    confidence: float,
    residual: float,
    old: F32,
    new: F32,
) -> Found | None:
    start, end = max(round(curve.start), bounds[0]), min(round(curve.end), bounds[1])
    if not _MIN_FRAMES <= end - start <= _MAX_FRAMES or confidence <= 0:
        return None
    change = float(np.abs(coarse(new[None]) - coarse(old[None])).mean())
    weight = change * confidence * (0.6 - residual) * (0.3 - curve.error)
    edges = max(curve.start, bounds[0]), min(curve.end, bounds[1])
    return Found(kind, start, end, curve.easing, direction, confidence, residual, weight, edges)


def _examine_zoom(frames: Pictures, bounds: tuple[int, int], low: int, high: int, likeness: float) -> Found | None:
    """The zoom between two frames, when scaling explains much that mixing does not."""
    outer = max(low - 3, bounds[0]), min(high + 3, bounds[1] - 1)
    for _ in range(2):
        pictures = frames.floats(low + 1, high)
        old, new = frames.one(low).astype(np.float32), frames.one(high).astype(np.float32)
        zoom = fit_zoom(pictures, old, new)
        # Anchors at rest on both sides hold the ends of the curve in place.
        progress, seen = (np.concatenate([[edge] * 2, inner, [1.0] * 2]) for edge, inner in
                          ((0.0, zoom.progress), (1.0, zoom.seen)))  # fmt: skip
        curve = fit_curve(progress, low - 1, seen=seen)
        moments = np.arange(low + 1, high) + 0.5
        gain, residual = zoom.evidence((moments > curve.start) & (moments < curve.end))
        if gain - residual < 0.2 or abs(zoom.log_scale) < 0.35:
            return None
        ends = max(int(np.floor(curve.start)) - 2, outer[0]), min(int(np.ceil(curve.end)) + 1, outer[1])
        if ends == (low, high) or not 4 <= ends[1] - ends[0] <= _LONGEST_ZOOM:
            break
        low, high = ends
    clear = (zoom.seen > 0.3) & (zoom.progress > 0.08) & (zoom.progress < 0.92)
    confidence = ramp(gain - residual, 0.42, 0.6) * ramp(curve.error, 0.2, 0.1) * (clear.sum() >= 3)
    confidence *= ramp(likeness, 0.75, 0.62)
    direction: Direction = "in" if zoom.log_scale > 0 else "out"
    return _found("zoom", direction, bounds, curve, confidence, residual, old, new)


def _between(frames: Pictures, bounds: tuple[int, int], low: int, high: int) -> tuple[int, F32, F32, F32]:
    """Number of the first picture, the pictures from a little before to a little after, and the two anchors."""
    margin = max(3, (high - low) // 4)
    first, last = max(low - margin, bounds[0]), min(high + margin + 1, bounds[1])
    return first, frames.floats(first, last), frames.one(low).astype(np.float32), frames.one(high).astype(np.float32)


def _choose(pictures: F32, old: F32, new: F32) -> tuple[int, Direction | None] | None:
    """Number within its family and direction of the model that explains most: some frames, at low resolution."""
    mix = fit_mix(pictures, old, new)
    some = pictures[:: max(1, len(pictures) // 6)][:8]
    mixed = _inside(mix)
    if mixed < _CLEAR:
        return 0, None
    sweeps = fit_sweeps(some, old, new, columns=32)
    residuals = [_inside(item) for item in sweeps]
    number = int(np.argmin(residuals))
    chosen = sweeps[number]
    if mixed <= residuals[number]:
        dip = edge_dip(edge_fall(pictures, old, new, mix.progress), mix.progress)
        return (0, None) if mixed < _HOPELESS and dip > 0.15 else None
    if residuals[number] > _HOPELESS_SWEEP or chosen.seam < (1.1 if chosen.type == "slide" else 0.7):
        return None
    return number % 4, chosen.direction


def _fit(model: tuple[int, Direction | None], pictures: F32, old: F32, new: F32) -> Fit:
    number, direction = model
    return fit_mix(pictures, old, new) if direction is None else fit_sweeps(pictures, old, new, (direction,))[number]


def _confidence(kind: TransitionType, residual: float, evidence: float, likeness: float) -> float:
    """What each kind must show beside a small residual: edges that dip, a seam that stands out, two scenes."""
    different = ramp(likeness, 0.75, 0.62)
    if kind == "dissolve":
        return different * ramp(residual, 0.48, 0.25) * ramp(evidence, 0.5, 0.75)
    if kind == "slide":
        return different * ramp(residual, 0.42, 0.22) * ramp(evidence, 1.5, 2.5)
    return different * ramp(residual, 0.34, 0.2) * ramp(evidence, 0.8, 1.25)


def _inside(fit: Fit) -> float:
    """Mean residual where both pictures are seen."""
    mixed = (fit.progress > 0.12) & (fit.progress < 0.88)
    return float(fit.residual[mixed].mean()) if mixed.any() else 1.0
