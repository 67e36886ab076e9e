from __future__ import annotations

import numpy as np
import pytest

from reelprint.colour.flows import move_tone
from reelprint.colour.look import measure_look
from reelprint.colour.oklab import fit_gamut, oklab_of_rgb, rgb_of_oklab
from reelprint.colour.sliders import (
    NAMES,
    grade,
    grade_of,
    identity_lut,
    look_of_sliders,
    sliders_of,
    sliders_raw,
    white_balance_of,
)
from reelprint.core.colour import ColorGrade
from tests.unit.colour.pictures import apply_lut, film, scene


def raw(rgb):
    return sliders_raw(measure_look(oklab_of_rgb(rgb)))


def law_error(rgb, values):
    """How far sliders(x graded) - sliders(x) is from the sliders, with -100..100 taken into account."""
    before = raw(rgb)
    after = raw(apply_lut(grade(grade_of(values)), rgb))
    return np.clip(after, -100, 100) - np.clip(before + values, -100, 100)


def test_oklab_there_and_back() -> None:
    colours = np.random.default_rng(1).integers(0, 256, (500, 3)).astype(np.uint8)
    assert np.abs(rgb_of_oklab(oklab_of_rgb(colours)) * 255 - colours).max() < 1.2
    white = oklab_of_rgb(np.array([[255, 255, 255]], np.uint8))
    np.testing.assert_allclose(white, [[1, 0, 0]], atol=1e-4)


def test_out_of_gamut_gives_chroma_not_hue() -> None:
    lab = np.array([[0.7, 0.3, 0.1]])
    fitted = fit_gamut(lab)[0]
    assert fitted[0] == pytest.approx(0.7)
    assert np.arctan2(fitted[2], fitted[1]) == pytest.approx(np.arctan2(0.1, 0.3), abs=1e-5)
    assert np.hypot(*fitted[1:]) < 0.3


def test_no_sliders_is_the_exact_identity() -> None:
    assert np.array_equal(grade(ColorGrade()), identity_lut(33))


def test_neutral_look_has_no_sliders_and_sliders_come_back() -> None:
    assert np.abs(sliders_raw(look_of_sliders(ColorGrade()))).max() < 6
    planted = ColorGrade(temperature=30, tint=-12, saturation=-25, contrast=20, highlights=-30, shadows=25)
    found = sliders_of(look_of_sliders(planted))
    for name in NAMES:
        assert getattr(found, name) == pytest.approx(getattr(planted, name), abs=8), name


@pytest.mark.parametrize("name", NAMES[2:])
@pytest.mark.parametrize("amount", [30.0, -30.0])
def test_law_one_alone_on_a_scene(name: str, amount: float) -> None:
    values = np.where(np.array(NAMES) == name, amount, 0)
    error = law_error(scene(5), values)
    # The scene's sky is at the gamut's edge, where more saturation is cut off.
    assert abs(error[NAMES.index(name)]) < (8 if name == "saturation" else 5), error


@pytest.mark.parametrize("name", NAMES[:2])
def test_law_one_for_a_cast_on_every_scene(name: str) -> None:
    place = NAMES.index(name)
    errors = [
        abs(law_error(scene(seed), np.where(np.array(NAMES) == name, amount, 0))[place])
        for seed in range(12)
        for amount in (30.0, -30.0)
    ]
    # What is left is cut off at the gamut's edge.
    assert np.mean(errors) < 3
    assert max(errors) < 12


@pytest.mark.footage
@pytest.mark.parametrize("name", ["tos_battle_70s.webm", "edit_dev_9x16.mp4", "raw/cityCC0.mpg"])
def test_law_one_for_tone_on_footage_together(name: str) -> None:
    rng = np.random.default_rng(4)
    for _ in range(2):
        values = np.zeros(6)
        values[3:] = rng.uniform(-35, 35, 3)
        assert np.abs(law_error(film(name), values)[3:]).max() < 5


@pytest.mark.footage
@pytest.mark.parametrize("name", ["tos_battle_70s.webm", "edit_dev_9x16.mp4"])
def test_law_one_for_cast_on_footage(name: str) -> None:
    for values in ([25, 0, 0, 0, 0, 0], [-25, 0, 0, 0, 0, 0], [0, 25, 0, 0, 0, 0], [15, -15, 0, 0, 0, 0]):
        assert np.abs(law_error(film(name), np.array(values, float))[:2]).max() < 5


def test_full_desaturation_is_grey() -> None:
    out = apply_lut(grade(ColorGrade(saturation=-100)), scene(2)).astype(int)
    assert (out.max(-1) - out.min(-1)).max() <= 1
    assert sliders_of(measure_look(oklab_of_rgb(out.astype(np.uint8)))).saturation < -95


@pytest.mark.parametrize("values", [(100, 100, 100), (-100, -100, -100), (100, -100, 100), (-100, 100, -100)])
def test_tone_never_folds(values: tuple[float, float, float]) -> None:
    line = np.linspace(0, 1, 4001)
    moved = move_tone(line, *(value / 100 * 2 for value in values))
    assert np.diff(moved).min() > -1e-4
    assert np.diff(moved).max() / np.diff(line)[0] < 12


def test_white_balance_is_that_of_the_greys_and_not_of_a_meadow() -> None:
    rgb = np.full((90, 160, 3), 128, np.uint8)
    rgb[:, :95] = [60, 140, 40]
    rgb = np.clip(rgb + np.random.default_rng(0).normal(0, 4, rgb.shape), 0, 255).astype(np.uint8)
    look = measure_look(oklab_of_rgb(rgb))
    assert sliders_of(look).tint < -40
    assert np.abs(white_balance_of(look)).max() < 5


def test_a_look_of_an_older_document_is_read_by_its_neutral_point() -> None:
    look = measure_look(oklab_of_rgb(scene(3)))
    old = look.model_copy(update={"cast_ab": None})
    assert sliders_of(old).tint == pytest.approx(look.neutral_ab[0] / 0.15 * 100, abs=0.01)
