from fractions import Fraction

import pytest

from reelprint.core.shots import Transition
from reelprint.core.style import StyleJSON
from reelprint.style.extract import MAX_ENERGY_POINTS, energy_envelope, nearest_aspect, nearest_frame_rate, style_of
from reelprint.style.rhythm import beat_phase, beat_share
from reelprint.style.transitions import leading_styles, transition_mix
from tests.style_samples import CREATED, cut, gradual, sample_analysis


@pytest.mark.parametrize(
    ("aspect", "name"),
    [
        (16 / 9, "16:9"),
        (2.39, "16:9"),
        (4 / 3, "16:9"),
        (3 / 4, "9:16"),
        (1.25, "1:1"),
        (4 / 5, "1:1"),
        (9 / 16, "9:16"),
    ],
)
def test_aspect_is_the_nearest_by_log_ratio_and_ties_keep_the_orientation(aspect: float, name: str) -> None:
    assert nearest_aspect(aspect) == name


@pytest.mark.parametrize(
    ("rate", "nearest"),
    [("24000/1001", 24), ("25", 24), ("30000/1001", 30), ("50", 60), ("60", 60), ("120", 60), ("12", 24)],
)
def test_frame_rate_is_the_nearest(rate: str, nearest: int) -> None:
    assert nearest_frame_rate(Fraction(rate)) == nearest


def test_cut_frequency_counts_boundaries_not_edge_fades() -> None:
    opening = Transition(type="fade", start_s=0, end_s=1, duration_ms=1000, confidence=1, edge="start")
    style = style_of(sample_analysis([opening, cut(10), cut(20), cut(30)], 90.0), CREATED)
    assert style.cut_frequency == pytest.approx(2.0)
    assert len(style.details.shots) == 4
    assert len(style.details.transitions) == 4
    assert [part.type for part in style.details.transition_mix] == ["cut"]


def test_transitions_are_ranked_by_frequency_with_median_duration_and_dominant_easing() -> None:
    boundaries = [
        gradual("dissolve", 2, 0.4),
        gradual("dissolve", 4, 0.6),
        gradual("dissolve", 6, 2.0, easing="linear"),
        cut(8),
        cut(9),
        gradual("wipe", 12, 0.5, direction="left"),
    ]
    mix = transition_mix(boundaries)
    assert [(part.type, part.share) for part in mix] == [("dissolve", 0.5), ("cut", 2 / 6), ("wipe", 1 / 6)]
    assert (mix[0].duration_ms, mix[0].easing) == (600, "ease-in-out")
    assert mix[2].direction == "left"
    primary, secondary = leading_styles(mix)
    assert (primary.type, primary.duration_ms) == ("dissolve", 600)
    assert secondary is not None and secondary.type == "cut"


def test_one_shot_has_a_plain_cut_and_no_second_transition() -> None:
    style = style_of(sample_analysis([], 20.0, silent=True), CREATED)
    assert (style.primary_transition.type, style.primary_transition.duration_ms) == ("cut", 0)
    assert style.secondary_transition is None
    assert style.cut_frequency == 0
    assert style.details.loudness is None
    assert style.details.energy_db == ()


def test_beat_share_has_an_edge_at_70_ms() -> None:
    beats = [1.0, 1.5, 2.0, 2.5]
    assert beat_share([1.07, 1.43, 2.0, 2.2], beats) == pytest.approx(0.75)
    assert beat_share([1.071], beats) == 0
    assert beat_share([], beats) is None
    assert beat_share([1.0], [1.0]) is None


def test_beat_phase_is_circular() -> None:
    beats = [0.0, 1.0, 2.0, 3.0]
    assert beat_phase([0.95, 1.05, 2.0], beats) == pytest.approx(0.0, abs=1e-9)  # arithmetic would say 0.33
    assert beat_phase([0.25, 1.25], beats) == pytest.approx(0.25)
    assert beat_phase([0.0, 1.5], beats) is None  # opposite phases have no mean
    assert beat_phase([7.0], beats) is None


def test_the_envelope_of_a_long_film_keeps_its_power() -> None:
    levels = [-20.0, -80.0] * 9000
    loudness = sample_analysis(duration_s=1800.0, levels_db=levels).loudness
    rate_hz, thinned = energy_envelope(loudness)
    assert len(thinned) <= MAX_ENERGY_POINTS
    assert len(thinned) / rate_hz == pytest.approx(1800.0)
    assert thinned[10] == pytest.approx(-21.8, abs=0.1)  # two thirds or one third loud: the mean power of 3 values
    assert energy_envelope(None) == (10.0, ())


def test_a_style_survives_its_json_byte_for_byte() -> None:
    style = style_of(sample_analysis(beats_s=[0.5 * place for place in range(121)]), CREATED)
    again = StyleJSON.model_validate_json(style.to_json())
    assert again == style
    assert again.to_json() == style.to_json()
    assert style.details.pacing is not None and style.details.pacing.beat_share == 1.0
    assert style.tempo_bpm == pytest.approx(120)
    assert style.details.provenance is not None and style.details.provenance.analyzers == {"shots": 1}
