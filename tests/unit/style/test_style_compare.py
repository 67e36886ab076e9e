import pytest

from reelprint.core.lengths import length_distance_octaves
from reelprint.core.style import StyleJSON
from reelprint.style.compare import closure, compare
from reelprint.style.distances import mix_distance, saturate
from reelprint.style.extract import style_of
from reelprint.style.fields import FIELDS
from reelprint.style.presets import preset, preset_names
from tests.style_samples import CREATED, changed, sample_analysis, sample_look


@pytest.fixture(scope="module")
def style() -> StyleJSON:
    return style_of(sample_analysis(beats_s=[0.5 * place for place in range(120)]), CREATED)


def test_weights_are_shares() -> None:
    assert sum(field.weight for field in FIELDS) == pytest.approx(1.0)
    assert len({field.name for field in FIELDS}) == len(FIELDS)


def test_a_style_is_at_no_distance_from_itself(style: StyleJSON) -> None:
    result = compare(style, style)
    assert result.distance == 0
    assert all(row.distance == 0 for row in result.fields.values())
    assert {"color_grade", "look", "cut_frequency", "aspect_ratio", "integrated_lufs"} <= result.fields.keys()


def test_scales_are_as_documented() -> None:
    assert saturate(0, 5) == 0
    assert saturate(5, 5) == saturate(-5, 5) == pytest.approx(0.5)
    assert saturate(10, 5) == pytest.approx(0.75)
    assert saturate(3, 5, 3) == 0 and saturate(-8, 5, 3) == pytest.approx(0.5)


def test_mix_distance_is_an_earth_movers() -> None:
    assert mix_distance({"cut": 1.0}, {"dissolve": 1.0}) == 1.0
    assert mix_distance({"fade": 1.0}, {"dissolve": 1.0}) == 0.5
    assert mix_distance({"wipe": 1.0}, {"whip": 1.0}) == 1.0
    assert mix_distance({"cut": 0.9, "dissolve": 0.1}, {"cut": 1.0}) == pytest.approx(0.1)
    assert mix_distance({"fade": 0.5, "dissolve": 0.5}, {"fade": 1.0}) == pytest.approx(0.25)


def test_length_distance_is_in_octaves_and_blind_to_sample_size() -> None:
    assert length_distance_octaves([1, 2, 4], [2, 4, 8]) == pytest.approx(1.0)
    assert length_distance_octaves([1, 4], [1, 1, 4, 4]) == pytest.approx(0.0)
    assert length_distance_octaves([2], [1, 4]) == pytest.approx(1.0)
    assert length_distance_octaves([1, 2, 3], [5]) == length_distance_octaves([5], [1, 2, 3])


@pytest.mark.parametrize(
    ("field", "fields", "details"),
    [
        ("color_grade", {"color_grade": {"temperature": 90.0, "saturation": -60.0}}, {}),
        ("look", {}, {"look": sample_look(0.8, 0.05, 0.05).model_dump()}),
        ("cut_frequency", {"cut_frequency": 5.0}, {}),
        ("shot_lengths", {}, {"pacing": {"shot_lengths_s": [9.0, 11.0], "median_shot_s": 10.0, "beat_share": 1.0}}),
        ("beat_alignment", {}, {"pacing": {"shot_lengths_s": [2.0], "median_shot_s": 2.0, "beat_share": 0.2}}),
        ("transition_mix", {}, {"transition_mix": [{"type": "wipe", "share": 1.0, "duration_ms": 0}]}),
        ("transition_time_ms", {}, {"transition_mix": [{"type": "cut", "share": 1.0, "duration_ms": 900}]}),
        ("primary_transition", {"primary_transition": {"type": "fade", "duration_ms": 500}}, {}),
        ("motion_intensity", {"motion_intensity": 90.0}, {}),
        ("zoom_usage", {"zoom_usage": 90.0}, {}),
        ("integrated_lufs", {}, {"loudness": {"integrated_lufs": -30, "range_lu": 7, "true_peak_dbtp": -1.5}}),
        ("loudness_range_lu", {}, {"loudness": {"integrated_lufs": -16, "range_lu": 19, "true_peak_dbtp": -1.5}}),
        ("aspect_ratio", {"aspect_ratio": "9:16"}, {}),
        ("frame_rate", {"frame_rate": 60}, {}),
    ],
)
def test_each_field_sees_its_own_change(style: StyleJSON, field: str, fields: dict, details: dict) -> None:
    result = compare(style, changed(style, details, **fields))
    assert result.fields[field].distance > 0.25
    assert 0 < result.distance < 0.35


def test_what_no_edit_can_change_does_not_count(style: StyleJSON) -> None:
    other = changed(style, music_genre="jazz", use_subtitles=True, tempo_bpm=None)
    result = compare(style, other)
    assert result.fields["music_genre"].distance == result.fields["use_subtitles"].distance == 1
    assert result.fields["tempo_bpm"].distance == 1
    assert result.distance == pytest.approx(compare(style, changed(style, tempo_bpm=None)).distance)


def test_a_silent_film_is_compared_by_its_picture() -> None:
    silent = style_of(sample_analysis(silent=True), CREATED)
    result = compare(silent, style_of(sample_analysis(), CREATED))
    assert result.distance == 0
    assert "integrated_lufs" not in result.fields
    assert result.fields["sound"].distance == 1


def test_a_bare_style_json_compares_by_the_contracts_fields(style: StyleJSON) -> None:
    data = style.model_dump()
    data["details"] = {}
    bare = StyleJSON.model_validate(data)
    result = compare(bare, style)
    assert "look" not in result.fields
    assert "shot_lengths" not in result.fields
    assert result.fields["integrated_lufs"].distance < 0.05  # -16 LUFS either way
    assert result.fields["transition_mix"].distance == 0


def test_presets_are_styles_of_their_own() -> None:
    names = preset_names()
    distances = [compare(preset(a), preset(b)).distance for a in names for b in names if a < b]
    assert min(distances) > 0.1


def test_closure_is_the_two_comparisons(style: StyleJSON) -> None:
    template = preset("noir")
    footage = style
    output = changed(style, color_grade=template.color_grade.model_dump(), cut_frequency=template.cut_frequency)
    result = closure(footage, output, template)
    assert result.before == compare(footage, template).distance
    assert result.after == compare(output, template).distance
    assert result.closed == pytest.approx(1 - result.after / result.before, abs=1e-6)
    assert 0 < result.closed < 1
    assert result.fields["color_grade"].after == 0 < result.fields["color_grade"].before


def test_closure_of_footage_that_is_the_template_already(style: StyleJSON) -> None:
    assert closure(style, style, style).closed == 1
    assert closure(style, preset("noir"), style).closed == -1
