"""Grades go by what the windows show."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from reelprint.colour.look import measure_look
from reelprint.core.colour import ColorGrade, ColourMeasure
from reelprint.core.plan import Crop, CropKey, Segment
from reelprint.core.shots import Shot, ShotList
from reelprint.plan.shown import as_shown

BLUE, ORANGE = (0.5, -0.05, -0.12), (0.7, 0.06, 0.1)
SHOTS = ShotList(
    shots=(
        Shot(start_s=0, end_s=2, start_frame=0, end_frame=50),
        Shot(start_s=2, end_s=4, start_frame=50, end_frame=100),
    ),
    transitions=(),
)


def half_and_half() -> ColourMeasure:
    """Two shots, blue on the left and orange on the right."""
    x = (np.arange(256) % 16 + 0.5) / 16
    y = (np.arange(256) // 16 + 0.5) / 16
    noise = np.random.default_rng(0).normal(0, 0.003, (256, 3))
    lab = np.where(x[:, None] < 0.5, BLUE, ORANGE) + noise
    look = measure_look(lab, cloud_size=256).model_copy(
        update={"cloud": tuple(map(tuple, lab.tolist())), "weight": 2.0}
    )
    places = tuple(zip(x.tolist(), y.tolist(), strict=True))
    return ColourMeasure(
        sliders=ColorGrade(), look=look, shot_looks=(look, look), shot_places=(places, places), palette=()
    )


def window(frames: int, *keys: tuple[int, float]) -> Segment:
    """A segment from the start of the film; keys: frame and left edge of a window of a quarter's width."""
    crops = tuple(CropKey(frame=frame, crop=Crop(x=x, y=0, width=0.25, height=1), easing="linear") for frame, x in keys)
    return Segment(start_frame=0, frames=frames, source_start_s=0, source_shot=0, crop=crops, grade=0)


def test_a_window_on_one_side_has_the_look_of_that_side() -> None:
    shown = as_shown(half_and_half(), SHOTS, [window(50, (0, 0.7))], Fraction(25))
    first, second = shown.shot_looks
    assert np.allclose(first.mean_ab, ORANGE[1:], atol=0.01)
    assert np.allclose(shown.look.mean_ab, ORANGE[1:], atol=0.01)
    assert (first.weight, second.weight) == (2.0, 0.0)
    assert second.mean_ab == half_and_half().look.mean_ab


def test_a_travelling_window_counts_each_place_for_as_long_as_it_is_there() -> None:
    # Three quarters of the time on the left, then a jump to the right.
    shown = as_shown(half_and_half(), SHOTS, [window(50, (0, 0.1), (37, 0.1), (38, 0.7))], Fraction(25))
    blue = np.mean([point[2] < 0 for point in shown.shot_looks[0].cloud])
    assert 0.65 < blue < 0.85


def test_a_window_that_sees_next_to_nothing_and_documents_without_places_change_nothing() -> None:
    colour = half_and_half()
    speck = window(50, (0, 0.7)).model_copy(
        update={"crop": (CropKey(frame=0, crop=Crop(x=0.9, y=0.9, width=0.1, height=0.1)),)}
    )
    assert as_shown(colour, SHOTS, [speck], Fraction(25)).shot_looks[0].mean_ab == colour.look.mean_ab
    old = colour.model_copy(update={"shot_places": ()})
    assert as_shown(old, SHOTS, [window(50, (0, 0.7))], Fraction(25)) is old
