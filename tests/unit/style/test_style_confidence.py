from collections.abc import Sequence
from itertools import pairwise

import pytest

from reelprint.core.analysis import Analysis
from reelprint.core.sound import Span, SpeechMeasure
from reelprint.style.confidence import (
    bits_part,
    confidence_parts,
    frames_part,
    noise_part,
    overall_confidence,
    size_part,
    video_kbps,
)
from tests.style_samples import cut, sample_analysis, sample_look


def confidence(analysis: Analysis) -> float:
    return overall_confidence(confidence_parts(analysis))


def part(analysis: Analysis, name: str) -> float:
    return {item.name: item.score for item in confidence_parts(analysis)}[name]


def test_a_consistent_minute_is_reliable() -> None:
    assert confidence(sample_analysis()) > 0.85


@pytest.mark.parametrize("duration_s", [1.0, 5.0, 12.0])
def test_a_short_template_is_not(duration_s: float) -> None:
    assert confidence(sample_analysis(duration_s=duration_s)) < 0.6


def test_a_single_shot_is_not() -> None:
    assert confidence(sample_analysis([], 60.0)) < 0.6


def test_halving_lowers_it() -> None:
    values = [confidence(sample_analysis(duration_s=length)) for length in (120.0, 60.0, 30.0, 15.0, 7.5)]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == len(values)


def mixed(kind: str) -> Analysis:
    slow_then_fast = [cut(10.0 * place) for place in range(1, 3)] + [cut(30 + 0.5 * place) for place in range(60)]
    if kind == "rhythm":
        return sample_analysis(slow_then_fast)
    if kind == "look":
        looks = [sample_look(0.25, -0.06, -0.08, place % 5) for place in range(15)]
        looks += [sample_look(0.75, 0.06, 0.10, place % 5) for place in range(15)]
        return sample_analysis(looks=looks)
    if kind == "motion":
        return sample_analysis(motion=[2.0] * 15 + [95.0] * 15)
    return sample_analysis(levels_db=[-45.0] * 300 + [-12.0] * 300)


@pytest.mark.parametrize("kind", ["rhythm", "look", "motion", "loudness"])
def test_two_films_in_one_disagree_and_say_where(kind: str) -> None:
    good, bad = sample_analysis(), mixed(kind)
    assert part(good, f"{kind}_agreement") > 0.95
    assert part(bad, f"{kind}_agreement") < 0.5
    assert confidence(bad) < 0.6
    reasons = {item.name: item.reason for item in confidence_parts(bad)}
    assert "more than chance" in reasons[f"{kind}_agreement"]


def test_variety_inside_both_halves_is_no_disagreement() -> None:
    looks = [sample_look(0.3 + 0.4 * (place % 2), 0.0, 0.05 * (place % 3), place % 5) for place in range(30)]
    lengths = [cut(time) for start in range(0, 60, 12) for time in (start + 0.7, start + 2, start + 5, start + 12)][:-1]
    assert part(sample_analysis(looks=looks), "look_agreement") > 0.9
    assert part(sample_analysis(lengths), "rhythm_agreement") > 0.9


def test_a_clear_difference_in_one_aspect_leaves_the_others_their_worth() -> None:
    assert 0.3 < part(mixed("loudness"), "loudness_agreement") < 0.5
    assert confidence(mixed("loudness")) > 0


def test_a_talk_joined_to_a_song_disagrees_in_what_is_heard() -> None:
    film = sample_analysis()
    joined = SpeechMeasure(speech=(Span(start_s=0, end_s=30),), music=(Span(start_s=30, end_s=60),))
    throughout = SpeechMeasure(speech=(Span(start_s=0, end_s=60),), music=(Span(start_s=5, end_s=55),))
    assert part(film.model_copy(update={"speech": joined}), "sound_agreement") < 0.6
    assert part(film.model_copy(update={"speech": throughout}), "sound_agreement") == 1.0


