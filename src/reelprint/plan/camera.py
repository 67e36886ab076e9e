"""Camera: travel of the window over calm parts, so that a lively style moves calm footage.

``motion_intensity`` is 100 (1 - exp(-v / 0.2)) with v in picture diagonals per second (``analyze/motion/intensity``),
so what a travelling window adds can be told before anything is rendered. Footage that moves more than the style is left
as it is: nothing here holds a camera still.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reelprint.core.analysis import Analysis
from reelprint.core.plan import OutputSpec
from reelprint.core.style import StyleJSON
from reelprint.plan.rhythm import Part
from reelprint.plan.turns import LEAN, Turn
from reelprint.plan.windows import largest_window

#: Picture diagonals per second at which the scale of ``motion_intensity`` reads 63.
_REFERENCE_SPEED = 0.2
#: A window travels no faster, in its own widths a second: more is felt as seasickness.
_MAX_SPEED = 0.15
#: What is missing is not worth moving the camera for, points.
_LEAST_GAP = 4.0
#: Scale at which a window of the picture's own shape has room to travel, and what it may use of its own width.
_ROOMY, _MOST_TRAVEL = 1.25, 0.24
_MIN_PART_S = 0.6


@dataclass(frozen=True)
class Drift:
    """Travel of the window over a part, in its own widths (+ right), the side it leans to, the scale for its room."""

    travel: float = 0.0
    lean: int = 0
    scale: float = 1.0


def plan_drifts(
    style: StyleJSON,
    parts: Sequence[Part],
    turns: Sequence[Turn],
    free: Sequence[int],
    footage: Analysis,
    output: OutputSpec,
) -> list[Drift]:
    """One drift per part; only parts in ``free`` get one, the calmest first, until the film moves as the style does."""
    intensities = [_intensity(part, turn.scale, footage, output) for part, turn in zip(parts, turns, strict=True)]
    seconds = [part.duration_s for part in parts]
    missing = (style.motion_intensity - _mean(intensities, seconds)) * sum(seconds)
    travels = [0.0] * len(parts)
    if missing < _LEAST_GAP * sum(seconds):
        return _directed(travels, parts, turns)
    width = output.width / math.hypot(output.width, output.height)
    for index in sorted(free, key=lambda place: (intensities[place], place)):
        if missing <= 0:
            break
        if seconds[index] < _MIN_PART_S:
            continue
        # No faster than what is still missing asks for on this part alone.
        wanted = min(99.0, intensities[index] + missing / seconds[index])
        speed = min(_MAX_SPEED, _speed(wanted) / width, _MOST_TRAVEL / seconds[index])
        travels[index] = speed * seconds[index]
        reached = _scaled(math.hypot(_speed(intensities[index]), speed * width))
        missing -= (reached - intensities[index]) * seconds[index]
    return _directed(travels, parts, turns)


def _directed(travels: Sequence[float], parts: Sequence[Part], turns: Sequence[Turn]) -> list[Drift]:
    """Where parts begin and which way they travel: as far as can be from where the part before in the take has ended.

    Else the window would run on over the cut, and nobody would see it.
    """
    drifts: list[Drift] = []
    end = 0.0
    for index, (travel, turn) in enumerate(zip(travels, turns, strict=True)):
        scale = max(turn.scale, _ROOMY) if travel else turn.scale
        reach = min(LEAN, max(0.0, (scale - 1 - travel) / 2)) if travel else LEAN
        goes_on = index > 0 and parts[index].piece.take == parts[index - 1].piece.take
        leans = (-1, 1) if turn.lean else (0,)
        ways = [(lean, side) for lean in leans for side in (-1, 1)]
        before = end if goes_on else -end
        lean, side = max(ways, key=lambda way: abs(way[0] * reach - way[1] * travel / 2 - before))
        end = lean * reach + side * travel / 2
        drifts.append(Drift(side * travel, lean, scale))
    return drifts


def _intensity(part: Part, scale: float, footage: Analysis, output: OutputSpec) -> float:
    """What a part will measure: the footage's own motion, seen through its window."""
    take = part.piece.take
    inside = [
        (max(0.0, min(shot.end_s, part.end_s) - max(shot.start_s, part.start_s)), footage.motion.shots[number])
        for number, shot in enumerate(footage.shots.shots)
        if take.first_shot <= number <= take.last_shot
    ]
    total = sum(overlap for overlap, _ in inside)
    measured = sum(overlap * motion.intensity for overlap, motion in inside) / total if total > 0 else 0.0
    video, picture = footage.media.video, footage.picture
    width, height = largest_window((video.width, video.height), picture, (output.width, output.height))
    whole = math.hypot(video.width * picture.width, video.height * picture.height)
    seen = math.hypot(video.width * width, video.height * height) / scale
    return _scaled(_speed(measured) * whole / seen)


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / sum(weights)


def _speed(intensity: float) -> float:
    """Diagonals per second."""
    return -_REFERENCE_SPEED * math.log(1 - min(intensity, 99.0) / 100)


def _scaled(speed: float) -> float:
    return 100 * (1 - math.exp(-speed / _REFERENCE_SPEED))
