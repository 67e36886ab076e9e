"""The one door to other programs: argument lists only, with progress, limits, and an end for sure.

A child gets a session of its own, limits, and dies with its parent. ``run`` waits for a program's end; a ``Child`` goes
on beside us.
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

from reelprint.core.errors import ProcessFailed
from reelprint.core.progress import CancelToken

_POLL_S = 0.05
_GRACE_S = 1.0
_KILL_S = 10.0
_LEFTOVER_S = 5.0
_KEPT_LINES = 4000
_TAIL_LINES = 40
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

LineWatch = Callable[[str], None]
"""Called with each line (without its end) in a thread that reads the pipe. Must be quick and must not raise."""

FrameWatch = Callable[[int], None]
"""Called with the number of frames that ffmpeg has written so far."""


@dataclass(frozen=True)
class Limits:
    """What one child of ``run`` may use. ``memory_mb`` is address space, so leave room for threads' stacks."""

    time_s: float = 3600.0
    memory_mb: int = 8192


@dataclass(frozen=True)
class Account:
    """A user of the system that a child runs as; only root can give one."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Finished:
    """A child of ``run`` that ended with exit code 0."""

    stdout: str
    stderr: str


class LastLines:
    """A LineWatch that keeps the end of what was said."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)

    def __call__(self, line: str) -> None:
        self._lines.append(line)

    def text(self, lines: int = _KEPT_LINES) -> str:
        """The last lines, at most 4,000."""
        return "".join(f"{line}\n" for line in list(self._lines)[-lines:])

    def tail(self) -> str:
        """The last 40 lines."""
        return self.text(_TAIL_LINES)


