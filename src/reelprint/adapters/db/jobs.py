"""The jobs as clients see them: create, look, list, cancel."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.database import Database
from reelprint.adapters.db.endings import end
from reelprint.adapters.db.events import tell
from reelprint.adapters.db.rows import VIEW_COLUMNS, job_of, view_of
from reelprint.adapters.db.secrets import JobSecrets, keep_secrets
from reelprint.adapters.db.tables import IDEMPOTENCY, JOBS, VIDEOS
from reelprint.adapters.db.videos import unknown_video
from reelprint.adapters.queue.hints import Queue
from reelprint.core.errors import Conflict, NotFound, RateLimited, ServiceError
from reelprint.core.job_logs import queued_lines
from reelprint.core.jobs import Job, JobKind, JobStatus, JobView

#: Seconds after which a client whose queue is full may ask again.
_QUEUE_FULL_RETRY_S = 30.0


@dataclass(frozen=True)
class Repeat:
    """An ``Idempotency-Key`` and the SHA-256 of the body that came with it."""

    key: str
    body_sha256: str


class Jobs:
    """The job table, from the client's side."""

    def __init__(self, database: Database, queue: Queue) -> None:
        self._database, self._queue = database, queue

    async def create(
        self, job: Job, *, max_queued: int, repeat: Repeat | None = None, secrets: JobSecrets | None = None
    ) -> JobView:
        """Store a queued job together with its queue entry and first event, or return the first answer of a repeated
        request. Raises RateLimited (``max_queued`` jobs of the owner wait already), Conflict (IDEMPOTENCY_CONFLICT: the
        first request still runs), ServiceError 422 (IDEMPOTENCY_KEY_REUSED: other body), NotFound (a video of the job
        is gone).
        """

        async def work(connection: AsyncConnection) -> JobView:
            if repeat is not None:
                first = await _first_answer(connection, job.owner, repeat)
                if first is not None:
                    return first
            again = await self._view(connection, JOBS.c.job_id == job.job_id)
            if again is not None:
                return again  # our own commit went through before the connection broke
            waiting = select(func.count()).select_from(JOBS).where(JOBS.c.owner == job.owner, JOBS.c.status == "queued")
            if (await connection.execute(waiting)).scalar_one() >= max_queued:
                raise RateLimited(
                    f"{max_queued} of your jobs wait already; try again when some are done",
                    retry_after_s=_QUEUE_FULL_RETRY_S,
                    detail="queue",
                )
            await _hold_videos(connection, job)
            values = job.model_dump(
                mode="json", exclude={"created_at", "updated_at", "started_at", "completed_at", "attempt"}
            )
            await connection.execute(insert(JOBS).values(**values))
            if secrets is not None:
                await keep_secrets(connection, job.job_id, secrets)
            state = {"status": "queued", "current_stage": None, "progress_percent": 0}
            await tell(connection, job.job_id, state, queued_lines(job))
            await self._queue.run_job(connection, job.job_id)
            view = await self._view(connection, JOBS.c.job_id == job.job_id)
            assert view is not None  # inserted above, in this transaction
            if repeat is not None:
                await _keep_answer(connection, job.owner, repeat, view)
            return view

        return await self._database.run(work)

    async def first_answer(self, owner: str, repeat: Repeat) -> JobView | None:
        """What the first request with this Idempotency-Key was answered. Raises Conflict and ServiceError."""
        return await self._database.run(lambda connection: _first_answer(connection, owner, repeat))

    async def view(self, owner: str, job_id: str) -> JobView:
        """Raises NotFound (JOB_NOT_FOUND)."""

        async def work(connection: AsyncConnection) -> JobView | None:
            return await self._view(connection, JOBS.c.job_id == job_id, JOBS.c.owner == owner)

        found = await self._database.run(work, one_statement=True)
        if found is None:
            raise unknown_job(job_id)
        return found

    async def get(self, owner: str, job_id: str) -> Job:
        """The whole job. Raises NotFound (JOB_NOT_FOUND)."""

        async def work(connection: AsyncConnection) -> Job | None:
            query = select(JOBS).where(JOBS.c.job_id == job_id, JOBS.c.owner == owner)
            row = (await connection.execute(query)).one_or_none()
            return None if row is None else job_of(row)

        found = await self._database.run(work, one_statement=True)
        if found is None:
            raise unknown_job(job_id)
        return found

    async def page(
        self, owner: str, number: int, size: int, status: JobStatus | None = None, kind: JobKind | None = None
    ) -> tuple[list[JobView], int]:
        """One page, newest first, and how many there are in all."""
        where = [JOBS.c.owner == owner]
        if status is not None:
            where.append(JOBS.c.status == status)
        if kind is not None:
            where.append(JOBS.c.kind == kind)

        async def work(connection: AsyncConnection) -> tuple[list[JobView], int]:
            total = await connection.execute(select(func.count()).select_from(JOBS).where(*where))
            query = (
                select(*VIEW_COLUMNS)
                .where(*where)
                .order_by(JOBS.c.created_at.desc(), JOBS.c.job_id.desc())
                .limit(size)
                .offset((number - 1) * size)
            )
            rows = (await connection.execute(query)).all()
            return [view_of(row) for row in rows], total.scalar_one()

        return await self._database.run(work)

    async def cancel(self, owner: str, job_id: str) -> JobView:
        """Cancel at once; a worker that runs the job finds itself fenced and ends its processes.

        Raises NotFound, Conflict (JOB_ALREADY_TERMINAL).
        """
        ended = False

        async def work(connection: AsyncConnection) -> JobView:
            nonlocal ended
            job = await end(connection, self._queue, job_id, "cancelled", JOBS.c.owner == owner)
            if job is not None:
                ended = True
                return job.view
            found = await self._view(connection, JOBS.c.job_id == job_id, JOBS.c.owner == owner)
            if found is None:
                raise unknown_job(job_id)
            if ended and found.status == "cancelled":
                return found  # the commit went through and its answer was lost
            raise Conflict(f"the job is {found.status} already", code="JOB_ALREADY_TERMINAL", detail=found.status)

        return await self._database.run(work)

    @staticmethod
    async def _view(connection: AsyncConnection, *where: ColumnElement[bool]) -> JobView | None:
        row = (await connection.execute(select(*VIEW_COLUMNS).where(*where))).one_or_none()
        return None if row is None else view_of(row)


