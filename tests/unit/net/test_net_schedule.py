"""When a failed webhook is sent again, whatever the jitter draws."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reelprint.adapters.net.schedule import ATTEMPTS, gap_s

SEEDS = st.text(max_size=40)


def gaps(seed: str, first: int = 1) -> list[float]:
    found = []
    for number in range(first, first + ATTEMPTS):
        gap = gap_s(number, seed)
        if gap is None:
            break
        found.append(gap)
    return found


@given(SEEDS)
def test_about_a_day_in_growing_gaps(seed: str) -> None:
    drawn = gaps(seed)
    assert len(drawn) == ATTEMPTS - 1 == 10
    assert all(later > earlier for earlier, later in pairwise(drawn))
    assert 21 < sum(drawn) / 3600 < 27
    assert drawn[-1] < 10 * 3600


@given(SEEDS, st.lists(st.floats(0, 10), min_size=10, max_size=10))
def test_the_second_and_third_attempt_come_within_90_seconds(seed: str, took_s: list[float]) -> None:
    """Also when every attempt takes its ten seconds; and seen from the receiver gaps grow whatever attempts take."""
    drawn = gaps(seed)
    assert took_s[0] + drawn[0] + took_s[1] + drawn[1] < 90
    seen = [took + gap for took, gap in zip(took_s, drawn, strict=True)]
    assert all(later > earlier for earlier, later in pairwise(seen))


@given(SEEDS, st.integers(1, 50))
def test_the_same_delivery_draws_the_same_gap(seed: str, number: int) -> None:
    assert gap_s(number, seed) == gap_s(number, seed)


def test_deliveries_that_failed_together_do_not_come_back_together() -> None:
    assert len({gap_s(4, f"msg_{index}") for index in range(100)}) > 95


@given(SEEDS)
def test_after_the_last_attempt_there_is_none_and_redelivery_begins_anew(seed: str) -> None:
    assert gap_s(ATTEMPTS, seed) is None
    again = gaps(seed, first=ATTEMPTS + 1)
    assert len(again) == 10
    assert again[0] < 6
    assert gap_s(2 * ATTEMPTS, seed) is None
