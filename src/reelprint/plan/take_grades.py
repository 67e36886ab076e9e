"""Grades of takes: one chain of transformations per take, and one for the film as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from reelprint.colour.sliders import look_of_sliders
from reelprint.core.colour import ColourMeasure, GradeTransfer, Look
from reelprint.core.style import StyleJSON
from reelprint.plan.grading import plan_grades
from reelprint.plan.takes import Take

Chain = tuple[GradeTransfer, ...]


def plan_take_grades(
    style: StyleJSON, footage: ColourMeasure, takes: Sequence[Take], strength: float
) -> tuple[Chain, ...]:
    """One chain per take, in order. A take of several shots goes by the one that is longest on screen."""
    chains = plan_grades(target_look(style), footage, strength)
    return tuple(
        chains[max(range(take.first_shot, take.last_shot + 1), key=lambda shot: footage.shot_looks[shot].weight)]
        for take in takes
    )


def film_grade(style: StyleJSON, footage: ColourMeasure, strength: float) -> Chain:
    """The chain for the footage taken as one shot: the look that is handed out as a .cube."""
    one = footage.model_copy(update={"shot_looks": (footage.look,)})
    return plan_grades(target_look(style), one, strength)[0]


def target_look(style: StyleJSON) -> Look:
    """The measured look, or for a style without a film (a preset) what its sliders make of a neutral one."""
    return style.details.look or look_of_sliders(style.color_grade)