def test_a_shot_across_the_middle_speaks_for_both_halves() -> None:
    """One slow shot, then fast ones: moved across the middle by a little, the rhythms still disagree."""
    fast = [place / 2 for place in range(1, 60)]
    for slow_s in (28.0, 30.0, 32.0):
        boundaries = [cut(slow_s)] + [cut(slow_s + time_s) for time_s in fast if slow_s + time_s < 60]
        assert part(sample_analysis(boundaries), "rhythm_agreement") < 0.5


def test_two_shots_are_too_few_to_disagree_about_the_look_by_chance() -> None:
    alike = [sample_look(0.5, 0.0, 0.0, 1), sample_look(0.55, 0.0, 0.01, 2)]
    assert part(sample_analysis([cut(30.0)], looks=alike), "look_agreement") == 1.0


def test_silence_is_no_level() -> None:
    heard_first = [-20.0 - place % 3 for place in range(300)] + [-80.0] * 300
    now_and_then = ([-20.0] * 60 + [-80.0] * 40) * 6
    assert part(sample_analysis(levels_db=heard_first), "loudness_agreement") == 1.0
    assert part(sample_analysis(levels_db=now_and_then), "loudness_agreement") == 1.0
    assert part(sample_analysis(levels_db=[-80.0] * 600), "loudness_agreement") == 1.0


def test_degraded_inputs_lower_it() -> None:
    good = confidence(sample_analysis())
    doubtful = [cut(2.0 * place, confidence=0.4) for place in range(1, 30)]
    assert confidence(sample_analysis(doubtful)) < good - 0.2
    assert confidence(sample_analysis(decode_errors=100)) < good - 0.3
    assert confidence(sample_analysis(decode_errors=1440)) == 0
    assert confidence(sample_analysis(bitrate_kbps=30)) < good - 0.2
    assert confidence(sample_analysis(bitrate_kbps=120_000)) < good - 0.2
    assert confidence(sample_analysis(size=(64, 36))) < good - 0.2


def falling(scores: Sequence[float]) -> bool:
    return all(after < before for before, after in pairwise(scores))


def test_every_graver_grade_of_a_degradation_is_worse() -> None:
    assert falling([size_part(lines).score for lines in (1080, 480, 240, 96, 48, 24)])
    assert falling([bits_part(bits, 640 * 360, "h264").score for bits in (0.1, 0.03, 0.01, 0.003, 0.0)])
    assert falling([noise_part(bits, "h264").score for bits in (0.1, 1.0, 3.0, 10.0)])
    assert falling([frames_part(rate).score for rate in (60.0, 24.0, 12.0, 4.0, 1.0)])


def test_ordinary_films_are_spared() -> None:
    usual = [(640, 360, 600), (1280, 720, 2500), (1920, 1080, 5000), (3840, 2160, 20000)]
    for width, height, kbps in usual:
        assert confidence(sample_analysis(size=(width, height), bitrate_kbps=kbps)) > 0.85


def test_small_pictures_are_punished_as_little_as_they_err() -> None:
    assert size_part(96).score > 0.9
    assert size_part(36).score < 0.75


def test_bits_are_those_of_the_picture() -> None:
    heard, silent = sample_analysis(bitrate_kbps=200).media, sample_analysis(bitrate_kbps=200, silent=True).media
    assert video_kbps(heard) == 200 - 2 * 64
    assert video_kbps(silent) == 200
    assert video_kbps(sample_analysis(bitrate_kbps=100).media) == 10


def test_frugal_codecs_need_half_the_bits_and_large_pictures_fewer() -> None:
    assert bits_part(0.006, 1280 * 720, "h264").score == bits_part(0.003, 1280 * 720, "vp9").score
    assert bits_part(0.006, 320 * 180, "h264").score < bits_part(0.006, 1280 * 720, "h264").score


def test_a_still_picture_may_do_with_few_bits() -> None:
    assert bits_part(0.0, 640 * 360, "h264").score == 0.5


def test_what_editors_keep_is_meant_to_be_large() -> None:
    assert noise_part(5.0, "prores").score == 1.0


def test_every_part_has_a_reason_and_none_is_fixed() -> None:
    parts = confidence_parts(sample_analysis(silent=True))
    assert all(item.reason for item in parts)
    assert overall_confidence(()) == 0.0
    assert part(sample_analysis(silent=True), "loudness_agreement") == 1.0
