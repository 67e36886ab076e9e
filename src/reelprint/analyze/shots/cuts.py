"""Hard cuts: one step between two frames that motion cannot explain, and that stays.

A step is looked at when the frame difference stands out from its neighbourhood (adaptive threshold, Yusoff et al.,
BMVC 2000); it is a cut when motion-compensated likeness collapses there but not beside it. Jump cuts and punch-ins
keep the likeness but break the rhythm of small differences. What comes back within moments is a flash.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reelprint.analyze.evidence import F64
from reelprint.analyze.shots.frames import Frames
from reelprint.analyze.shots.likeness import Likeness, Matcher, ramp

_CONTEXT = 7
#: Smallest step in levels, and its ratio over the neighbourhood's median, to be looked at.
_MIN_STEP, _MIN_RATIO = 2.0, 1.5
#: Frames at 25 a second within which a picture that comes back makes a flash, strobe or bump.
_RETURN_S = 0.3


@dataclass(frozen=True)
class Cut:
    """The new shot begins at ``frame``."""

    frame: int
    confidence: float


def fresh_frames(difference: F64) -> F64:
    """Mask (n,): True where a frame is new, False where it repeats the one before (pulldown, low-rate footage)."""
    n = len(difference)
    peak = np.array([difference[max(0, t - 4) : t + 5].max() for t in range(n)])
    return np.asarray((difference > 0.12 * peak) | (difference > 1.5), np.float64)


def find_cuts(frames: Frames, matcher: Matcher, difference: F64, frame_rate: float) -> list[Cut]:
    """All hard cuts in order."""
    fresh = np.flatnonzero(fresh_frames(difference) > 0)
    fresh = fresh[fresh > 0]
    steps = difference[fresh]
    found: list[tuple[int, float]] = []
    for position, frame in enumerate(fresh.tolist()):
        step = steps[position]
        around = np.delete(steps[max(position - _CONTEXT, 0) : position + _CONTEXT + 1], min(position, _CONTEXT))
        usual = float(np.median(around)) if len(around) else 0.0
        if step < _MIN_STEP or step < _MIN_RATIO * usual + 1.0:
            continue
        # The frames before and after that are really other pictures, not repeats.
        before = int(fresh[position - 1]) - 1 if position else frame - 2
        after = int(fresh[position + 1]) if position + 1 < len(fresh) else frame + 1
        beside = np.sort(steps[[max(position - 1, 0), min(position + 1, len(steps) - 1)]]) if len(steps) > 2 else [0, 0]
        confidence = _judge(frames, matcher, (before, int(frame), after), float(step), usual, float(beside[-1]))
        if confidence > 0.5:
            found.append((int(frame), confidence))
    return _without_returns(frames, matcher, found, max(2, round(_RETURN_S * frame_rate)))


def _judge(
    frames: Frames, matcher: Matcher, at: tuple[int, int, int], step: float, usual: float, beside: float
) -> float:
    before, frame, after = at
    old, new = frames.one(frame - 1), frames.one(frame)
    join = matcher.compare(old, new)
    if join.moved > 0.96 or join.still > 0.9:
        return 0.0
    sides = [matcher.compare(frames.one(max(before, 0)), old), matcher.compare(new, frames.one(after))]
    best_side, worst_side = max(side.moved for side in sides), min(side.moved for side in sides)
    ratio = step / (usual + 1.0)
    # Another picture: nothing of the old one is found again, while at least one side runs on by itself.
    break_up = ramp(join.moved, 0.62, 0.38) * ramp(best_side - join.moved, 0.15, 0.35)
    break_up *= ramp(worst_side - join.moved, -0.05, 0.1) * ramp(ratio, 1.0, 1.6)
    # The same scene, displaced or scaled at once between two quiet stretches.
    jump = ramp(step / (beside + 0.7), 2.6, 5.0) * ramp(ratio, 3.0, 6.0) * ramp(step, 2.5, 5.0)
    jump *= ramp(join.still, 0.86, 0.7) * ramp(worst_side - join.moved, 0.0, 0.05)
    jump *= ramp(_still_gap(sides, join), 0.1, 0.25)
    return max(break_up, jump)


def _still_gap(sides: list[Likeness], join: Likeness) -> float:
    return min(side.still for side in sides) - join.still


def _without_returns(frames: Frames, matcher: Matcher, found: list[tuple[int, float]], reach: int) -> list[Cut]:
    """Drop pairs of steps between which a picture was only away for a moment."""
    dropped: set[int] = set()
    for first, (frame, _) in enumerate(found):
        for second in range(first + 1, len(found)):
            back = found[second][0]
            if back - frame > reach:
                break
            if matcher.compare(frames.one(frame - 1), frames.one(back)).moved > 0.7:
                dropped.update(range(first, second + 1))
    kept: list[Cut] = []
    for index, (frame, confidence) in enumerate(found):
        if index in dropped:
            continue
        # A bump of the camera or a lone bright frame: some moments later the old picture is back.
        later = max(matcher.compare(frames.one(frame - 1), frames.one(frame + k)).still for k in (2, 4))
        if later > 0.85:
            continue
        kept.append(Cut(frame, confidence))
    return kept
