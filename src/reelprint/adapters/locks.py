"""Locks between processes of one machine: held on an open file, let go by the kernel when the holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from reelprint.core.progress import CancelToken

_POLL_S = 0.05


class FileLock:
    """A lock on a file of its own, which stays behind empty or with the last holder's process number."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def try_lock(self, *, shared: bool = False) -> bool:
        """Take it if nobody stands in the way. ``shared``: together with other shared holders."""
        if self._fd is not None:
            raise RuntimeError(f"{self.path.name} is held already")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        if not shared:
            os.ftruncate(fd, 0)
            os.write(fd, str(os.getpid()).encode())
        self._fd = fd
        return True

    def lock(self, wait_s: float, cancel: CancelToken, *, shared: bool = False) -> bool:
        """Take it within ``wait_s`` seconds; False when that did not work out. Raises Cancelled."""
        deadline = time.monotonic() + wait_s
        while not self.try_lock(shared=shared):
            cancel.check()
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_S)
        return True

    def holder(self) -> str:
        """Who holds it, for a message: a process number, or "another process"."""
        try:
            text = self.path.read_text().strip()
        except OSError:
            text = ""
        return f"process {text}" if text else "another process"

    @property
    def held(self) -> bool:
        """Whether we hold it."""
        return self._fd is not None

    def unlock(self) -> None:
        """Let go; nothing happens when it is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
