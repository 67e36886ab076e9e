"""Requests per minute, by token bucket: one for each key, in this process only.

Several API processes give a key as many times its rate; what is to be protected is each process.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from reelprint.core.errors import RateLimited

#: A rate that is small may still be used up at once.
_LEAST_BURST = 20.0
_MOST_BUCKETS = 10_000


class Rates:
    """Token buckets by owner. ``per_minute`` 0 is no limit."""

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_minute / 60
        self._burst = max(per_minute / 6, min(_LEAST_BURST, per_minute))
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, owner: str) -> None:
        """Count a request. Raises RateLimited."""
        if self._per_s == 0:
            return
        now = self._clock()
        tokens, then = self._buckets.get(owner, (self._burst, now))
        tokens = min(self._burst, tokens + (now - then) * self._per_s)
        if tokens < 1:
            self._buckets[owner] = (tokens, now)
            wait_s = (1 - tokens) / self._per_s
            raise RateLimited("too many requests; slow down", retry_after_s=wait_s, detail="rate")
        self._buckets[owner] = (tokens - 1, now)
        if len(self._buckets) > _MOST_BUCKETS:
            self._forget(now)

    def _forget(self, now: float) -> None:
        full_after_s = self._burst / self._per_s
        self._buckets = {name: kept for name, kept in self._buckets.items() if now - kept[1] < full_after_s}
