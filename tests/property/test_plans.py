"""Laws that every plan keeps, over random styles and random footage."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reelprint.core.analysis import Analysis
from reelprint.core.colour import GradeTransfer
from reelprint.core.errors import DocumentError
from reelprint.core.plan import EditPlan
from reelprint.core.style import StyleJSON
from reelprint.core.time import to_frames
from reelprint.plan import edit
from reelprint.plan.edit import plan_edit
from reelprint.plan.options import PlanOptions
from reelprint.plan.takes import takes_of
from tests.factories import analyses, styles

lawful = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

shares = st.floats(0.05, 1.0)
pacings = st.sampled_from(["match", "keep"])


@pytest.fixture(autouse=True, scope="module")
def plain_grades() -> Iterator[None]:
    """Solving grades takes most of the time and has laws of its own; here every take gets the identity."""
    identity = (GradeTransfer(tone_in=(0.0, 1.0), tone_out=(0.0, 1.0)),)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edit, "plan_take_grades", lambda _style, _colour, groups, _strength: (identity,) * len(groups))
        yield


def planned(
    style: StyleJSON, footage: Analysis, share: float | None = None, pacing: str = "match", seed: int = 0
) -> EditPlan:
    target_s = None if share is None else share * footage.timing.duration_s
    assume(target_s is None or target_s * style.frame_rate >= 1)
    return plan_edit(style, footage, PlanOptions(pacing=pacing, target_duration_s=target_s, seed=seed))


@lawful
@given(styles(), analyses(), st.none() | shares, pacings, st.integers(0, 3))
def test_a_plan_is_whole(style: StyleJSON, footage: Analysis, share: float | None, pacing: str, seed: int) -> None:
    """Frames add up to the planned length, every frame comes from inside the source, every document rule holds."""
    plan = planned(style, footage, share, pacing, seed)
    plan.check()
    rate = plan.output.rate
    wanted_s = footage.timing.duration_s * (1.0 if share is None else share)
    assert plan.output.frame_count == max(1, to_frames(wanted_s, rate))
    timeline = sum(segment.frames for segment in plan.segments) - sum(join.frames for join in plan.joins)
    assert timeline == plan.output.frame_count
    for segment in plan.segments:
        last_s = segment.source_start_s + float((segment.source_frames - 1) / rate)
        assert 0 <= segment.source_start_s <= last_s < footage.timing.duration_s
        assert [key.frame for key in segment.crop] == sorted({key.frame for key in segment.crop})
        assert segment.crop[0].frame == 0


@lawful
@given(styles(), analyses(), st.none() | shares, pacings)
def test_a_segment_stays_in_its_take(style: StyleJSON, footage: Analysis, share: float | None, pacing: str) -> None:
    """No segment shows a frame of a neighbouring take: that would be a flash before or after the cut."""
    plan = planned(style, footage, share, pacing)
    takes = takes_of(footage.shots)
    for segment in plan.segments:
        take = takes[segment.grade]
        last_s = segment.source_start_s + float((segment.source_frames - 1) / plan.output.rate)
        assert take.start_s - 1e-6 <= segment.source_start_s
        assert last_s < take.end_s
        assert take.first_shot <= segment.source_shot <= take.last_shot


@lawful
@given(styles(), analyses(), st.none() | shares, pacings)
def test_the_sound_is_inside_source_and_film(
    style: StyleJSON, footage: Analysis, share: float | None, pacing: str
) -> None:
    plan = planned(style, footage, share, pacing)
    assert (plan.audio is None) == (footage.loudness is None)
    if plan.audio is None:
        return
    at_s = 0.0
    for piece in plan.audio.pieces:
        assert abs(piece.start_s - at_s) < 1e-6, "a hole or an overlap in the sound"
        assert piece.source_start_s + piece.duration_s <= footage.timing.duration_s + 1e-6
        assert piece.fade_in_s + piece.fade_out_s <= piece.duration_s + 1e-9
        at_s = piece.start_s + piece.duration_s
    frame_s = float(1 / plan.output.rate)
    assert abs(at_s - plan.output.duration_s) <= frame_s


@lawful
@given(styles(), analyses(), st.none() | shares, st.integers(0, 1000))
def test_same_seed_same_bytes(style: StyleJSON, footage: Analysis, share: float | None, seed: int) -> None:
    first, second = (planned(style, footage, share, seed=seed).to_json() for _ in range(2))
    assert first == second


@lawful
@given(styles(), analyses(), st.none() | shares)
def test_sound_and_picture_are_in_step(style: StyleJSON, footage: Analysis, share: float | None) -> None:
    """At each segment the sound that is heard was recorded with the picture that is seen, within one frame."""
    assume(footage.speech.music_share < 0.5)
    plan = planned(style, footage, share)
    rate = plan.output.rate
    assume(plan.audio is not None)
    for segment in plan.segments:
        # In the middle: at its ends a join or the rounding to whole frames lends a segment the neighbour's sound.
        frame = segment.start_frame + segment.frames // 2
        if (
            segment.frames < 3
            or not segment.head_hold <= frame - segment.start_frame < segment.frames - segment.tail_hold
        ):
            continue
        film_s = float(Fraction(frame) / rate)
        picture_s = segment.source_start_s + float(Fraction(frame - segment.start_frame - segment.head_hold) / rate)
        heard = [piece for piece in plan.audio.pieces if piece.start_s <= film_s < piece.start_s + piece.duration_s]
        for piece in heard:
            assert abs(piece.source_start_s + film_s - piece.start_s - picture_s) <= 1.01 / rate


@lawful
@given(styles(), analyses())
def test_without_a_target_everything_is_shown_in_order(style: StyleJSON, footage: Analysis) -> None:
    plan = planned(style, footage)
    assume(not any(join.frames for join in plan.joins))
    rate = plan.output.rate
    for segment in plan.segments:
        shown_s = float(Fraction(segment.start_frame + segment.head_hold) / rate)
        assert abs(segment.source_start_s - shown_s) <= 0.51 / rate


@lawful
@given(styles(), analyses(), st.floats(1.001, 10))
def test_a_target_longer_than_the_footage_is_refused(style: StyleJSON, footage: Analysis, times: float) -> None:
    target_s = footage.timing.duration_s * times + 1.1 / style.frame_rate
    with pytest.raises(DocumentError) as caught:
        plan_edit(style, footage, PlanOptions(target_duration_s=target_s))
    assert caught.value.detail == "target_duration_seconds"
