"""Framing: wide and tight in turn within a take, and slow zooms as often as the style has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from reelprint.core.analysis import Analysis
from reelprint.core.style import StyleJSON
from reelprint.plan.rhythm import Part

#: Scale of the framings of one take, one after the other: each step is seen as a cut, none is soft.
_TURNS = (1.0, 1.3, 1.0, 1.45, 1.15, 1.5)
_MIN_ZOOM_S = 0.8
_DEFAULT_RATIO = 1.12
_RATIO_LIMITS = (1.05, 1.35)


@dataclass(frozen=True)
class Framing:
    """``scale`` >= 1 is tighter; ``zoom_ratio`` is the scale at the end over that at the start, 1 = still."""

    scale: float
    zoom_ratio: float = 1.0


def plan_framings(style: StyleJSON, parts: Sequence[Part], footage: Analysis) -> list[Framing]:
    """One framing per part.

    Punch-ins and zooms that are there anyway count towards the style's zoom usage; slow zooms on the longest
    calm parts make up the rest.
    """
    framings = [Framing(scale=_TURNS[part.turn % len(_TURNS)]) for part in parts]
    zoomed = {index for index, part in enumerate(parts) if part.turn > 0 or _zooms_itself(part, footage)}
    missing = round(style.zoom_usage / 100 * len(parts)) - len(zoomed)
    ratio = _usual_ratio(style)
    calm = sorted(
        (index for index, part in enumerate(parts) if index not in zoomed and part.duration_s >= _MIN_ZOOM_S),
        key=lambda index: (_camera(parts[index], footage), -parts[index].duration_s, index),
    )
    for order, index in enumerate(sorted(calm[: max(0, missing)])):
        # Mostly in, every third out, as slow zooms are used in edited film.
        outward = order % 3 == 2
        framings[index] = Framing(scale=framings[index].scale, zoom_ratio=1 / ratio if outward else ratio)
    return framings


def _usual_ratio(style: StyleJSON) -> float:
    ratios = [
        max(zoom.amount, 1 / zoom.amount)
        for zoom in style.details.zooms
        if zoom.kind in ("zoom-in", "zoom-out") and zoom.amount > 0
    ]
    low, high = _RATIO_LIMITS
    return min(high, max(low, median(ratios))) if ratios else _DEFAULT_RATIO


def _shots(part: Part) -> range:
    return range(part.piece.take.first_shot, part.piece.take.last_shot + 1)


def _camera(part: Part, footage: Analysis) -> float:
    return max(footage.motion.shots[shot].camera for shot in _shots(part))


def _zooms_itself(part: Part, footage: Analysis) -> bool:
    """Whether the footage zooms for a good part of this part."""
    return any(
        min(zoom.end_s, part.end_s) - max(zoom.start_s, part.start_s) >= 0.5 * part.duration_s
        for zoom in footage.motion.zooms
    )
