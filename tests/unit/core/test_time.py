from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelprint.core.time import STANDARD_RATES, parse_rate, rate_text, snap_rate, to_frames, to_seconds

rates = st.sampled_from(STANDARD_RATES) | st.fractions(Fraction(1, 10), 240, max_denominator=1001)


@given(rates)
def test_a_rate_survives_its_text(rate: Fraction) -> None:
    assert parse_rate(rate_text(rate)) == rate
    assert "/" in rate_text(rate)


@given(st.integers(0, 10_000_000), st.sampled_from(STANDARD_RATES))
def test_frames_survive_seconds(frames: int, rate: Fraction) -> None:
    """Exact over days of film, although seconds are floats."""
    assert to_frames(to_seconds(frames, rate), rate) == frames


@given(st.floats(0, 1e5), st.floats(0, 1e5), rates)
def test_neighbouring_ranges_never_overlap(first: float, second: float, rate: Fraction) -> None:
    """Rounding is monotone, and a range laid after another starts where that one ended."""
    low, high = sorted((first, second))
    assert to_frames(low, rate) <= to_frames(high, rate)
    assert abs(Fraction(to_frames(low, rate)) - Fraction(low) * rate) <= Fraction(1, 2)


@given(st.integers(0, 10_000), st.integers(1, 240))
def test_halves_go_up(frames: int, rate: int) -> None:
    assert to_frames((Fraction(frames) + Fraction(1, 2)) / rate, Fraction(rate)) == frames + 1


@given(rates)
def test_snapping_a_rate_moves_it_by_a_thousandth_at_most(rate: Fraction) -> None:
    assert abs(snap_rate(rate) - rate) <= snap_rate(rate) / 1000
    assert snap_rate(snap_rate(rate)) == snap_rate(rate)


@pytest.mark.parametrize("measured", ["29.97", "2997/100", "30000/1001"])
def test_measured_ntsc_is_ntsc(measured: str) -> None:
    assert snap_rate(Fraction(measured)) == Fraction(30000, 1001)


@pytest.mark.parametrize("text", ["0", "-24", "0/1", "fast", "24/0", ""])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises((ValueError, ZeroDivisionError)):
        parse_rate(text)