class Child:
    """A program that runs beside us until it ends, we end it, or we die.

    It is killed by the kernel (Linux) when the *thread* that started it ends: start children from a thread that lives
    as long as they shall, such as the main thread or the one of the event loop, not from a pool.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        on_line: LineWatch | None = None,
        on_error_line: LineWatch | None = None,
        on_exit: Callable[[int], None] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        memory_mb: int | None = None,
        niceness: int = 0,
        account: Account | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        """Start it. Raises ProcessFailed when that cannot be done.

        ``stdin``: text that it is given, then the pipe is closed; None: nothing to read. ``on_line`` and
        ``on_error_line``: who gets its lines; None: they go where ours go. ``on_exit``: called in a thread with the
        exit code (minus the signal's number when it was killed), after the last line. ``memory_mb``: limit of its
        address space. ``env``: its whole environment; None: ours. ``niceness``: added to ours, 0 to 19.
        """
        self.name = Path(argv[0]).name
        parent = os.getpid()
        try:
            self._popen = subprocess.Popen(
                list(argv),
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=None if on_line is None else subprocess.PIPE,
                stderr=None if on_error_line is None else subprocess.PIPE,
                cwd=cwd,
                env=dict(env) if env is not None else None,
                start_new_session=True,
                pass_fds=tuple(pass_fds),
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                # Runs after the change of user, which would take the parent-death signal away. A few system calls on
                # values made before the fork: nothing here can wait for another thread's lock.
                preexec_fn=lambda: _confine(parent, memory_mb, niceness),  # noqa: PLW1509
            )
        except (OSError, subprocess.SubprocessError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise ProcessFailed(f"cannot start {self.name}: {reason}") from None
        self.pid = self._popen.pid
        self.started = time.monotonic()
        self._code: int | None = None
        self._reaped = False
        self._lock = threading.Lock()
        self._ended = threading.Event()
        if self._popen.stdin is not None and stdin is not None:
            _thread(_feed, self._popen.stdin, stdin)
        pipes = ((self._popen.stdout, on_line), (self._popen.stderr, on_error_line))
        pumps = [_thread(_pump, pipe, watch) for pipe, watch in pipes if pipe is not None and watch is not None]
        _thread(self._await_end, pumps, on_exit)

    def poll(self) -> int | None:
        """Exit code once it has ended and all its lines were handed on, else None."""
        return self._code if self._ended.is_set() else None

    @property
    def exited(self) -> bool:
        """Whether the process itself has ended; lines of it may still be on their way."""
        return self._reaped

    def wait(self, timeout_s: float | None = None) -> int | None:
        """Wait for the end; None when it has not come in time."""
        self._ended.wait(timeout_s)
        return self.poll()

    def send(self, number: int) -> None:
        """Send a signal to its process group; nothing happens when it has ended."""
        with self._lock:
            if not self._reaped:
                self._signal_group(number)

    def kill_group(self) -> None:
        """SIGKILL for it and every process of its group."""
        self.send(signal.SIGKILL)

    def terminate(self, grace_s: float = _GRACE_S, sign: int = signal.SIGTERM) -> int:
        """``sign`` to the group, ``grace_s`` seconds, SIGKILL. Returns the exit code.

        Raises ProcessFailed when not even SIGKILL ends it within 10 s (a disk that hangs).
        """
        self.send(sign)
        code = self.wait(grace_s)
        if code is None:
            self.kill_group()
            code = self.wait(_KILL_S)
        if code is None:
            raise ProcessFailed(f"{self.name} (process {self.pid}) does not end")
        return code

    def _await_end(self, pumps: Sequence[threading.Thread], on_exit: Callable[[int], None] | None) -> None:
        if hasattr(os, "waitid"):
            # Without reading its exit code yet, so that its number cannot be given to another process meanwhile.
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        else:
            self._popen.wait()
        with self._lock:
            self._reaped = True
            # Whoever it has left behind would go on, and hold the pipes open that are emptied here.
            self._signal_group(signal.SIGKILL)
            code = self._popen.wait()
        deadline = time.monotonic() + _LEFTOVER_S
        for pump in pumps:
            # A process that left the group may hold the pipe open for longer; its lines are not waited for.
            pump.join(max(0.0, deadline - time.monotonic()))
        self._code = code
        self._ended.set()
        if on_exit is not None:
            on_exit(code)

    def _signal_group(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


def run(
    argv: Sequence[str],
    *,
    cancel: CancelToken,
    limits: Limits = Limits(),
    on_frames: FrameWatch | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    account: Account | None = None,
) -> Finished:
    """Run a program to its end.

    ``on_frames`` reads ffmpeg's ``-progress pipe:1`` lines from stdout. Cancelling sends SIGINT to the group, then
    SIGKILL. Raises Cancelled (the reason given to the token), ProcessFailed (exit code, time limit, or the program
    does not start).
    """
    cancel.check()
    out, err = LastLines(), LastLines()
    child = Child(
        argv,
        on_line=out if on_frames is None else _frame_lines(on_frames),
        on_error_line=err,
        cwd=cwd,
        env=env,
        memory_mb=limits.memory_mb,
        account=account,
    )
    deadline = time.monotonic() + limits.time_s
    try:
        while (code := child.wait(_POLL_S)) is None:
            cancel.check()
            if time.monotonic() > deadline:
                raise ProcessFailed(f"{child.name} took longer than {limits.time_s:.0f} s", detail=err.tail())
    finally:
        if child.poll() is None:
            child.terminate(_GRACE_S, signal.SIGINT)
    if code != 0:
        # A Ctrl-C at the terminal can reach the child before our own handler sets the token.
        cancel.check()
        last = err.tail().strip().splitlines()
        raise ProcessFailed(
            f"{child.name} failed with exit code {code}: {last[-1] if last else 'no message'}", detail=err.tail()
        )
    return Finished(stdout=out.text(), stderr=err.text())


def _frame_lines(on_frames: FrameWatch) -> LineWatch:
    def watch(line: str) -> None:
        if line.startswith("frame="):
            on_frames(int(line[6:].strip() or 0))

    return watch


def be_nice(more: int) -> None:
    """Add to the niceness (0 to 19) of this process and, where sessions are weighed against each other first, of its
    session: with Linux' autogroups (sched(7)) every child here, in a session of its own, would else get as much of the
    processor as we do, however nice it is.
    """
    level = os.nice(more)
    if level <= 0:
        return
    with suppress(OSError):
        group = os.open("/proc/self/autogroup", os.O_WRONLY)
        try:
            os.write(group, str(level).encode())
        finally:
            os.close(group)


def _confine(parent: int, memory_mb: int | None, niceness: int) -> None:
    """In the child, before exec: niceness, memory limit, no core files, death with the parent."""
    be_nice(niceness)
    if memory_mb is not None:
        size = memory_mb * 1024 * 1024
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard != resource.RLIM_INFINITY:
            size = min(size, hard)
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            # The parent died before the line above: no signal will come.
            os._exit(1)


def _thread(work: Callable[..., None], *args: object) -> threading.Thread:
    thread = threading.Thread(target=work, args=args, daemon=True)
    thread.start()
    return thread


def _feed(pipe: IO[bytes], text: str) -> None:
    # A child that ends without reading all of it says why by its exit code.
    with suppress(BrokenPipeError), pipe:
        pipe.write(text.encode())


def _pump(pipe: IO[bytes], watch: LineWatch) -> None:
    """Empty a pipe, line by line."""
    with pipe:
        for raw in iter(pipe.readline, b""):
            watch(raw.decode("utf-8", "replace").rstrip("\r\n"))
