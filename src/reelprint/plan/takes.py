"""Takes: the stretches of footage that are graded and framed as one."""

from __future__ import annotations

from dataclasses import dataclass

from reelprint.core.shots import ShotList


@dataclass(frozen=True)
class Take:
    """Source time [start_s, end_s); ``shots`` are the footage's shots in it, [first, last]."""

    number: int
    start_s: float
    end_s: float
    first_shot: int
    last_shot: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


def takes_of(shots: ShotList) -> tuple[Take, ...]:
    """One take a shot, but shots that dissolve, fade or wipe into each other stay one take.

    A change of grade or framing in the middle of the footage's own dissolve would be seen as a jump.
    """
    takes: list[Take] = []
    first = 0
    for number, shot in enumerate(shots.shots):
        is_last = number == len(shots.shots) - 1
        if is_last or shots.boundaries[number].type == "cut":
            takes.append(Take(len(takes), shots.shots[first].start_s, shot.end_s, first, number))
            first = number + 1
    return tuple(takes)
