from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from reelprint.colour.anchors import LIGHT_LIMIT, anchors, light_of
from reelprint.colour.bake import bake
from reelprint.colour.cube import cube_text
from reelprint.colour.look import measure_look
from reelprint.colour.oklab import oklab_of_rgb, rgb_of_oklab
from reelprint.colour.sliders import grade, identity_lut, sliders_raw
from reelprint.colour.transfer import SLOPE_LIMITS, look_distance, solve_transfer, tone_curve
from reelprint.colour.transport import solve_warp
from reelprint.colour.warp import warp
from reelprint.core.colour import QUANTILE_LEVELS, ColorGrade, ColourMeasure, Swatch
from reelprint.plan.grading import plan_grades
from tests.unit.colour.pictures import apply_lut, film, scene


def look_of(rgb, size=512):
    return measure_look(oklab_of_rgb(rgb), cloud_size=size)


@pytest.mark.footage
@pytest.mark.parametrize(
    ("source", "target"),
    [("bbb_trailer_33s.webm", "tos_battle_70s.webm"), ("raw/cityCC0.mpg", "edit_dev_9x16.mp4")],
)
def test_the_result_comes_close_to_the_target(source: str, target: str) -> None:
    footage, wanted = look_of(film(source)), look_of(film(target))
    out = look_of(apply_lut(bake([solve_transfer(footage, wanted)]), film(source)))
    assert look_distance(out, wanted) < 0.65 * look_distance(footage, wanted)
    limits = [np.clip(sliders_raw(look), -100, 100) for look in (footage, wanted, out)]
    before, after = np.abs(limits[0] - limits[1]), np.abs(limits[2] - limits[1])
    assert after.mean() < 0.5 * before.mean()
    assert after[:2].max() < 5


def test_strength_zero_is_the_exact_identity_and_one_half_lies_between() -> None:
    footage, wanted = look_of(scene(1)), look_of(apply_lut(grade(ColorGrade(temperature=40, contrast=30)), scene(2)))
    assert np.array_equal(bake([solve_transfer(footage, wanted, strength=0)]), identity_lut(33))
    moves = [np.abs(bake([solve_transfer(footage, wanted, strength=s)]) - identity_lut(33)).mean() for s in (0.5, 1)]
    assert 0 < moves[0] < moves[1]


def test_to_itself_hardly_changes_anything() -> None:
    look = look_of(scene(3))
    assert np.abs(bake([solve_transfer(look, look)]) - identity_lut(33)).mean() < 0.02


def test_greyscale_template_gives_greyscale() -> None:
    grey = np.repeat(scene(4).mean(-1, keepdims=True), 3, -1).astype(np.uint8)
    out = apply_lut(bake([solve_transfer(look_of(scene(5)), look_of(grey))]), scene(5)).astype(int)
    assert np.quantile(out.max(-1) - out.min(-1), 0.95) <= 6


def test_greyscale_footage_does_not_explode() -> None:
    grey = np.repeat(scene(4).mean(-1, keepdims=True), 3, -1).astype(np.uint8)
    noisy = np.clip(grey + np.random.default_rng(0).normal(0, 1.5, grey.shape), 0, 255).astype(np.uint8)
    out = apply_lut(bake([solve_transfer(look_of(noisy), look_of(scene(5)))]), noisy).astype(int)
    # Grey may take on the template's tints, tone by tone, but nothing stronger than the template's own colours.
    spreads = [np.quantile(np.ptp(rgb.astype(int), axis=-1), 0.95) for rgb in (out, scene(5))]
    assert spreads[0] < spreads[1]


