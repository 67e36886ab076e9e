"""Colour and size of planted type."""

import pytest

from reelprint.analyze.text.glyphs import take_apart, type_size_px
from tests.unit.text.type import noise, set_type


def loosely(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    margin = 0.3 * (box[3] - box[1])
    return box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin


@pytest.mark.parametrize("color", ["#ffffff", "#ffdc00", "#ff4040", "#3cc8ff"])
@pytest.mark.parametrize("size_px", [28, 64])
def test_color_and_size(color: str, size_px: int) -> None:
    picture, box = set_type(noise(240, 640, seed=size_px), "Better question", 60, 90, size_px, color)
    glyphs = take_apart(picture, loosely(box))
    measured = [int(glyphs.color[i : i + 2], 16) for i in (1, 3, 5)]
    planted = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    assert max(abs(a - b) for a, b in zip(measured, planted, strict=True)) <= 30
    assert type_size_px(glyphs, "Better question") == pytest.approx(size_px, rel=0.2)


def test_dark_letters_on_a_light_plate() -> None:
    picture = noise(240, 640).copy()
    picture[70:150, 40:600] = 240
    picture, box = set_type(picture, "Dark on light", 60, 90, 40, "#101010", outline=False)
    assert take_apart(picture, loosely(box)).color < "#404040"
