"""Footage that is only cleaned up keeps its own shape and rate."""

from __future__ import annotations

import pytest

from reelprint.plan.options import PlanOptions
from reelprint.plan.output import output_spec
from reelprint.style.presets import preset
from tests.factories import footage

AS_SHOT = PlanOptions(as_shot=True)


@pytest.mark.parametrize(
    ("size", "fps", "expected"),
    [
        ((1280, 536), 25.0, (1280, 536, "25/1")),
        ((798, 332), 23.976, (798, 332, "24000/1001")),
        ((853, 481), 29.97, (852, 480, "30000/1001")),
        ((7680, 4320), 60.0, (3840, 2160, "60/1")),
        ((720, 1280), 26.3, (720, 1280, "25/1")),
    ],
)
def test_shape_and_rate_are_the_footages(size: tuple[int, int], fps: float, expected: tuple[int, int, str]) -> None:
    spec = output_spec(preset("warm-film"), footage(size=size, fps=fps), AS_SHOT)
    assert (spec.width, spec.height, spec.frame_rate) == expected


def test_what_is_asked_for_wins() -> None:
    options = PlanOptions(as_shot=True, aspect_ratio="9:16", frame_rate=60)
    spec = output_spec(preset("warm-film"), footage(size=(1280, 536), fps=25.0), options)
    assert (spec.height / spec.width, spec.frame_rate) == (pytest.approx(16 / 9, abs=0.01), "60/1")


def test_without_it_the_style_decides() -> None:
    style = preset("punchy-social")
    spec = output_spec(style, footage(size=(1280, 536), fps=25.0), PlanOptions())
    assert spec.frame_rate == f"{style.frame_rate}/1" and spec.height > spec.width
