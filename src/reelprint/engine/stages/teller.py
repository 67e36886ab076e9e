"""What a running job says: in order, progress never back within a stage, and not more often than anybody reads it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from reelprint.core.clips import CostAnalysis, StoredClip
from reelprint.core.jobs import (
    ClipDone,
    CostKnown,
    JobOutput,
    MustEnd,
    RunDone,
    RunLog,
    RunMessage,
    StageBegan,
    StageMoved,
    StageStored,
)
from reelprint.core.progress import Stage

Tell = Callable[[RunMessage], None]
#: At most ten messages of progress a second.
_STEP_S = 0.1


class Teller:
    """Tells one attempt's messages to ``tell``; any thread may call it, one message is told at a time."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._stage: Stage | None = None
        self._share = 0.0
        self._began_s = self._moved_s = 0.0

    def began(self, stage: Stage) -> None:
        """The stage is worked on from now."""
        with self._lock:
            self._stage, self._share = stage, 0.0
            self._began_s = time.monotonic()
            self._tell(StageBegan(stage=stage))

    def moved(self, share: float) -> None:
        """``share`` (0..1) of the stage is done; told when it is more than before and the last word is old enough."""
        share = min(1.0, share)
        with self._lock:
            now_s = time.monotonic()
            if self._stage is None or share <= self._share or now_s - self._moved_s < _STEP_S:
                return
            self._share, self._moved_s = share, now_s
            self._tell(StageMoved(stage=self._stage, share=share))

    def stored(self, style: dict[str, Any] | None = None) -> None:
        """The result of the stage is in storage."""
        with self._lock:
            if self._stage is None:
                raise RuntimeError("no stage has begun")
            stage, self._stage = self._stage, None
            self._tell(StageStored(stage=stage, seconds=time.monotonic() - self._began_s, style=style))

    def log(self, line: str) -> None:
        """A line for the person who waits."""
        with self._lock:
            self._tell(RunLog(line=line))

    def must_end(self, what: str, within_s: float | None) -> None:
        """Whoever started this process should end it when ``what`` takes longer; None: it is over."""
        with self._lock:
            self._tell(MustEnd(what=what, within_s=within_s))

    def clip(self, clip: StoredClip) -> None:
        """A clip is whole and in storage."""
        with self._lock:
            self._tell(ClipDone(clip=clip))

    def cost(self, cost: CostAnalysis) -> None:
        """What the job has cost so far."""
        with self._lock:
            self._tell(CostKnown(cost=cost))

    def done(self, style: dict[str, Any] | None, output: JobOutput | None) -> None:
        """The job is complete; a clips job has neither style nor output."""
        with self._lock:
            self._tell(RunDone(style=style, output=output))
