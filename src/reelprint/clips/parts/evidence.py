"""Points for and against, with what they are given for."""

from __future__ import annotations

from dataclasses import dataclass, field

from reelprint.core.clips import ScorePart


@dataclass
class Tally:
    """Adds points to a base and keeps the reasons in order, the weightiest first when told."""

    base: float
    entries: list[tuple[float, str]] = field(default_factory=list)

    def add(self, points: float, reason: str) -> None:
        """Give (or take) points for something that was found."""
        self.entries.append((points, reason))

    def part(self, nothing: str, note: str = "") -> ScorePart:
        """The part; ``nothing`` is the reason when there was no evidence, ``note`` is said in any case."""
        ranked = sorted(self.entries, key=lambda entry: -abs(entry[0]))
        reasons = [reason for _, reason in ranked] or [nothing]
        told = [*reasons, note] if note else reasons
        return scored(self.base + sum(points for points, _ in self.entries), "; ".join(told))


def scored(score: float, reason: str) -> ScorePart:
    """A part with the score cut to 0..100."""
    return ScorePart(score=round(min(100.0, max(0.0, score))), reason=reason)
