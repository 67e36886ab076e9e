"""Framings of cuts inside a take: as many punch-ins as asked for, every step plain to see."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelprint.plan.room import Room
from reelprint.plan.turns import CLOSE, LEAN, WIDE, Turn, most_punches, plan_turns

COUNTS = st.lists(st.integers(1, 9), min_size=1, max_size=12)


@given(COUNTS, st.integers(0, 60))
def test_punches_are_as_many_as_asked_for_where_there_is_room(counts: list[int], punches: int) -> None:
    takes = plan_turns(counts, punches)
    assert [len(take) for take in takes] == counts
    assert sum(turn.punch for take in takes for turn in take) == min(punches, most_punches(counts))


@given(COUNTS, st.integers(0, 60))
def test_every_cut_inside_a_take_changes_size_or_side(counts: list[int], punches: int) -> None:
    for take in plan_turns(counts, punches):
        assert not take[0].punch
        for before, after in pairwise(take):
            assert after.scale != before.scale or after.lean == -before.lean != 0
            assert after.punch == (after.scale > before.scale)


def test_a_take_of_one_part_is_whole() -> None:
    assert plan_turns([1, 1], 5) == [[Turn()], [Turn()]]


def test_punches_are_spread_over_a_take() -> None:
    (take,) = plan_turns([8], 2)
    assert (
        [turn.punch for turn in take].index(True) < 4 <= len(take) - 1 - [turn.punch for turn in take][::-1].index(True)
    )


@pytest.mark.parametrize("centre", [0.0, 0.3, 0.5, 0.93, 1.0])
def test_both_sides_are_plainly_apart_and_inside(centre: float) -> None:
    room = Room(0.5 / WIDE, 1 - 0.5 / WIDE, 1 / WIDE)
    left, right = room.leaning(centre, -1), room.leaning(centre, 1)
    assert room.low - 1e-9 <= left < right <= room.high + 1e-9
    assert right - left == pytest.approx(2 * LEAN / WIDE)


def test_a_close_window_on_the_subject_lies_inside_a_leaning_wide_one() -> None:
    room = Room(0.5 / WIDE, 1 - 0.5 / WIDE, 1 / WIDE)
    for lean in (-1, 1):
        wide = room.leaning(0.5, lean)
        assert wide - 0.5 / WIDE <= 0.5 - 0.5 / CLOSE + 1e-9 and wide + 0.5 / WIDE >= 0.5 + 0.5 / CLOSE - 1e-9


def test_without_room_nothing_leans_or_travels() -> None:
    room = Room(0.5, 0.5, 1.0)
    assert room.leaning(0.5, -1) == room.leaning(0.5, 1) == 0.5
    assert room.travelling(0.5, 0.2) == (0.5, 0.5)


def test_travel_goes_as_far_as_asked_in_its_direction() -> None:
    room = Room(0.4, 0.6, 0.8)
    assert room.travelling(0.5, 0.1) == pytest.approx((0.46, 0.54))
    assert room.travelling(0.5, -0.1) == pytest.approx((0.54, 0.46))
    assert room.travelling(0.4, 0.5) == pytest.approx((0.4, 0.6))
