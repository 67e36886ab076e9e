"""The one way a job ends: guarded, once, with its event and its webhook in the same transaction."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import ColumnElement, func, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.events import tell
from reelprint.adapters.db.rows import job_of
from reelprint.adapters.db.secrets import forget_gemini_key
from reelprint.adapters.db.tables import DELIVERIES, JOBS
from reelprint.adapters.queue.hints import Queue
from reelprint.core.job_logs import ended_lines
from reelprint.core.jobs import LIVE, Job, JobStatus
from reelprint.core.webhooks import payload_of


async def end(
    connection: AsyncConnection,
    queue: Queue,
    job_id: str,
    status: JobStatus,
    *guards: ColumnElement[bool],
    **values: Any,
) -> Job | None:
    """Move a live job to a terminal status if ``guards`` hold, and return it; else change nothing and return None."""
    done = (
        update(JOBS)
        .where(JOBS.c.job_id == job_id, JOBS.c.status.in_(LIVE), *guards)
        .values(
            status=status,
            completed_at=func.statement_timestamp(),
            updated_at=func.statement_timestamp(),
            heartbeat_at=None,
            current_stage=None,
            **values,
        )
        .returning(JOBS)
    )
    row = (await connection.execute(done)).one_or_none()
    if row is None:
        return None
    job = job_of(row)
    data = {
        "status": job.status,
        "current_stage": job.current_stage,
        "progress_percent": job.progress_percent,
        "error": job.error.model_dump(mode="json") if job.error else None,
    }
    await tell(connection, job_id, data, ended_lines(job))
    await forget_gemini_key(connection, job_id)
    await queue.tidy(connection, job_id)
    if job.webhook_url is not None:
        delivery_id = f"msg_{secrets.token_hex(12)}"
        await connection.execute(
            insert(DELIVERIES).values(
                delivery_id=delivery_id,
                job_id=job_id,
                owner=job.owner,
                url=job.webhook_url,
                payload=payload_of(job),
                next_at=func.now(),
            )
        )
        await queue.deliver(connection, delivery_id)
    return job
