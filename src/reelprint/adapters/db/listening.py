"""Waking whoever follows a job: one connection that listens to PostgreSQL for all of a process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import structlog
from psycopg import AsyncConnection, sql

from reelprint.adapters.db.database import PATIENCE
from reelprint.adapters.db.events import CHANNEL

_AGAIN_S = 0.5

log = structlog.get_logger(__name__)


class Listener:
    """Sets the events of those who wait for a job when something is told about it.

    A wake can be lost while the connection is down, and one can come for nothing: who waits looks for itself now and
    then. After a reconnect everybody is woken.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._task: asyncio.Task[None] | None = None
        self.closed = asyncio.Event()
        """Set when the process is about to end: long answers end then."""

    def start(self) -> None:
        """Listen from now on, in a task of the running loop."""
        self._task = asyncio.create_task(self._listen())

    def close(self) -> None:
        """Wake everybody for the last time."""
        self.closed.set()
        self._wake_all()

    async def stop(self) -> None:
        """Close, and end the connection."""
        self.close()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    @contextmanager
    def follow(self, job_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever there may be news about a job; who waits clears it."""
        event = asyncio.Event()
        self._waiting.setdefault(job_id, set()).add(event)
        try:
            yield event
        finally:
            followers = self._waiting[job_id]
            followers.discard(event)
            if not followers:
                del self._waiting[job_id]

    async def _listen(self) -> None:
        while True:
            try:
                async with await AsyncConnection.connect(
                    self._url, autocommit=True, application_name="reelprint events", **PATIENCE
                ) as connection:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    self._wake_all()
                    async for notice in connection.notifies():
                        for event in self._waiting.get(notice.payload, ()):
                            event.set()
            except (psycopg.Error, OSError) as error:
                log.warning("not listening for events, trying again", reason=str(error).strip())
            await asyncio.sleep(_AGAIN_S)

    def _wake_all(self) -> None:
        for followers in self._waiting.values():
            for event in followers:
                event.set()
