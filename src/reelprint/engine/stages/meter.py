"""One share (0..1) for work in many parts that move side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence

from reelprint.core.progress import Progress
from reelprint.engine.measuring import Step

#: What each step costs, in the same units (tenths of a second for half a minute of 720p on two cores).
_COSTS: Mapping[str, float] = {
    "decode": 16,
    "picture": 3,
    "shots": 9,
    "text": 18,
    "colour": 4,
    "loudness": 8,
    "speech": 2,
    "music": 1,
    "motion": 16,
    "focus": 17,
    "transcript": 30,
}
_USUAL_COST = 5.0


class Meter:
    """Adds up the shares of parts by their weights. Thread-safe."""

    def __init__(self, weights: Mapping[Hashable, float], moved: Callable[[float], None]) -> None:
        self._weights, self._moved = weights, moved
        self._total = sum(weights.values()) or 1.0
        self._shares: dict[Hashable, float] = {}
        self._lock = threading.Lock()

    def at(self, part: Hashable, share: float) -> None:
        """``share`` (0..1) of a part is done."""
        with self._lock:
            self._shares[part] = max(share, self._shares.get(part, 0.0))
            done = sum(self._weights[name] * value for name, value in self._shares.items())
        self._moved(done / self._total)


class StepMeter(Meter):
    """The share of measuring steps: a step weighs what it costs times the length of its film."""

    def __init__(self, steps: Sequence[Step], moved: Callable[[float], None]) -> None:
        super().__init__(
            {step: _COSTS.get(step.name, _USUAL_COST) * step.film.media.duration_s for step in steps}, moved
        )

    def watch(self, step: Step, share: float) -> None:
        """A StepWatch."""
        self.at(step, share)


def within(moved: Callable[[float], None], low: float, high: float) -> Callable[[float], None]:
    """The same, for a share of work that is the part [low, high] of the whole."""
    return lambda share: moved(low + (high - low) * share)


class FramesReporter:
    """A Reporter that passes the share of frames on."""

    def __init__(self, moved: Callable[[float], None]) -> None:
        self._moved = moved

    def report(self, progress: Progress) -> None:
        """See Reporter."""
        self._moved(progress.done / max(1, progress.total))
