"""A piece: a stretch of one take that is in the film."""

from __future__ import annotations

from dataclasses import dataclass

from reelprint.plan.takes import Take


@dataclass(frozen=True)
class Piece:
    """Source time [start_s, end_s) of one take, in film order."""

    take: Take
    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s
