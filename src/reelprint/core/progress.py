"""Progress as data, and the way to stop work that is under way."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from reelprint.core.errors import Cancelled


class Stage(StrEnum):
    """The stages of a style job, in order; the names are the contract's."""

    VIDEO_ANALYSIS = "video_analysis"
    AUDIO_ANALYSIS = "audio_analysis"
    MOTION_ANALYSIS = "motion_analysis"
    STYLE_EXTRACTION = "style_extraction"
    STYLE_APPLICATION = "style_application"
    RENDERING = "rendering"


#: The share of a job that each stage covers, as percent at its start and at its end (CONTRACT section 2).
PERCENT: dict[Stage, tuple[int, int]] = {
    Stage.VIDEO_ANALYSIS: (1, 20),
    Stage.AUDIO_ANALYSIS: (21, 35),
    Stage.MOTION_ANALYSIS: (36, 55),
    Stage.STYLE_EXTRACTION: (56, 65),
    Stage.STYLE_APPLICATION: (66, 85),
    Stage.RENDERING: (86, 99),
}


def percent_at(stage: Stage, share: float) -> int:
    """Percent of the job with ``share`` (0..1, clipped) of a stage done."""
    low, high = PERCENT[stage]
    return low + int((high - low) * min(1.0, max(0.0, share)))


@dataclass(frozen=True)
class Progress:
    """``done`` of ``total`` units (``unit`` in the plural: "frames") of one stage."""

    stage: Stage
    done: int
    total: int
    unit: str
    subject: str = ""


class Reporter(Protocol):
    """Whoever wants to know: a progress bar, a job row."""

    def report(self, progress: Progress) -> None:
        """Take one step of progress. Must be cheap and must not raise."""


class Silent:
    """A reporter that ignores everything."""

    def report(self, progress: Progress) -> None:
        """Ignore it."""


class CancelToken:
    """Set by whoever wants work stopped, polled by the work at least once a second. Thread-safe."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._reason = ""

    def cancel(self, reason: str) -> None:
        """Ask for a stop; the first reason stays."""
        if not self._event.is_set():
            self._reason = reason
            self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether a stop was asked for."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise Cancelled with the reason if a stop was asked for."""
        if self._event.is_set():
            raise Cancelled(self._reason)
