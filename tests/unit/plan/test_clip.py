"""The plan of a clip: its range, its shape, its sound, jumps to speakers, layouts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from reelprint.core.analysis import Analysis
from reelprint.core.errors import DocumentError
from reelprint.core.motion import Focus, FocusTrack, SpeakerTurn
from reelprint.core.plan import EditPlan, Segment
from reelprint.core.sound import Span
from reelprint.core.text import TextMeasure, TextOverlay
from reelprint.plan.clip import ClipPlanOptions, plan_clip
from tests.factories import footage, look, style

Talk = Sequence[tuple[float, float, int]]
UPRIGHT = ClipPlanOptions(shape="vertical")


def face(time_s: float, number: int, x: float, weight: float, size: float = 0.3) -> Focus:
    return Focus(
        time_s=time_s, x=x, y=0.45, width=size * 0.45, height=size, source="face", weight=weight, face=number
    )  # fmt: skip


def two_people(seconds: float, talk: Talk, clarity: float = 0.8, size: float = 0.3, **film: Any) -> Analysis:
    """Two still faces at a quarter and three quarters of the picture, looked at four times a second."""
    points = []
    for look_number in range(round(seconds * 4)):
        at_s = look_number / 4
        lead = next(who for begin, end, who in talk if begin <= at_s < end)
        points += [face(at_s, lead, (0.25, 0.75)[lead], 1.0, size), face(at_s, 1 - lead, (0.75, 0.25)[lead], 0.5, size)]
    turns = tuple(
        SpeakerTurn(start_s=begin, end_s=end, face=who, clarity=clarity, voiced_s=0.7 * (end - begin))
        for begin, end, who in talk
    )
    made = footage(seconds, size=(1920, 1080), fps=25.0, **film)
    return made.model_copy(update={"focus": FocusTrack(points=tuple(points), turns=turns)})


def middle(segment: Segment) -> float:
    return round(segment.crop[0].crop.x + segment.crop[0].crop.width / 2, 2)


def shown(plan: EditPlan) -> list[tuple[int, str, float]]:
    return [(segment.start_frame, segment.layout, middle(segment)) for segment in plan.segments]


def test_the_window_cuts_to_a_speaker_on_the_frame_of_the_turn_and_stands_still() -> None:
    film = two_people(12, [(0, 3.08, 0), (3.08, 7.64, 1), (7.64, 12, 0)])
    plan = plan_clip(film, 0.0, 12.0, UPRIGHT)
    assert shown(plan) == [(0, "window", 0.25), (77, "window", 0.75), (191, "window", 0.25)]
    assert all(len(segment.crop) == 1 for segment in plan.segments)
    assert (plan.output.width, plan.output.height, plan.output.frame_count) == (1080, 1920, 300)
    later = plan_clip(film, 2.0, 11.0, UPRIGHT)
    assert shown(later) == [(0, "window", 0.25), (27, "window", 0.75), (141, "window", 0.25)]
    assert [round(segment.source_start_s, 2) for segment in later.segments] == [2.0, 3.08, 7.64]


def test_a_word_thrown_in_moves_nothing_and_a_doubtful_turn_neither() -> None:
    thrown_in = two_people(9, [(0, 4, 0), (4, 4.8, 1), (4.8, 9, 0)])
    assert shown(plan_clip(thrown_in, 0, 9, UPRIGHT)) == [(0, "window", 0.25)]
    doubtful = two_people(9, [(0, 5, 0), (5, 9, 1)])
    turns = (doubtful.focus.turns[0], doubtful.focus.turns[1].model_copy(update={"voiced_s": 0.1}))
    focus = doubtful.focus.model_copy(update={"turns": turns})
    assert shown(plan_clip(doubtful.model_copy(update={"focus": focus}), 0, 9, UPRIGHT)) == [(0, "window", 0.25)]


def test_fast_turns_and_talk_at_once_are_split_with_the_left_person_above() -> None:
    fast = [(at * 1.2, (at + 1) * 1.2, at % 2) for at in range(5)]
    plan = plan_clip(two_people(12, [*fast, (6.0, 12.0, 1)]), 0, 12, UPRIGHT)
    assert [(segment.start_frame, segment.layout) for segment in plan.segments] == [(0, "split"), (150, "window")]
    upper, lower = plan.segments[0].crop[0].crop, plan.segments[0].below[0].crop
    assert upper.x + upper.width / 2 < 0.5 < lower.x + lower.width / 2
    for crop, x in ((upper, 0.25), (lower, 0.75)):
        assert crop.x < x - 0.07
        assert x + 0.07 < crop.x + crop.width
        assert crop.width * 1920 / (crop.height * 1080) == pytest.approx(1080 / 960, rel=1e-3)
    assert middle(plan.segments[1]) == 0.75
    at_once = plan_clip(two_people(6, [(0, 6, 0)], clarity=0.2), 0, 6, UPRIGHT)
    assert [segment.layout for segment in at_once.segments] == ["split"]


@pytest.mark.parametrize(
    ("film", "shape"),
    [
        (two_people(6, [(at, at + 1, at % 2) for at in range(6)], size=0.06), "vertical"),
        (two_people(6, [(at, at + 1, at % 2) for at in range(6)]), "horizontal"),
        (two_people(9, [(0, 3, 0), (3, 6, 1), (6, 9, 0)]), "vertical"),
    ],
    ids=["faces too small", "no room above each other", "turns long enough for cuts"],
)
def test_a_split_is_not_for_everything(film: Analysis, shape: Any) -> None:
    plan = plan_clip(film, 0, film.timing.duration_s, ClipPlanOptions(shape=shape))
    assert {segment.layout for segment in plan.segments} == {"window"}


def text(start_s: float, end_s: float, left: float, right: float) -> TextOverlay:
    return TextOverlay(
        content="A long line of text", font="sans-serif", size_px=40, color="#ffffff", position="center",
        start_s=start_s, end_s=end_s, confidence=0.9, left=left, right=right,
    )  # fmt: skip


def test_slides_and_wide_text_are_shown_whole_and_a_name_in_a_corner_is_not_minded() -> None:
    film = footage(12.0, [4.0, 8.0], size=(1920, 1080), fps=25.0)
    screens = FocusTrack(screens=(Span(start_s=4.0, end_s=8.0),))
    plan = plan_clip(film.model_copy(update={"focus": screens}), 0, 12, UPRIGHT)
    assert [(segment.start_frame, segment.layout) for segment in plan.segments] == [
        (0, "window"), (100, "fitted"), (200, "window")
    ]  # fmt: skip
    whole = plan.segments[1].crop[0].crop
    assert (whole.x, whole.y, whole.width, whole.height) == (0, 0, 1, 1)
    texts = TextMeasure(overlays=(text(0.5, 3.9, 0.1, 0.8), text(4.0, 8.0, 0.1, 0.3), text(8.0, 9.0, 0.1, 0.8)))
    plan = plan_clip(film.model_copy(update={"text": texts}), 0, 12, UPRIGHT)
    assert [segment.layout for segment in plan.segments] == ["fitted", "window", "window"]
    captions = TextMeasure(caption_lines=tuple(text(at, at + 1.2, 0.2, 0.8) for at in range(0, 12, 2)))
    plan = plan_clip(film.model_copy(update={"text": captions}), 0, 12, UPRIGHT)
    assert {segment.layout for segment in plan.segments} == {"fitted"}
    assert {s.layout for s in plan_clip(film, 0, 12, ClipPlanOptions(shape="horizontal")).segments} == {"window"}


def test_a_flash_of_the_shot_before_or_after_is_held_over() -> None:
    film = footage(12.0, [4.0, 8.0], size=(1920, 1080), fps=25.0)
    plan = plan_clip(film, 3.92, 8.08, UPRIGHT)
    (segment,) = plan.segments
    assert (segment.start_frame, segment.frames, segment.head_hold, segment.tail_hold) == (0, 104, 2, 2)
    assert segment.source_start_s == pytest.approx(4.0)
    assert segment.source_shot == 1


@pytest.mark.parametrize(
    ("size", "shape", "expected"),
    [
        ((1920, 1080), "auto", (1080, 1920)),
        ((3840, 2160), "auto", (1080, 1920)),
        ((640, 360), "auto", (540, 960)),
        ((1280, 720), "square", (720, 720)),
        ((1920, 1080), "horizontal", (1920, 1080)),
        ((1080, 1350), "auto", (1080, 1350)),
        ((2160, 3840), "auto", (1080, 1920)),
        ((1000, 1000), "auto", (1000, 1000)),
    ],
)
def test_shapes_and_sizes(size: tuple[int, int], shape: Any, expected: tuple[int, int]) -> None:
    output = plan_clip(footage(4.0, size=size), 1.0, 3.0, ClipPlanOptions(shape=shape)).output
    assert (output.width, output.height) == expected


@pytest.mark.parametrize(("fps", "rate"), [(25.0, "25/1"), (29.97, "30000/1001"), (24.0, "24/1"), (120.0, "60/1")])
def test_the_rate_is_the_films(fps: float, rate: str) -> None:
    assert plan_clip(footage(4.0, fps=fps), 0.0, 4.0, UPRIGHT).output.frame_rate == rate


def test_as_shot_colours_stay_and_sound_comes_to_the_platforms_loudness_with_soft_ends() -> None:
    plan = plan_clip(footage(20.0, [7.0], fps=25.0), 3.3, 12.31, UPRIGHT)
    assert plan.grades == ((),)
    assert plan.audio is not None
    (piece,) = plan.audio.pieces
    assert (piece.start_s, piece.source_start_s) == (0.0, pytest.approx(3.3))
    # The last word is not cut: the frame that holds its end is whole.
    assert piece.duration_s == pytest.approx(9.04)
    assert plan.output.frame_count == 226
    assert (piece.fade_in_s, piece.fade_out_s) == (0.02, 0.02)
    chain = plan.audio.chain
    assert (chain.target_lufs, chain.true_peak_dbtp, chain.fader) == (-14.0, -1.0, ())
    assert plan_clip(footage(4.0, silent=True), 0, 4, UPRIGHT).audio is None


def test_a_style_brings_its_grade_and_its_cuts_but_every_moment_stays_in_its_place() -> None:
    film = footage(40.0, [12.0, 20.0], speech=[(1.0, 11.0), (13.0, 30.0)], fps=25.0)
    asked = style(30.0, details=style().details.model_copy(update={"look": look(3)}))
    plan = plan_clip(film, 5.0, 25.0, UPRIGHT, asked)
    assert len(plan.segments) >= 8
    assert plan.grades != ((),)
    assert (plan.opening, plan.closing) == (None, None)
    for segment in plan.segments:
        assert segment.source_start_s == pytest.approx(5.0 + segment.start_frame / 25.0, abs=0.021)
    assert plan.audio is not None
    assert plan.audio.chain.target_lufs == -14.0
    assert plan.output.frame_rate == "25/1"


@pytest.mark.parametrize(("start_s", "end_s"), [(-1, 2), (3, 3), (5, 2), (2, 30)])
def test_a_range_outside_the_film_is_refused(start_s: float, end_s: float) -> None:
    with pytest.raises(DocumentError, match="does not lie in the film"):
        plan_clip(footage(10.0), start_s, end_s, UPRIGHT)