def test_noise_of_pale_footage_is_not_made_colourful() -> None:
    """A vivid template used to turn the noise and blocks of pale footage into blotches of colour."""
    grey = np.repeat(scene(4).mean(-1, keepdims=True), 3, -1)
    pale = np.clip(grey + 0.15 * (scene(5) - grey), 0, 255)
    noisy = np.clip(pale + np.random.default_rng(0).normal(0, 3, pale.shape), 0, 255).astype(np.uint8)
    vivid = apply_lut(grade(ColorGrade(saturation=60)), scene(5))
    lut = bake([solve_transfer(look_of(noisy), look_of(vivid))])
    # The noise alone: what neighbours differ by, in a and b.
    steps = [np.diff(oklab_of_rgb(rgb), axis=1)[..., 1:] for rgb in (noisy, apply_lut(lut, noisy))]
    spreads = [np.median(np.abs(step)) for step in steps]
    assert spreads[1] < 1.8 * spreads[0], spreads


@pytest.mark.parametrize(("low", "high"), [(0.93, 1.0), (0.0, 0.07)])
def test_a_white_or_black_template_does_not_wipe_tones_out(low: float, high: float) -> None:
    footage = tuple(0.1 + 0.8 * level for level in QUANTILE_LEVELS)
    card = tuple(low + (high - low) * level for level in QUANTILE_LEVELS)
    x, y = (np.array(v) for v in tone_curve(footage, card))
    for tones in (np.linspace(0.15, 0.5, 8), np.linspace(0.5, 0.85, 8)):
        out = np.interp(tones, x, y)
        assert out[-1] - out[0] > 0.3 * (tones[-1] - tones[0]), out