def unknown_job(job_id: str) -> NotFound:
    """The answer for an unknown id and for another owner's."""
    return NotFound("there is no such job", code="JOB_NOT_FOUND", detail=job_id[:80])


async def _hold_videos(connection: AsyncConnection, job: Job) -> None:
    """Keep the job's videos from being deleted before the job is there to protect them."""
    for video_id in (job.video_id, job.template_video_id):
        if video_id is not None:
            mine = (VIDEOS.c.video_id == video_id) & (VIDEOS.c.owner == job.owner)
            held = await connection.execute(select(VIDEOS.c.video_id).where(mine).with_for_update(read=True))
            if held.one_or_none() is None:
                raise unknown_video(video_id)


async def _first_answer(connection: AsyncConnection, owner: str, repeat: Repeat) -> JobView | None:
    # Held until the end of the transaction: a second request that comes meanwhile is told so at once, and nothing is
    # left behind when the process dies in the middle.
    name = hashlib.sha256(f"{owner}\0{repeat.key}".encode()).digest()
    number = int.from_bytes(name[:8], "big", signed=True)
    locked = await connection.execute(text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": number})
    if not locked.scalar_one():
        raise Conflict("the first request with this Idempotency-Key is still running", code="IDEMPOTENCY_CONFLICT")
    mine = (IDEMPOTENCY.c.owner == owner) & (IDEMPOTENCY.c.key == repeat.key)
    old = IDEMPOTENCY.c.created_at < func.now() - text("interval '24 hours'")
    await connection.execute(delete(IDEMPOTENCY).where(mine, old))
    row = (await connection.execute(select(IDEMPOTENCY).where(mine))).one_or_none()
    if row is None:
        return None
    if row.body_sha256 != repeat.body_sha256:
        error = ServiceError("this Idempotency-Key came with another body before", code="IDEMPOTENCY_KEY_REUSED")
        error.status = 422
        raise error
    return JobView.model_validate(row.answer)


async def _keep_answer(connection: AsyncConnection, owner: str, repeat: Repeat, view: JobView) -> None:
    answer: dict[str, Any] = view.model_dump(mode="json")
    await connection.execute(
        upsert(IDEMPOTENCY)
        .values(owner=owner, key=repeat.key, body_sha256=repeat.body_sha256, job_id=view.job_id, answer=answer)
        .on_conflict_do_nothing()
    )
