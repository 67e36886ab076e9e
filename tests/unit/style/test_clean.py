"""Cleaning: casts and levels go towards neutral, loudness to its target, and nothing else moves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelprint.colour.look import FILM_CLOUD, measure_look
from reelprint.colour.oklab import fit_gamut
from reelprint.colour.sliders import NAMES, grade_oklab, look_of_sliders, sliders_of
from reelprint.core.colour import ColorGrade
from reelprint.core.style import AudioStyle, LoudnessDetail, StyleDetails, StyleJSON
from reelprint.plan.sound import target_lufs
from reelprint.style.clean import CLEAN_LEVEL, CLEAN_LUFS, cleaned, corrected_look, correction
from tests.factories import look, style

MOVED = [name for name in NAMES if name != "saturation"]


def _film(grade: ColorGrade, lufs: float = -25.0) -> StyleJSON:
    """A film of the neutral look, graded."""
    seen = look_of_sliders(grade)
    loudness = LoudnessDetail(integrated_lufs=lufs, range_lu=7.0, true_peak_dbtp=-9.0)
    details = StyleDetails(look=seen, loudness=loudness)
    return style(color_grade=sliders_of(seen), details=details)


@given(st.builds(ColorGrade, **dict.fromkeys(NAMES, st.floats(-60, 60))))
def test_every_slider_comes_closer_to_neutral_and_never_passes_it(grade: ColorGrade) -> None:
    before = _film(grade)
    after = cleaned(before)
    for name in MOVED:
        was, is_ = getattr(before.color_grade, name), getattr(after.color_grade, name)
        assert abs(is_) <= abs(was) + 6, name
        assert was * is_ >= -6 * abs(was), f"{name} passed neutral"


def test_a_cast_is_mostly_taken_back() -> None:
    warm = _film(ColorGrade(temperature=30, tint=20))
    grade = cleaned(warm).color_grade
    assert abs(grade.temperature) < 0.5 * warm.color_grade.temperature
    assert abs(grade.tint) < 0.5 * warm.color_grade.tint


def test_a_strong_look_stays_itself() -> None:
    blue = _film(ColorGrade(temperature=-90, shadows=-80))
    after = cleaned(blue).color_grade
    assert blue.color_grade.temperature < -50
    assert after.temperature == pytest.approx(blue.color_grade.temperature + 25, abs=3)
    assert after.shadows == pytest.approx(blue.color_grade.shadows + 20, abs=3)


def test_a_neutral_film_keeps_its_look() -> None:
    neutral = _film(ColorGrade())
    moved = cleaned(neutral).details.look
    kept = neutral.details.look
    assert np.allclose(moved.lightness_quantiles, kept.lightness_quantiles, atol=0.01)
    assert np.allclose(moved.neutral_ab, kept.neutral_ab, atol=0.005)
    assert corrected_look(kept, ColorGrade()) is kept


def test_the_change_of_a_look_is_that_of_its_pixels() -> None:
    """The whole picture graded, and the small cloud of it judged, agree."""
    pixels = np.random.default_rng(4).normal(size=(20_000, 3)) * (0.16, 0.03, 0.03) + (0.45, 0.02, 0.05)
    pixels = fit_gamut(np.clip(pixels, (0, -0.3, -0.3), (1, 0.3, 0.3)))
    whole = measure_look(pixels, cloud_size=FILM_CLOUD)
    move = correction(sliders_of(whole))
    assert abs(move.temperature) > 5
    judged = corrected_look(whole, move)
    truth = measure_look(fit_gamut(grade_oklab(pixels, move)), cloud_size=FILM_CLOUD)
    assert np.allclose(judged.neutral_ab, truth.neutral_ab, atol=0.012)
    assert np.allclose(judged.lightness_quantiles, truth.lightness_quantiles, atol=0.03)
    assert np.all(np.linalg.eigvalsh(np.array(judged.covariance_ab)) >= 0)


@pytest.mark.parametrize("lufs", [-40.0, -25.0, -8.0])
def test_loudness_goes_to_the_level_of_social_media(lufs: float) -> None:
    after = cleaned(_film(ColorGrade(), lufs))
    assert after.audio_style.normalization_level == CLEAN_LEVEL
    assert target_lufs(after) == pytest.approx(CLEAN_LUFS) == pytest.approx(-14.0, abs=0.05)
    assert after.details.loudness.true_peak_dbtp <= -1.0
    assert after.details.loudness.range_lu == 7.0


def test_a_silent_film_stays_silent() -> None:
    silent = AudioStyle(normalization_level=0, compression_ratio=1, bass_boost=0, enhance_speech=False)
    after = cleaned(style(audio_style=silent, details=StyleDetails(look=look())))
    assert after.audio_style == silent
    assert target_lufs(after) is None


def test_nothing_else_moves() -> None:
    before = _film(ColorGrade(temperature=20))
    after = cleaned(before)
    changed = {name for name in StyleJSON.model_fields if getattr(before, name) != getattr(after, name)}
    assert changed == {"color_grade", "audio_style", "details"}
    details = {
        name for name in StyleDetails.model_fields if getattr(before.details, name) != getattr(after.details, name)
    }
    assert details == {"look", "loudness"}
    assert cleaned(before) == after
