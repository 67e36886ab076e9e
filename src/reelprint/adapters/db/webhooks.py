"""Webhook deliveries and their attempts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.database import Database
from reelprint.adapters.db.jobs import unknown_job
from reelprint.adapters.db.tables import DELIVERIES, DELIVERY_ATTEMPTS, JOBS
from reelprint.adapters.queue.hints import Queue
from reelprint.core.errors import Conflict
from reelprint.core.webhooks import Delivery, DeliveryState, WebhookAttempt

#: Longer than an attempt may take, so that one delivery is never sent by two workers at once.
_CLAIM_S = 30
_FIELDS = tuple(name for name in Delivery.model_fields if name != "attempts")


class Webhooks:
    """The delivery tables."""

    def __init__(self, database: Database, queue: Queue) -> None:
        self._database, self._queue = database, queue

    async def claim(self, delivery_id: str) -> Delivery | None:
        """Take a delivery that is due; None when it is done, not due yet, or with another worker."""

        async def work(connection: AsyncConnection) -> Delivery | None:
            free = DELIVERIES.c.claimed_until.is_(None) | (DELIVERIES.c.claimed_until < func.clock_timestamp())
            taken = (
                update(DELIVERIES)
                .where(
                    DELIVERIES.c.delivery_id == delivery_id,
                    DELIVERIES.c.state == "pending",
                    # Clocks of the queue and of this row are the same one, but a hint may come a breath early.
                    DELIVERIES.c.next_at <= func.clock_timestamp() + text("interval '1 second'"),
                    free,
                )
                .values(claimed_until=func.clock_timestamp() + text(f"interval '{_CLAIM_S} seconds'"))
                .returning(DELIVERIES)
            )
            row = (await connection.execute(taken)).one_or_none()
            return None if row is None else await _delivery_of(connection, row)

        return await self._database.run(work)

    async def record(
        self, delivery_id: str, attempt: WebhookAttempt, state: DeliveryState, next_at: datetime | None
    ) -> None:
        """Store what came of an attempt; with ``next_at`` (by the clock of this machine) the next one is arranged.

        A delivery that was taken from a worker that came too late stays as it is.
        """
        gap_s = None if next_at is None else max(0.0, (next_at - datetime.now(UTC)).total_seconds())

        async def work(connection: AsyncConnection) -> None:
            known = select(DELIVERY_ATTEMPTS.c.number).where(
                DELIVERY_ATTEMPTS.c.delivery_id == delivery_id, DELIVERY_ATTEMPTS.c.number == attempt.number
            )
            if (await connection.execute(known)).first() is None:
                values = attempt.model_dump() | {"delivery_id": delivery_id}
                await connection.execute(insert(DELIVERY_ATTEMPTS).values(**values))
            # By the clock of the database, by which it is also judged whether a delivery is due.
            due = None if gap_s is None else func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, gap_s)
            changed = (
                update(DELIVERIES)
                .where(DELIVERIES.c.delivery_id == delivery_id, DELIVERIES.c.state == "pending")
                .values(state=state, next_at=due, claimed_until=None)
                .returning(DELIVERIES.c.next_at)
            )
            row = (await connection.execute(changed)).one_or_none()
            if row is not None and row.next_at is not None:
                await self._queue.deliver(connection, delivery_id, row.next_at)

        await self._database.run(work)

    async def of_job(self, owner: str, job_id: str) -> Delivery | None:
        """The delivery of a job with its attempts, None when there is none (yet). Raises NotFound."""

        async def work(connection: AsyncConnection) -> Delivery | None:
            await _check_job(connection, owner, job_id)
            row = (await connection.execute(select(DELIVERIES).where(DELIVERIES.c.job_id == job_id))).one_or_none()
            return None if row is None else await _delivery_of(connection, row)

        return await self._database.run(work)

    async def redeliver(self, owner: str, job_id: str) -> Delivery:
        """Make the delivery due now, under the same id. Raises NotFound, Conflict (the job has not ended, or asked for
        no webhook, or an attempt is under way).
        """

        async def work(connection: AsyncConnection) -> Delivery:
            await _check_job(connection, owner, job_id)
            free = DELIVERIES.c.claimed_until.is_(None) | (DELIVERIES.c.claimed_until < func.clock_timestamp())
            again = (
                update(DELIVERIES)
                .where(DELIVERIES.c.job_id == job_id, free)
                .values(state="pending", next_at=func.clock_timestamp(), claimed_until=None)
                .returning(DELIVERIES)
            )
            row = (await connection.execute(again)).one_or_none()
            if row is None:
                query = select(DELIVERIES.c.delivery_id).where(DELIVERIES.c.job_id == job_id)
                if (await connection.execute(query)).first() is None:
                    raise Conflict("this job has no webhook to send", code="NO_WEBHOOK", detail=job_id)
                raise Conflict("the webhook is being sent just now", code="WEBHOOK_BUSY", detail=job_id)
            await self._queue.deliver(connection, row.delivery_id)
            return await _delivery_of(connection, row)

        return await self._database.run(work)

    async def hint_due(self) -> None:
        """Make the queue entries that overdue deliveries should have and have not."""

        async def work(connection: AsyncConnection) -> None:
            late = func.clock_timestamp() - text("interval '5 seconds'")
            free = DELIVERIES.c.claimed_until.is_(None) | (DELIVERIES.c.claimed_until < func.clock_timestamp())
            query = (
                select(DELIVERIES.c.delivery_id)
                .where(DELIVERIES.c.state == "pending", DELIVERIES.c.next_at < late, free)
                .limit(500)
            )
            for row in (await connection.execute(query)).all():
                await self._queue.deliver(connection, row.delivery_id)

        await self._database.run(work)


async def _check_job(connection: AsyncConnection, owner: str, job_id: str) -> None:
    query = select(JOBS.c.job_id).where(JOBS.c.job_id == job_id, JOBS.c.owner == owner)
    if (await connection.execute(query)).first() is None:
        raise unknown_job(job_id)


async def _delivery_of(connection: AsyncConnection, row: Any) -> Delivery:
    query = (
        select(DELIVERY_ATTEMPTS)
        .where(DELIVERY_ATTEMPTS.c.delivery_id == row.delivery_id)
        .order_by(DELIVERY_ATTEMPTS.c.number)
    )
    attempts = tuple(
        WebhookAttempt(
            number=item.number,
            at=item.at,
            status_code=item.status_code,
            error=item.error,
            duration_ms=item.duration_ms,
        )
        for item in (await connection.execute(query)).all()
    )
    values = row._mapping
    return Delivery.model_validate({name: values[name] for name in _FIELDS} | {"attempts": attempts})
