"""What a person sees of work on a server: bars for transfers and for a job's stages, and what Ctrl-C means there."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
from rich.progress import Progress as Bars

from reelprint.cli.watching import watching
from reelprint.client.models import JobEvent
from reelprint.core.errors import Cancelled
from reelprint.core.progress import PERCENT, Progress, Reporter, Stage

_PLAIN_STEP_S = 2.0
_STEPS = 1000


@contextmanager
def interruptible(meaning: str) -> Iterator[None]:
    """Ctrl-C, SIGTERM and SIGHUP raise Cancelled(``meaning``) within the block, also out of a wait for the server."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Cancelled(meaning)

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def transfer(verb: str, name: str) -> Iterator[Callable[[int, int | None], None]]:
    """Show how much of a file has gone over the line: a bar on a terminal, else a line every two seconds."""
    if sys.stderr.isatty():
        columns = (
            TextColumn("[bold]{task.description:<18}"),
            BarColumn(bar_width=32),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
            TextColumn("[dim]{task.fields[subject]}"),
        )
        with Bars(*columns, console=Console(stderr=True)) as bars:
            task = bars.add_task(verb, total=None, subject=escape(name))
            yield lambda done, total: bars.update(task, completed=done, total=total)
    else:
        yield _Lines(verb, name).tell


class _Lines:
    """A line at the end, and at most every two seconds before."""

    def __init__(self, verb: str, name: str) -> None:
        self._what = f"{verb} {name}"
        self._said_at, self._said = time.monotonic(), -1

    def tell(self, done: int, total: int | None) -> None:
        if not total:
            return
        percent, now = 100 * done // total, time.monotonic()
        if percent <= self._said or (percent < 100 and now - self._said_at < _PLAIN_STEP_S):
            return
        self._said_at, self._said = now, percent
        sys.stderr.write(f"{self._what}: {percent}%\n")
        sys.stderr.flush()


@contextmanager
def job_progress(subject: str, meaning: str) -> Iterator[Callable[[JobEvent], None]]:
    """Show the stages of a job as the other commands show theirs. ``meaning``: what an interruption says."""
    with watching() as (reporter, _), interruptible(meaning):
        yield _Stages(reporter, subject).tell


class _Stages:
    """Percent of a job to progress of its stages."""

    def __init__(self, reporter: Reporter, subject: str) -> None:
        self._reporter, self._subject = reporter, subject
        self._stage: Stage | None = None

    def tell(self, event: JobEvent) -> None:
        for line in event.log:
            sys.stderr.write(f"{line}\n")
        if event.status == "completed":
            self._finish()
        stage = _stage(event.current_stage)
        if stage is None or event.progress_percent is None:
            return
        if stage is not self._stage:
            self._finish()
            self._stage = stage
        low, high = PERCENT[stage]
        self._report(stage, min(1.0, max(0.0, (event.progress_percent - low) / (high - low))))

    def _finish(self) -> None:
        """The stage before is done, however far it was when it was last heard of."""
        if self._stage is not None:
            self._report(self._stage, 1.0)

    def _report(self, stage: Stage, share: float) -> None:
        self._reporter.report(Progress(stage, round(_STEPS * share), _STEPS, "steps", self._subject))


def _stage(name: str | None) -> Stage | None:
    """A stage that we know; a newer server may have others."""
    return Stage(name) if name in set(Stage) else None
