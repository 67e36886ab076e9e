"""The shot analyzer: where a film is cut, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from reelprint.analyze.evidence import F64, Evidence, Known, Tick
from reelprint.analyze.shots.cuts import Cut, find_cuts
from reelprint.analyze.shots.fades import find_fades
from reelprint.analyze.shots.frames import Frames, Paced
from reelprint.analyze.shots.likeness import Matcher
from reelprint.analyze.shots.rushes import find_whip
from reelprint.analyze.shots.second_opinion import USUAL, JoinScorer, Opinion
from reelprint.analyze.shots.tracks import Tracks, differences, track
from reelprint.analyze.shots.windows import Found, reread, search, strongest
from reelprint.core.shots import Shot, ShotList, Transition

#: Frames within which several hard steps may be parts of one whip or zoom.
_CLUSTER = 5


class ShotAnalyzer:
    """Locates every boundary between shots and classifies it (CONTRACT section 4, ``details.transitions``).

    ``scorer`` gives a second opinion on boundaries in doubt; without one our own models decide alone.
    """

    name = "shots"
    version = 3

    def __init__(self, scorer: JoinScorer | None = None) -> None:
        self._scorer = scorer

    def measure(self, evidence: Evidence, known: Known, tick: Tick) -> ShotList:
        """Shots that tile the film, and the transitions between them; needs ``known.picture``."""
        frames = Frames(evidence.proxies, known.picture)
        paced = Paced(frames, evidence.times_s)
        tracks = track(paced, lambda share: tick(0.5 * share))
        matcher = Matcher(frames.height, frames.width)
        difference = tracks.difference if paced.whole else differences(frames)
        cuts = find_cuts(frames, matcher, difference, frame_rate(evidence.times_s))
        opinion = None
        if self._scorer is not None:
            opinion = Opinion(self._scorer, evidence.proxies)
            cuts = [cut for cut in cuts if not opinion.denies_cut(cut)]
        tick(0.7)

        camera: list[Found] = []

        def sure(item: Found) -> bool:
            if opinion is None:
                return item.confidence >= USUAL
            item = _at_frames(item, paced)
            denied = opinion.denies(item, cuts)
            camera.extend([item] if denied and item.type == "whip" else [])
            return not denied

        gradual, edge, inside = _gradual(
            paced, matcher, tracks, [paced.position(cut.frame) for cut in cuts], sure, tick
        )
        cuts = [cut for cut, gone in zip(cuts, inside, strict=True) if not gone]
        if opinion is not None:
            cuts = [cut for cut in cuts if not opinion.denies_blur(cut, camera)]
        tick(1.0)
        gradual, edge = ([_at_frames(item, paced) for item in found] for found in (gradual, edge))
        return assemble(cuts, gradual, edge, evidence.times_s, evidence.duration_s)


def _gradual(
    paced: Paced, matcher: Matcher, tracks: Tracks, cuts: list[int], sure: Callable[[Found], bool], tick: Tick
) -> tuple[list[Found], list[Found], list[bool]]:
    """Gradual transitions, opening and closing fades, and which ``cuts`` lie in one; all in positions of ``paced``."""
    rate = paced.rate
    inner, edge = find_fades(paced, matcher, tracks, cuts, rate)
    gone = _inside(cuts, [*inner, *edge])
    walls = sorted(
        [(cut, cut) for cut, out in zip(cuts, gone, strict=True) if not out]
        + [(item.start, item.end) for item in [*inner, *edge]]
    )
    searched = search(paced, matcher, tracks, walls)
    tick(0.9)
    gradual = [item for item in [*inner, *searched.found] if sure(item)]
    gone = _inside(cuts, [*gradual, *edge])
    for cut, out in zip(cuts, gone, strict=True):
        if not out:
            item = reread(paced, matcher, tracks, cut, _room(cut, walls, paced.count))
            gradual += [item] if item is not None and sure(item) else []
    gradual = strongest(gradual)
    gone = _inside(cuts, [*gradual, *edge])
    left = [cut for cut, out in zip(cuts, gone, strict=True) if not out]
    gradual += _whips(paced, tracks, left, searched.unexplained, gradual, sure)
    gradual.sort(key=lambda item: item.start)
    return gradual, edge, _inside(cuts, [*gradual, *edge])


def _room(cut: int, walls: list[tuple[int, int]], count: int) -> tuple[int, int]:
    """From the wall before a cut to the one after it."""
    before = max((end for start, end in walls if end < cut), default=0)
    after = min((start for start, end in walls if start > cut), default=count)
    return before, after


def _at_frames(item: Found, paced: Paced) -> Found:
    """Positions of ``paced`` to frames of the film."""
    start, end = item.edges or (item.start, item.end)
    return replace(item, start=paced.frame(start), end=paced.frame(end), edges=None)


def frame_rate(times_s: F64) -> float:
    """Frames a second from presentation times; 25 for a single frame."""
    return float(1 / max(np.median(np.diff(times_s)), 1e-3)) if len(times_s) > 1 else 25.0


def _inside(cuts: list[int], found: list[Found]) -> list[bool]:
    """Which cuts are part of a gradual transition."""
    return [any(item.start - 1 <= cut <= item.end + 1 for item in found) for cut in cuts]


def _whips(
    frames: Paced,
    tracks: Tracks,
    cuts: list[int],
    unexplained: list[int],
    gradual: list[Found],
    sure: Callable[[Found], bool],
) -> list[Found]:
    """Whips around hard cuts, and where a short change is of no other kind."""
    # Cuts closer together than a whip lasts may belong to one.
    gaps = [(cut, cut) for cut in cuts] + [(item.start, item.end) for item in gradual]
    found: list[Found] = []
    for join in cuts + unexplained:
        if any(item.start <= join < item.end for item in gradual):
            continue
        before = max((end for start, end in gaps if end < join - _CLUSTER * (start == end)), default=0)
        after = min((start for start, end in gaps if start > join + _CLUSTER * (start == end)), default=frames.count)
        item = find_whip(frames, tracks.difference, join, (before, after), frames.rate)
        if item is not None and sure(item):
            found.append(item)
    return strongest(found)


def assemble(cuts: list[Cut], gradual: list[Found], edge: list[Found], times_s: F64, duration_s: float) -> ShotList:
    """Documents from frames: shots split at the middle of gradual transitions, times from the presentation times."""
    count = len(times_s)
    clock = np.append(times_s, max(duration_s, float(times_s[-1]) + 1e-3))
    joins: list[tuple[int, Transition]] = []
    for cut in cuts:
        at = float(clock[cut.frame])
        joins.append(
            (cut.frame, Transition(type="cut", start_s=at, end_s=at, duration_ms=0, confidence=cut.confidence))
        )
    joins += [((item.start + item.end) // 2, _transition(item, clock)) for item in gradual]
    joins.sort(key=lambda join: join[0])
    kept: list[tuple[int, Transition]] = []
    for frame, transition in joins:
        if (kept[-1][0] if kept else 0) < frame < count:
            kept.append((frame, transition))
    bounds = [0, *(frame for frame, _ in kept), count]
    shots = tuple(
        Shot(start_s=float(clock[a]), end_s=float(clock[b]), start_frame=a, end_frame=b) for a, b in pairwise(bounds)
    )
    transitions = [transition for _, transition in kept]
    for item in edge:
        if item.confidence >= USUAL:
            side = "start" if item.start < count - item.end else "end"
            transitions.append(_transition(item, clock).model_copy(update={"edge": side}))
    return ShotList(shots=shots, transitions=tuple(sorted(transitions, key=lambda item: item.start_s)))


def _transition(item: Found, clock: F64) -> Transition:
    start_s, end_s = float(clock[item.start]), float(clock[item.end])
    return Transition(
        type=item.type,
        start_s=start_s,
        end_s=end_s,
        duration_ms=round(1000 * (end_s - start_s)),
        easing=item.easing,
        direction=item.direction,
        confidence=item.confidence,
    )
