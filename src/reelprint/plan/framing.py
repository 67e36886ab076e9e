"""Framing: the window of every part; as many zooms, and as much camera, as the style has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median

from reelprint.core.analysis import Analysis
from reelprint.core.plan import OutputSpec
from reelprint.core.style import StyleJSON
from reelprint.plan.camera import plan_drifts
from reelprint.plan.rhythm import Part
from reelprint.plan.turns import Turn, most_punches, plan_turns

_MIN_ZOOM_S = 0.8
#: A change of scale that the analyzer counts as a zoom (``analyze/motion/moves``).
_SEEN = 1.045
_DEFAULT_RATIO = 1.12
_RATIO_LIMITS = (1.08, 1.35)


@dataclass(frozen=True)
class Framing:
    """The window of a part.

    ``scale`` >= 1 is tighter, ``lean`` see ``turns.Turn``; ``zoom_ratio`` is the scale at the end over that at the
    start, 1 = still; ``travel`` how many of its widths the window runs to the right over the part.
    """

    scale: float = 1.0
    lean: int = 0
    zoom_ratio: float = 1.0
    travel: float = 0.0


def plan_framings(style: StyleJSON, parts: Sequence[Part], footage: Analysis, output: OutputSpec) -> list[Framing]:
    """One framing per part.

    Punch-ins, slow zooms and zooms of the footage itself together make up the style's ``zoom_usage``; what is missing
    to its ``motion_intensity`` is added as slow travel of the window on the calmest parts.
    """
    own = {index for index, part in enumerate(parts) if _zooms_itself(part, footage)}
    missing = round(style.zoom_usage / 100 * len(parts)) - len(own)
    turns = _turns(parts, max(0, missing), style)
    punched = {index for index, turn in enumerate(turns) if turn.punch} - own
    framings = [Framing(turn.scale, turn.lean) for turn in turns]
    calm = sorted(
        (index for index in range(len(parts)) if index not in own | punched and parts[index].duration_s >= _MIN_ZOOM_S),
        key=lambda index: (_camera(parts[index], footage), -parts[index].duration_s, index),
    )
    zoomed = sorted(calm[: max(0, missing - len(punched))])
    ratio = _usual_ratio(style)
    for order, index in enumerate(zoomed):
        # Mostly in, every third out, as slow zooms are used in edited film.
        framings[index] = replace(framings[index], zoom_ratio=1 / ratio if order % 3 == 2 else ratio)
    still = [index for index in range(len(parts)) if index not in own and index not in zoomed]
    drifts = plan_drifts(style, parts, turns, still, footage, output)
    return [
        replace(framing, scale=drift.scale, lean=drift.lean, travel=drift.travel)
        for framing, drift in zip(framings, drifts, strict=True)
    ]


def _turns(parts: Sequence[Part], zooms: int, style: StyleJSON) -> list[Turn]:
    """Of ``zooms`` wanted ones, as many punch-ins as the style has among its zooms."""
    counts = [len(list(run)) for _, run in groupby(parts, key=lambda part: part.piece.take.number)]
    punches = round(zooms * _punch_share(style))
    # What slow zooms cannot take on, because there are too few parts without a punch-in, more punch-ins do.
    punches = min(max(punches, zooms - (len(parts) - most_punches(counts))), most_punches(counts))
    return [turn for take in plan_turns(counts, punches) for turn in take]


def _punch_share(style: StyleJSON) -> float:
    """Share of punch-ins among the style's zooms; where nothing is known, punch-ins come first."""
    slow = sum(zoom.kind in ("zoom-in", "zoom-out") for zoom in style.details.zooms)
    punched = sum(zoom.kind == "punch-in" for zoom in style.details.zooms)
    return punched / (slow + punched) if slow + punched else 1.0


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
    """Whether enough of a zoom of the footage falls into this part to be measured as one."""
    for zoom in footage.motion.zooms:
        overlap_s = min(zoom.end_s, part.end_s) - max(zoom.start_s, part.start_s)
        if overlap_s > 0 and max(zoom.amount, 1 / zoom.amount) ** (overlap_s / (zoom.end_s - zoom.start_s)) >= _SEEN:
            return True
    return False
