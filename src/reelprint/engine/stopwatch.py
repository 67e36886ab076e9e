"""Where the time goes: seconds per step, added up over threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Adds up wall seconds by the name of the step. Steps that run side by side add up to more than the clock."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._lock = threading.Lock()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a block of work."""
        start = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - start
            with self._lock:
                self._seconds[name] = self._seconds.get(name, 0.0) + took

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds per step so far, in the order of their first end."""
        with self._lock:
            return dict(self._seconds)
