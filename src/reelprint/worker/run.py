"""``python -m reelprint.worker.run``: the child process of one attempt.

One RunSpec comes in on stdin (a line); one RunMessage a line goes out on stdout; logs go to stderr. It has the storage,
and no database. Exit codes are in ``worker.exits``. Standard library only: what is slow to import comes when signals
are answered and the standard output is guarded.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from types import FrameType

from reelprint.adapters.process import be_nice
from reelprint.core.progress import CancelToken
from reelprint.worker.exits import AGAIN, CANCELLED

_NICENESS = 10
#: Work that has not ended by itself this long after it was asked to is cut off; the kernel ends its encoders.
_GRACE_S = 0.7
_POLL_S = 0.05


class Outlet:
    """Writes lines to the standard output that this process was started with."""

    def __init__(self, descriptor: int, cancel: CancelToken) -> None:
        self._descriptor, self._cancel = descriptor, cancel

    def write(self, line: str) -> None:
        """Write one line. When nobody reads it, there is nobody to work for."""
        data = memoryview(f"{line}\n".encode())
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            self._cancel.cancel("nobody listens any more")


class Ending:
    """The exit code of the work once there is one, or when it was asked to stop and does not."""

    def __init__(self, cancel: CancelToken) -> None:
        self._cancel = cancel
        self._over = threading.Event()
        self._code = AGAIN

    def reached(self, code: int) -> None:
        """The work is over."""
        self._code = code
        self._over.set()

    def wait(self) -> int:
        """Return the exit code when the work is over, or has had its time to stop."""
        last_s: float | None = None
        while not self._over.wait(_POLL_S):
            now_s = time.monotonic()
            if self._cancel.cancelled and last_s is None:
                last_s = now_s + _GRACE_S
            if last_s is not None and now_s > last_s:
                return CANCELLED
        return self._code


def main() -> None:
    """Work in a thread, because the first thread answers signals; leave."""
    cancel = CancelToken()

    def stop(number: int, _frame: FrameType | None) -> None:
        cancel.cancel(f"stopped by {signal.Signals(number).name}")

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    # Whatever a library prints, to the file or to the descriptor, must not come between the messages.
    outlet = Outlet(os.dup(1), cancel)
    os.dup2(2, 1)
    be_nice(_NICENESS)
    ending = Ending(cancel)
    threading.Thread(target=_work, args=(outlet, cancel, ending), name="work", daemon=True).start()
    code = ending.wait()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    # At once: tearing down what libraries have built takes time, and its failures would change the exit code.
    os._exit(code)


def _work(outlet: Outlet, cancel: CancelToken, ending: Ending) -> None:
    code = AGAIN
    try:
        undertake = importlib.import_module("reelprint.worker.undertake").undertake
        code = undertake(sys.stdin.buffer.readline(), outlet.write, cancel)
    finally:
        ending.reached(code)


if __name__ == "__main__":
    main()
