"""Colour and size of planted type."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

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


@pytest.mark.parametrize("color", ["#ffdc00", "#ff4040", "#40e060", "#ffffff"])
def test_color_of_thin_strokes_whose_chroma_is_halved(color: str) -> None:
    picture, box = set_type(noise(120, 400, level=120), "river stone", 40, 40, 30, color)
    planes = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
    coarse = cv2.resize(planes, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    planes[..., 1:] = cv2.GaussianBlur(cv2.resize(coarse, (400, 120)), (0, 0), 0.8)[..., 1:]
    measured = take_apart(cv2.cvtColor(planes, cv2.COLOR_YCrCb2RGB), loosely(box)).color
    apart = [abs(int(measured[i : i + 2], 16) - int(color[i : i + 2], 16)) for i in (1, 3, 5)]
    assert max(apart) <= 25


def test_a_hairline_in_a_thick_outline_is_the_fill() -> None:
    fine = ImageFont.load_default(60)
    image = Image.fromarray(np.full((140, 640, 3), 120, np.uint8))
    pen = ImageDraw.Draw(image)
    left, top, right, bottom = pen.textbbox((40, 30), "winter kitchen", font=fine)
    box = (float(left), float(top), float(right), float(bottom))
    pen.text((40, 30), "winter kitchen", font=fine, fill="#000000", stroke_width=6)
    solid = np.asarray(image)
    mask = Image.new("L", (640, 140), 0)
    ImageDraw.Draw(mask).text((40, 30), "winter kitchen", font=fine, fill=255)
    core = cv2.erode(np.asarray(mask), np.ones((3, 3), np.uint8))[..., None] / 255
    hairline = np.asarray(solid * (1 - core) + np.array([255, 140, 26]) * core, np.uint8)
    red, green, blue = (int(take_apart(hairline, loosely(box)).color[i : i + 2], 16) for i in (1, 3, 5))
    assert red > 180 > green > 80 > blue


def test_a_soft_shadow_beside_letters_is_not_the_fill() -> None:
    mask = Image.new("L", (640, 140), 0)
    pen, serif = ImageDraw.Draw(mask), ImageFont.load_default(30)
    pen.text((40, 30), "never secret", font=serif, fill=255)
    left, top, right, bottom = pen.textbbox((40, 30), "never secret", font=serif)
    box = (float(left), float(top), float(right), float(bottom))
    letters = np.asarray(mask)[..., None] / 255
    shadow = cv2.GaussianBlur(np.roll(np.asarray(mask), (2, 2), (0, 1)), (0, 0), 1.5)[..., None] / 255 * 0.9
    sky = np.full((140, 640, 3), (110, 110, 112)) * (1 - shadow)
    assert take_apart(np.asarray(sky * (1 - letters) + 235 * letters, np.uint8), loosely(box)).color > "#c0c0c0"
