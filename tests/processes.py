"""Small programs to run as children, and looking after processes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path


def python(code: str, *args: object) -> list[str]:
    """A Python program as an argument list."""
    return [sys.executable, "-c", code, *map(str, args)]


def until(true: Callable[[], object], within_s: float = 20.0) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


def lives(pid: int) -> bool:
    """Whether a process is there (a zombie that nobody has read yet has ended)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pid: int, within_s: float = 5.0) -> bool:
    """Whether a process ends in time."""
    return until(lambda: not lives(pid), within_s)


def pid_in(path: Path, within_s: float = 20.0) -> int:
    """The process number in a file, as soon as it is there."""
    assert until(lambda: path.exists() and path.read_text().strip(), within_s), f"{path} was never written"
    return int(path.read_text())
