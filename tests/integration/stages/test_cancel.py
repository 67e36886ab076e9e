"""Work stops soon after being asked to, in every stage, and leaves nothing in scratch."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from reelprint.core.errors import Cancelled
from reelprint.core.jobs import RunMessage, StageBegan
from reelprint.core.progress import CancelToken, Stage
from tests.integration.stages.bench import HECTIC, Bench


def test_every_stage_can_be_stopped(bench: Bench, film: Path) -> None:
    """One job, stopped a moment after each stage began; the next attempt comes one stage further."""
    footage = bench.upload(film, "vid_a")
    for stage in Stage:
        cancel = CancelToken()
        asked_s: list[float] = []

        def ask(cancel: CancelToken = cancel, asked_s: list[float] = asked_s) -> None:
            asked_s.append(time.monotonic())
            cancel.cancel("the user has changed their mind")

        def watch(message: RunMessage, stage: Stage = stage, ask: object = ask) -> bool:
            if isinstance(message, StageBegan) and message.stage is stage:
                threading.Timer(0.02, ask).start()  # type: ignore[arg-type]
            return False

        with pytest.raises(Cancelled, match="changed their mind"):
            bench.run(bench.spec("apply", footage=footage, style=HECTIC), die_at=watch, cancel=cancel)
        # Well under a second on an idle machine. What takes longer in a job is cut off by ``worker.run`` (test_child).
        assert time.monotonic() - asked_s[0] < 6.0, stage
    assert bench.shelf.names("outputs/") == []
    assert bench.run(bench.spec("apply", footage=footage, style=HECTIC)).done


def test_a_job_that_was_stopped_before_it_began_does_nothing(bench: Bench, film: Path) -> None:
    cancel = CancelToken()
    cancel.cancel("too late")
    with pytest.raises(Cancelled, match="too late"):
        bench.run(bench.spec("clean", footage=bench.upload(film, "vid_a")), cancel=cancel)
    assert bench.shelf.names("work/") == []
