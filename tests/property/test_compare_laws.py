"""Laws of ``compare`` over styles of any kind."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelprint.core.lengths import length_distance_octaves
from reelprint.core.style import StyleJSON
from reelprint.style.compare import closure, compare
from reelprint.style.distances import mix_distance
from tests.style_samples import sample_look

KINDS = ("cut", "fade", "dissolve", "wipe", "slide", "zoom", "whip")
slider = st.floats(-100, 100)
percent = st.floats(0, 100)
lengths = st.lists(st.floats(0.04, 600), min_size=1, max_size=30)


@st.composite
def mixes(draw: st.DrawFn) -> list[dict[str, Any]]:
    kinds = draw(st.lists(st.sampled_from(KINDS), unique=True, max_size=7))
    parts = [draw(st.integers(1, 50)) for _ in kinds]
    return [
        {"type": kind, "share": part / sum(parts), "duration_ms": draw(st.integers(0, 3000))}
        for kind, part in zip(kinds, parts, strict=True)
    ]


@st.composite
def styles(draw: st.DrawFn) -> StyleJSON:
    names = ("temperature", "tint", "saturation", "contrast", "highlights", "shadows")
    details: dict[str, Any] = {"transition_mix": draw(mixes())}
    if draw(st.booleans()):
        details["look"] = sample_look(draw(st.sampled_from((0.2, 0.5, 0.8))), draw(st.sampled_from((0.0, 0.08))))
    if draw(st.booleans()):
        sound = {"integrated_lufs": draw(st.floats(-70, 0)), "range_lu": draw(st.floats(0, 30)), "true_peak_dbtp": -1}
        details["loudness"] = sound
    if draw(st.booleans()):
        share = draw(st.none() | st.floats(0, 1))
        details["pacing"] = {"shot_lengths_s": draw(lengths), "median_shot_s": 1.0, "beat_share": share}
    if draw(st.booleans()):
        details["shots"] = [{"start_s": 0, "end_s": 1, "start_frame": 0, "end_frame": 24}]
    transition = {"type": draw(st.sampled_from(KINDS)), "duration_ms": draw(st.integers(0, 3000))}
    return StyleJSON.model_validate(
        {
            "color_grade": {name: draw(slider) for name in names},
            "aspect_ratio": draw(st.sampled_from(("16:9", "9:16", "1:1"))),
            "frame_rate": draw(st.sampled_from((24, 30, 60))),
            "audio_style": {
                "normalization_level": draw(st.floats(0, 1)),
                "compression_ratio": draw(st.floats(1, 20)),
                "bass_boost": draw(percent),
                "enhance_speech": draw(st.booleans()),
            },
            "cut_frequency": draw(st.floats(0, 600)),
            "motion_intensity": draw(percent),
            "zoom_usage": draw(percent),
            "primary_transition": transition,
            "secondary_transition": draw(st.none() | st.just(transition)),
            "tempo_bpm": draw(st.none() | st.floats(40, 220)),
            "music_genre": draw(st.none() | st.sampled_from(("jazz", "rock"))),
            "created_at": "2026-01-01T00:00:00Z",
            "source_duration_seconds": draw(st.floats(0, 7200)),
            "extraction_confidence": 1.0,
            "details": details,
        }
    )


@settings(max_examples=60, deadline=None)
@given(styles(), styles())
def test_symmetric_bounded_and_zero_on_itself(a: StyleJSON, b: StyleJSON) -> None:
    there, back = compare(a, b), compare(b, a)
    assert there.distance == back.distance
    assert there.fields.keys() == back.fields.keys()
    for name, row in there.fields.items():
        assert (row.a, row.b) == (back.fields[name].b, back.fields[name].a)
        assert row.distance == back.fields[name].distance
    assert compare(a, a).distance == 0
    assert all(row.distance == 0 for row in compare(a, a).fields.values())


@settings(max_examples=30, deadline=None)
@given(styles(), styles(), styles())
def test_closure_follows_from_compare(footage: StyleJSON, output: StyleJSON, template: StyleJSON) -> None:
    result = closure(footage, output, template)
    assert (result.before, result.after) == (compare(footage, template).distance, compare(output, template).distance)
    assert (result.closed > 0) == (result.after < result.before or result.before == result.after == 0)
    assert closure(footage, template, template).after == 0


@settings(max_examples=60, deadline=None)
@given(styles(), slider, slider)
def test_a_slider_farther_away_is_a_larger_distance(style: StyleJSON, near: float, far: float) -> None:
    here = style.color_grade.temperature
    near, far = sorted((near, far), key=lambda value: abs(value - here))
    distances = [
        compare(
            style, style.model_copy(update={"color_grade": style.color_grade.model_copy(update={"temperature": t})})
        )
        for t in (near, far)
    ]
    assert distances[0].distance <= distances[1].distance


@given(lengths, lengths, lengths)
def test_shot_length_distance_is_a_metric_on_distributions(a: list[float], b: list[float], c: list[float]) -> None:
    assert length_distance_octaves(a, b) == pytest.approx(length_distance_octaves(b, a), abs=1e-9)
    assert length_distance_octaves(a, a + a) == pytest.approx(0, abs=1e-9)
    direct = length_distance_octaves(a, c)
    assert direct <= length_distance_octaves(a, b) + length_distance_octaves(b, c) + 1e-9
    assert length_distance_octaves(a, [2 * length for length in a]) == pytest.approx(1, abs=1e-9)


@given(mixes(), mixes(), mixes())
def test_mix_distance_is_a_metric(first: list[Any], second: list[Any], third: list[Any]) -> None:
    a, b, c = ({part["type"]: part["share"] for part in mix} or {"cut": 1.0} for mix in (first, second, third))
    assert mix_distance(a, b) == pytest.approx(mix_distance(b, a))
    assert mix_distance(a, a) == 0
    assert mix_distance(a, c) <= mix_distance(a, b) + mix_distance(b, c) + 1e-9
    assert 0 <= mix_distance(a, b) <= 1
