"""The one door to other programs: argument lists only, with progress, limits, and an end for sure.

A child gets a process group of its own, a memory limit, a time limit, and dies with its parent. Cancelling
sends SIGINT to the group, then SIGKILL.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from reelprint.core.errors import Cancelled, ProcessFailed
from reelprint.core.progress import CancelToken

_POLL_S = 0.05
_GRACE_S = 1.0
_TAIL_LINES = 40
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Limits:
    """What one child may use. ``memory_mb`` is address space, so leave room for threads' stacks."""

    time_s: float = 3600.0
    memory_mb: int = 8192


@dataclass(frozen=True)
class Finished:
    """A child that ended with exit code 0."""

    stdout: str
    stderr: str


FrameWatch = Callable[[int], None]
"""Called with the number of frames that ffmpeg has written so far."""


def run(
    argv: Sequence[str],
    *,
    cancel: CancelToken,
    limits: Limits = Limits(),
    on_frames: FrameWatch | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Finished:
    """Run a program to its end.

    ``on_frames`` reads ffmpeg's ``-progress pipe:1`` lines from stdout. Raises Cancelled (the reason given to
    the token), ProcessFailed (exit code, time limit, or the program does not start).
    """
    cancel.check()
    try:
        child = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=dict(env) if env is not None else None,
            start_new_session=True,
            # A few system calls on values made before the fork: nothing here can wait for another thread's lock.
            preexec_fn=lambda: _confine(limits),  # noqa: PLW1509
        )
    except OSError as error:
        raise ProcessFailed(f"cannot start {Path(argv[0]).name}: {error.strerror}") from None
    out = _Pump(child.stdout, on_frames)
    err = _Pump(child.stderr, None)
    deadline = time.monotonic() + limits.time_s
    try:
        while child.poll() is None:
            if cancel.cancelled:
                raise _cancelled(cancel)
            if time.monotonic() > deadline:
                raise ProcessFailed(f"{Path(argv[0]).name} took longer than {limits.time_s:.0f} s", detail=err.tail())
            time.sleep(_POLL_S)
    finally:
        if child.poll() is None:
            _end(child)
        # Whoever the child has left behind would go on, and hold the pipes open that are emptied here.
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        out.join()
        err.join()
    if child.returncode != 0:
        # A Ctrl-C at the terminal can reach the child before our own handler sets the token.
        cancel.check()
        last = err.tail().strip().splitlines()
        raise ProcessFailed(
            f"{Path(argv[0]).name} failed with exit code {child.returncode}: {last[-1] if last else 'no message'}",
            detail=err.tail(),
        )
    return Finished(stdout=out.text(), stderr=err.text())


def _cancelled(cancel: CancelToken) -> Cancelled:
    try:
        cancel.check()
    except Cancelled as error:
        return error
    return Cancelled("stopped")


def _confine(limits: Limits) -> None:
    """In the child, before exec: memory limit, no core files, death with the parent."""
    size = limits.memory_mb * 1024 * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        size = min(size, hard)
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _end(child: subprocess.Popen[bytes]) -> None:
    """SIGINT to the group, a moment, SIGKILL."""
    for sign, wait_s in ((signal.SIGINT, _GRACE_S), (signal.SIGKILL, 10.0)):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, sign)
        try:
            child.wait(wait_s)
            return
        except subprocess.TimeoutExpired:
            continue


class _Pump:
    """Empties a pipe in a thread; keeps the end of it."""

    def __init__(self, pipe: IO[bytes] | None, on_frames: FrameWatch | None) -> None:
        self._pipe = pipe
        self._on_frames = on_frames
        self._lines: deque[str] = deque(maxlen=4000)
        self._thread = threading.Thread(target=self._pump, daemon=True)
        self._thread.start()

    def _pump(self) -> None:
        if self._pipe is None:
            return
        with self._pipe as pipe:
            for raw in iter(pipe.readline, b""):
                line = raw.decode("utf-8", "replace")
                if self._on_frames is None:
                    self._lines.append(line)
                elif line.startswith("frame="):
                    self._on_frames(int(line[6:].strip() or 0))

    def join(self) -> None:
        self._thread.join()

    def text(self) -> str:
        return "".join(self._lines)

    def tail(self) -> str:
        return "".join(list(self._lines)[-_TAIL_LINES:])
