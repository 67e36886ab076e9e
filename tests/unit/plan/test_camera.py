"""Travel of the window: as much as the style moves, never over a cut unseen."""

from __future__ import annotations

from itertools import pairwise

import pytest

from reelprint.plan.camera import _ROOMY, Drift, _directed, _scaled, _speed
from reelprint.plan.pieces import Piece
from reelprint.plan.rhythm import Part
from reelprint.plan.takes import Take
from reelprint.plan.turns import LEAN, WIDE, Turn

TAKE = Piece(Take(0, 0.0, 30.0, 0, 0), 0.0, 30.0)


def parts(count: int) -> list[Part]:
    return [Part(TAKE, 3.0 * number, 3.0 * number + 3, number) for number in range(count)]


@pytest.mark.parametrize("travel", [0.02, 0.05, 0.1, 0.15, 0.2, 0.24])
def test_a_cut_inside_a_take_stays_a_jump(travel: float) -> None:
    turns = [Turn(WIDE, -1 if number % 2 == 0 else 1) for number in range(6)]
    drifts = _directed([travel] * 6, parts(6), turns)
    reach = min(LEAN, (_ROOMY - 1 - travel) / 2)
    for before, after in pairwise(drifts):
        jump = abs((after.lean * reach - after.travel / 2) - (before.lean * reach + before.travel / 2))
        assert jump >= 0.12, "in widths of the window"


def test_a_still_part_after_a_travelling_one_stands_on_the_other_side() -> None:
    first, second, third = _directed([0.2, 0.0, 0.0], parts(3), [Turn(WIDE, -1), Turn(WIDE, 1), Turn(WIDE, -1)])
    assert second.lean == -1 if first.travel > 0 else 1
    assert third.lean == -second.lean


def test_still_parts_stay_still() -> None:
    turns = [Turn(WIDE, -1), Turn(WIDE, 1)]
    assert _directed([0.0, 0.0], parts(2), turns) == [Drift(0.0, -1, WIDE), Drift(0.0, 1, WIDE)]
    assert _directed([0.0], parts(1), [Turn()]) == [Drift()]


@pytest.mark.parametrize("intensity", [0.0, 5.0, 39.0, 92.0])
def test_speed_and_intensity_are_inverse(intensity: float) -> None:
    assert _scaled(_speed(intensity)) == pytest.approx(intensity)
