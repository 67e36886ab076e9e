import pytest

from reelprint.core.errors import DocumentError
from reelprint.style.presets import preset, preset_description, preset_names


def test_there_is_a_handful() -> None:
    assert len(preset_names()) >= 5
    assert {"warm-film", "cool-clean", "punchy-social", "documentary", "noir"} <= set(preset_names())


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_agrees_with_itself(name: str) -> None:
    style = preset(name)
    details = style.details
    assert details.look is None
    assert details.pacing is not None and details.loudness is not None
    lengths = details.pacing.shot_lengths_s
    assert len(lengths) >= 20
    assert sum(lengths) == pytest.approx(style.source_duration_seconds, abs=0.02)
    assert (len(lengths) - 1) * 60 / sum(lengths) == pytest.approx(style.cut_frequency, abs=0.02)
    assert sum(part.share for part in details.transition_mix) == pytest.approx(1.0)
    shares = [part.share for part in details.transition_mix]
    assert shares == sorted(shares, reverse=True)
    assert details.transition_mix[0].type == style.primary_transition.type
    assert details.transition_mix[0].duration_ms == style.primary_transition.duration_ms
    level = style.audio_style.normalization_level
    assert 31 * level - 40 == pytest.approx(details.loudness.integrated_lufs, abs=0.01)
    assert all((part.type == "cut") == (part.duration_ms == 0) for part in details.transition_mix)
    assert preset_description(name).endswith(".")


def test_noir_has_no_colour() -> None:
    assert preset("noir").color_grade.saturation == -100


def test_an_unknown_name_is_told_the_choices() -> None:
    with pytest.raises(DocumentError) as caught:
        preset("sepia")
    assert all(name in caught.value.message for name in preset_names())
    with pytest.raises(DocumentError):
        preset("../../core/style")
