"""Queue entries. They are hints, made in the transaction of what they are about; the truth is in our own tables, and a
lost or doubled entry is put right by ``worker.upkeep`` and by the guarded updates of ``db.attempts``.
"""

from __future__ import annotations

from datetime import datetime

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.database import PATIENCE, driver

RUN_JOB, DELIVER_WEBHOOK, TIDY_JOB = "run_job", "deliver_webhook", "tidy_job"
JOBS_QUEUE, WEBHOOKS_QUEUE = "jobs", "webhooks"


class Queue:
    """Procrastinate on our database."""

    def __init__(self, url: str) -> None:
        self.app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=3, kwargs=dict(PATIENCE)))

    async def run_job(self, connection: AsyncConnection, job_id: str, *, before_others: bool = False) -> None:
        """Have a worker run a job; nothing happens when one is already asked to. ``before_others``: it has begun."""
        await self._defer(connection, RUN_JOB, JOBS_QUEUE, f"run {job_id}", None, job_id, priority=int(before_others))

    async def deliver(self, connection: AsyncConnection, delivery_id: str, at: datetime | None = None) -> None:
        """Have a worker deliver a webhook, not before ``at``; nothing happens when that is already arranged."""
        lock = f"deliver {delivery_id}" if at is None else f"deliver {delivery_id} later"
        await self._defer(connection, DELIVER_WEBHOOK, WEBHOOKS_QUEUE, lock, at, delivery_id)

    async def tidy(self, connection: AsyncConnection, job_id: str) -> None:
        """Have a worker remove what a job that has ended leaves in the storage."""
        await self._defer(connection, TIDY_JOB, WEBHOOKS_QUEUE, f"tidy {job_id}", None, job_id)

    async def _defer(
        self,
        connection: AsyncConnection,
        task: str,
        queue: str,
        lock: str,
        at: datetime | None,
        subject: str,
        priority: int = 0,
    ) -> None:
        raw = await driver(connection)
        deferrer = self.app.configure_task(
            task, queue=queue, queueing_lock=lock, schedule_at=at, priority=priority, connection=raw
        )
        try:
            async with connection.begin_nested():
                await deferrer.defer_async(subject=subject)
        except AlreadyEnqueued:
            return
