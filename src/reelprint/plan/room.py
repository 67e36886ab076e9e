"""The room beside a window: where it may stand and travel from side to side."""

from __future__ import annotations

from dataclasses import dataclass

from reelprint.plan.turns import LEAN


@dataclass(frozen=True)
class Room:
    """Centres from ``low`` to ``high`` keep a window of ``width`` inside the picture; shares of the source."""

    low: float
    high: float
    width: float

    def leaning(self, centre: float, lean: int) -> float:
        """Where the window stands that leans to a side; both sides are as far apart as the room allows."""
        left, right = self._around(centre, 2 * LEAN * self.width)
        return left if lean < 0 else right

    def travelling(self, centre: float, travel: float) -> tuple[float, float]:
        """Where a window begins and ends that travels ``travel`` of its widths, centred on ``centre``."""
        left, right = self._around(centre, abs(travel) * self.width)
        return (left, right) if travel > 0 else (right, left)

    def _around(self, centre: float, span: float) -> tuple[float, float]:
        span = max(0.0, min(span, self.high - self.low))
        left = min(max(centre - span / 2, self.low), max(self.low, self.high - span))
        return left, left + span
