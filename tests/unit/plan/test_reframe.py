"""Where the window stands: still, following, jumping to another speaker, off the letterbox bars."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest

from reelprint.core.analysis import ActivePicture
from reelprint.core.motion import Focus, FocusTrack, SpeakerTurn
from reelprint.core.plan import CropKey
from reelprint.plan.reframe import plan_crops
from reelprint.plan.windows import punch_in, slow_zoom

WIDE, TALL = (1920, 1080), (1080, 1920)
ALL = ActivePicture(x=0, y=0, width=1, height=1, aspect=16 / 9)


def face(time_s: float, x: float, y: float = 0.4, weight: float = 1.0, size: float = 0.1) -> Focus:
    return Focus(time_s=time_s, x=x, y=y, width=size, height=size * 16 / 9, source="face", weight=weight)


def plan(points: list[Focus], seconds: float = 6, shape: tuple[int, int] = TALL, **more: float) -> tuple[CropKey, ...]:
    frames = round(seconds * 30)
    return plan_crops(WIDE, ALL, shape, 0.0, frames, Fraction(30), FocusTrack(points=tuple(points)), **more)


def middle(key: CropKey) -> float:
    return key.crop.x + key.crop.width / 2


def test_a_trembling_face_gets_one_still_window_around_it() -> None:
    keys = plan([face(i / 4, 0.3 + 0.015 * (-1) ** i) for i in range(24)])
    assert len(keys) == 1
    assert middle(keys[0]) == pytest.approx(0.3, abs=0.02)
    assert keys[0].crop.height == pytest.approx(1.0, abs=1e-5)


def test_a_single_wrong_look_moves_nothing() -> None:
    keys = plan([face(i / 4, 0.9 if i == 9 else 0.3) for i in range(24)])
    assert len(keys) == 1
    assert middle(keys[0]) == pytest.approx(0.3, abs=0.02)


def test_a_walking_subject_is_followed_smoothly_and_stays_in() -> None:
    points = [face(i / 4, 0.25 + 0.5 * i / 31) for i in range(32)]
    keys = plan(points, seconds=8)
    assert 2 <= len(keys) <= 5
    for point in points:
        at = point.time_s * 30
        before, after = next(((a, b) for a, b in pairwise(keys) if a.frame <= at <= b.frame), (keys[-1], keys[-1]))
        share = (at - before.frame) / max(1, after.frame - before.frame)
        left = before.crop.x + share * (after.crop.x - before.crop.x)
        assert left < point.x < left + before.crop.width
    assert [middle(key) for key in keys] == sorted(middle(key) for key in keys)


def test_another_speaker_gets_the_window_by_a_jump() -> None:
    points = []
    for i in range(32):
        lead, other = (0.25, 0.75) if i < 16 else (0.75, 0.25)
        points += [face(i / 4, lead), face(i / 4, other, weight=0.5)]
    keys = plan(points, seconds=8)
    assert [key.frame for key in keys] == [0, 119, 120]
    assert [round(middle(key), 2) for key in keys] == [0.25, 0.25, 0.75]


def test_two_faces_that_fit_are_framed_together() -> None:
    points = [item for i in range(16) for item in (face(i / 4, 0.45), face(i / 4, 0.6, weight=0.6))]
    (key,) = plan(points, seconds=4, shape=(1080, 1080))
    assert middle(key) == pytest.approx(0.525, abs=0.01)


def test_bars_are_cropped_away_and_nothing_known_means_the_middle() -> None:
    bars = ActivePicture(x=0, y=0.12, width=1, height=0.76, aspect=2.34)
    (key,) = plan_crops(WIDE, bars, WIDE, 0.0, 60, Fraction(30), FocusTrack())
    assert key.crop.y >= 0.12 - 1e-6
    assert key.crop.height == pytest.approx(0.76, abs=1e-5)
    assert key.crop.width == pytest.approx(0.76, abs=1e-5)
    assert middle(key) == pytest.approx(0.5, abs=1e-5)


def test_scale_and_zoom_go_towards_the_subject() -> None:
    points = [face(i / 4, 0.3) for i in range(8)]
    (key,) = plan(points, seconds=2, shape=WIDE, scale=1.5)
    assert key.crop.width == pytest.approx(1 / 1.5, abs=1e-4)
    assert middle(key) == pytest.approx(1 / 3, abs=0.01)
    first, last = plan(points, seconds=2, shape=WIDE, zoom_ratio=1.2)
    assert (first.frame, last.frame) == (0, 59)
    assert first.crop.width == pytest.approx(1.0, abs=1e-5)
    assert last.crop.width == pytest.approx(1 / 1.2, abs=1e-4)
    out = plan(points, seconds=2, shape=WIDE, zoom_ratio=0.8)
    assert out[0].crop.width == pytest.approx(0.8, abs=1e-4)
    assert out[-1].crop.width == pytest.approx(1.0, abs=1e-4)


def test_helpers_refuse_nonsense() -> None:
    crop = plan([])[0].crop
    with pytest.raises(ValueError, match="1 or more"):
        punch_in(crop, 0.5, (0.5, 0.5))
    with pytest.raises(ValueError, match="positive"):
        slow_zoom(crop, 0.0, 30)
    with pytest.raises(ValueError, match="positive"):
        plan([], zoom_ratio=-1.0)


def test_a_turn_that_goes_on_beyond_the_stretch_gets_the_window_even_for_a_moment() -> None:
    points = []
    for i in range(32):
        lead = 0 if i / 4 < 3.1 else 1
        points += [face(i / 4, (0.25, 0.75)[lead]), face(i / 4, (0.75, 0.25)[lead], weight=0.5)]
    numbered = [point.model_copy(update={"face": 0 if point.x < 0.5 else 1, "weight": 0.9}) for point in points]
    turns = [
        SpeakerTurn(start_s=begin, end_s=end, face=who, clarity=0.8, voiced_s=2)
        for begin, end, who in ((0, 3.1, 0), (3.1, 8, 1))
    ]
    focus = FocusTrack(points=tuple(numbered), turns=tuple(turns))
    keys = plan_crops(WIDE, ALL, TALL, 2.3, 51, Fraction(30), focus)
    assert [(key.frame, round(middle(key), 2)) for key in keys] == [(0, 0.25), (23, 0.25), (24, 0.75)]
    # A lead of the same length that is no more than that is passed over.
    short = (
        *turns[:1],
        turns[1].model_copy(update={"end_s": 4.0}),
        turns[0].model_copy(update={"start_s": 4.0, "end_s": 8.0}),
    )
    passed = plan_crops(WIDE, ALL, TALL, 2.3, 51, Fraction(30), focus.model_copy(update={"turns": short}))
    assert [round(middle(key), 2) for key in passed] == [0.25]
