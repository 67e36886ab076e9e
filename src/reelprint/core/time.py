"""Exact time. A frame rate is a Fraction; this is the only module that rounds seconds to frames."""

from __future__ import annotations

from fractions import Fraction

#: Rates that cameras and editors really use, for snapping measured rates such as 29.97.
STANDARD_RATES = tuple(
    Fraction(*pair)
    for pair in (
        (24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1),
        (48, 1), (50, 1), (60000, 1001), (60, 1), (120, 1),
    )
)  # fmt: skip


def parse_rate(text: str) -> Fraction:
    """``"30000/1001"`` or ``"25"`` to a Fraction. Raises ValueError when not positive."""
    rate = Fraction(text)
    if rate <= 0:
        raise ValueError(f"frame rate must be positive, got {text}")
    return rate


def rate_text(rate: Fraction) -> str:
    """A Fraction as ``"30000/1001"`` (always with the slash), the form documents carry."""
    return f"{rate.numerator}/{rate.denominator}"


def snap_rate(rate: Fraction, tolerance: Fraction = Fraction(1, 1000)) -> Fraction:
    """The standard rate within ``tolerance`` (relative), or the rate itself."""
    nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    return nearest if abs(nearest - rate) <= nearest * tolerance else rate


def to_frames(seconds: float | Fraction, rate: Fraction) -> int:
    """The frame boundary nearest to a time; halves go up, so neighbouring ranges never overlap."""
    exact = Fraction(seconds) * rate + Fraction(1, 2)
    return exact.numerator // exact.denominator


def to_seconds(frames: int, rate: Fraction) -> float:
    """The time of a frame boundary in seconds."""
    return float(Fraction(frames) / rate)
