"""Progress on stderr (bars on a terminal, plain lines when piped) and Ctrl-C as a cancel."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from reelprint.core.progress import CancelToken, Progress, Reporter, Stage

_NAMES = {
    Stage.VIDEO_ANALYSIS: "watching",
    Stage.AUDIO_ANALYSIS: "listening",
    Stage.MOTION_ANALYSIS: "following motion",
    Stage.STYLE_EXTRACTION: "reading the style",
    Stage.STYLE_APPLICATION: "planning",
    Stage.RENDERING: "rendering",
}
_PLAIN_STEP_S = 2.0


class _BarReporter:
    """One bar per stage and film."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[tuple[Stage, str], TaskID] = {}
        self._lock = threading.Lock()

    def report(self, progress: Progress) -> None:
        share = progress.done / progress.total if progress.total else 1.0
        with self._lock:
            key = (progress.stage, progress.subject)
            if key not in self._tasks:
                self._tasks[key] = self._bars.add_task(
                    _NAMES[progress.stage], total=1.0, subject=_short(progress.subject)
                )
            task = self._tasks[key]
            before = next(item.completed for item in self._bars.tasks if item.id == task)
            self._bars.update(task, completed=max(before, share))


class _LineReporter:
    """A line when a stage starts, at most every two seconds while it runs, and when it is done."""

    def __init__(self) -> None:
        self._last: dict[tuple[Stage, str], tuple[float, int]] = {}
        self._lock = threading.Lock()

    def report(self, progress: Progress) -> None:
        percent = 100 * progress.done // progress.total if progress.total else 100
        now = time.monotonic()
        with self._lock:
            key = (progress.stage, progress.subject)
            said_at, said = self._last.get(key, (0.0, -1))
            if percent <= said or (percent < 100 and now - said_at < _PLAIN_STEP_S):
                return
            self._last[key] = (now, percent)
            sys.stderr.write(f"{_NAMES[progress.stage]} {progress.subject}: {percent}%\n")
            sys.stderr.flush()


@contextmanager
def watching(left: str = "nothing was written") -> Iterator[tuple[Reporter, CancelToken]]:
    """A reporter for stderr and a token that Ctrl-C, SIGTERM and SIGHUP set; a second Ctrl-C ends at once.

    ``left``: what an interrupt leaves behind.
    """
    cancel = CancelToken()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if cancel.cancelled:
            raise KeyboardInterrupt
        cancel.cancel(f"interrupted; {left}")

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        numbers.append(signal.SIGHUP)  # the terminal was closed, and nobody (nohup) asked us to go on
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        if sys.stderr.isatty():
            columns = (
                TextColumn("[bold]{task.description:<18}"),
                BarColumn(bar_width=32),
                TextColumn("{task.percentage:>3.0f}%"),
                TimeElapsedColumn(),
                TextColumn("[dim]{task.fields[subject]}"),
            )
            with Bars(*columns, console=Console(stderr=True)) as bars:
                yield _BarReporter(bars), cancel
        else:
            yield _LineReporter(), cancel
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _short(name: str, width: int = 36) -> str:
    """A name that fits the line; brackets in it are no markup."""
    return escape(name if len(name) <= width else f"{name[: width - 1]}…")