def test_gradients_do_not_break() -> None:
    ramp = np.repeat(np.linspace(0, 255, 256).astype(np.uint8)[None, :, None], 3, 2)
    for source, target in ((scene(1), scene(9) // 3), (scene(1) // 3, scene(9))):
        out = apply_lut(bake([solve_transfer(look_of(source), look_of(target))]), ramp)[0].astype(int).mean(-1)
        assert np.diff(out).min() > -1.01
        assert np.diff(out).max() < 14


def test_lifted_blacks_do_not_break_into_bands() -> None:
    """Near black a code value is a large step of lightness; the tone curve alone makes at most three codes of it."""
    black, washed = look_of(scene(1) // 8).lightness_quantiles, look_of(scene(1) // 2 + 110).lightness_quantiles
    tone_in, tone_out = tone_curve(black, washed)
    assert tone_out[0] > 0.05
    codes = np.repeat(np.arange(256)[:, None], 3, 1).astype(np.uint8)
    lab = oklab_of_rgb(codes)
    lab[:, 0] = np.interp(lab[:, 0], tone_in, tone_out)
    # The step from code 0 is the start of the curve, which may lie anywhere.
    assert np.diff(rgb_of_oklab(lab)[1:, 1] * 255).max() < 4.5


def test_tone_curve_is_monotone_and_limited() -> None:
    dark, bright = look_of(scene(1) // 4).lightness_quantiles, look_of(scene(1)).lightness_quantiles
    for source, target in ((dark, bright), (bright, dark)):
        x, y = (np.array(v) for v in tone_curve(source, target))
        slopes = np.diff(y) / np.diff(x)
        assert slopes.min() >= 0
        assert slopes.max() <= SLOPE_LIMITS[1] + 1e-6


def test_a_smooth_change_of_colours_is_found_again() -> None:
    """The map that the clouds ask for is in the basis; what stays open is what its softness costs."""
    rng = np.random.default_rng(6)
    start = rng.normal(size=(800, 3)) * (0.12, 0.02, 0.02) + (0.5, -0.01, 0.01)
    target = start[rng.permutation(800)] @ np.diag([1, 1.2, 0.7]) + (0, 0.02, -0.02)
    knots = np.linspace(0, 1, 9)
    held = anchors(start, target, (np.zeros(2), np.array([0.02, -0.02])), (knots, knots))
    table = solve_warp(start, target, replace(held, weight=0.05 * held.weight))
    moved = warp(start, tuple(table.ravel()))
    before, after = (np.abs(np.sort(points, 0) - np.sort(target, 0)).mean(0) for points in (start, moved))
    assert (after[1:] < 0.3 * before[1:]).all(), (before, after)


def face_before_a_wall() -> NDArray[np.uint8]:
    """A blue wall, three tenths of it covered by a face, grey hair and a collar."""
    picture = np.full((120, 160, 3), (60, 150, 200), float)
    picture *= np.linspace(0.75, 1.1, 160)[None, :, None]
    picture[30:110, 60:90] = (205, 155, 130)
    picture[10:30, 55:95] = (120, 116, 110)
    picture[110:, 40:110] = (225, 222, 215)
    return np.clip(picture + np.random.default_rng(0).normal(0, 5, picture.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "template", [scene(7)[:, 58:], apply_lut(grade(ColorGrade(temperature=45, saturation=40)), scene(2))]
)
def test_a_wall_does_not_take_the_face_before_it_along(template: NDArray[np.uint8]) -> None:
    """The wall's way to a meadow or to a warm room used to paint faces green or orange."""
    footage = face_before_a_wall()
    out = apply_lut(bake([solve_transfer(look_of(footage), look_of(template))]), footage)
    face, after = (oklab_of_rgb(rgb[40:100, 65:85].reshape(-1, 3)).mean(0) for rgb in (footage, out))
    turn = np.rad2deg(np.arctan2(after[2], after[1]) - np.arctan2(face[2], face[1]))
    assert abs(turn) < 37, turn
    glow = (np.hypot(*after[1:]) / after[0]) / (np.hypot(*face[1:]) / face[0])
    assert glow < 1.4, glow


def test_skin_shows_the_light_that_a_wall_hides() -> None:
    footage = face_before_a_wall()
    look = look_of(footage)
    wall = np.array(look.neutral_ab)
    light = light_of(np.array(look.cloud), wall)
    assert np.hypot(*light) < 0.012
    assert np.hypot(*(light - wall)) > 0.02
    bare = np.array(look_of(footage[:, 110:]).cloud)
    assert np.hypot(*light_of(bare, wall)) == pytest.approx(min(np.hypot(*wall), LIGHT_LIMIT))


def test_a_warp_must_have_its_coefficients() -> None:
    with pytest.raises(ValueError, match="192 coefficients"):
        warp(np.zeros((1, 3)), (0.0,) * 7)


def test_distance_is_a_distance() -> None:
    a, b = look_of(scene(1)), look_of(255 - scene(2))
    assert look_distance(a, a) == pytest.approx(0, abs=1e-3)
    assert look_distance(a, b) == pytest.approx(look_distance(b, a), abs=1e-6)
    assert 0.2 < look_distance(a, b) <= 1


def test_cube_text_has_red_fastest() -> None:
    lines = cube_text(identity_lut(2), 'a "look"').splitlines()
    assert lines[0] == 'TITLE "a look"'
    assert lines[1] == "LUT_3D_SIZE 2"
    assert lines[5].split()[0] == "1.000000"
    assert len(lines) == 4 + 8


def test_plan_grades_one_chain_per_shot_and_identity_at_zero() -> None:
    shots = [scene(1), scene(2) // 2, scene(3)]
    whole = look_of(np.concatenate(shots))
    measure = ColourMeasure(
        sliders=ColorGrade(),
        look=whole,
        shot_looks=tuple(look_of(shot, 64) for shot in shots),
        palette=(Swatch(color="#000000", share=1),),
    )
    target = look_of(apply_lut(grade(ColorGrade(temperature=40, saturation=-40)), scene(8)))
    chains = plan_grades(target, measure, 1.0)
    assert len(chains) == 3
    out = np.concatenate([apply_lut(bake(chain), shot) for chain, shot in zip(chains, shots, strict=True)])
    assert look_distance(look_of(out), target) < look_distance(whole, target)
    # Balance: the dark shot comes nearer to the others, and stays darker.
    means = [apply_lut(bake(chain[:1]), shot).mean() for chain, shot in zip(chains, shots, strict=True)]
    assert shots[1].mean() < means[1] < means[0]
    for chain in plan_grades(target, measure, 0.0):
        assert np.array_equal(bake(chain), identity_lut(33))
