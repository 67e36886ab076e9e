"""The jobs as workers see them. Every change is fenced: it happens only while the row still belongs to the attempt."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, case, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.clips_made import add_clip, set_cost
from reelprint.adapters.db.database import Database
from reelprint.adapters.db.endings import end
from reelprint.adapters.db.events import storable, tell
from reelprint.adapters.db.rows import job_of
from reelprint.adapters.db.tables import JOBS, STAGE_TIMES
from reelprint.adapters.queue.hints import Queue
from reelprint.core.clips import CostAnalysis, StoredClip
from reelprint.core.job_logs import started_lines
from reelprint.core.jobs import Job, JobError, JobOutput, JobStatus
from reelprint.core.progress import Stage

#: A job is failed when this many workers were lost with it.
MOST_LOST_WORKERS = 3
#: Without a heartbeat for so long, the worker is taken for dead.
SILENCE_S = 6.0


class Attempts:
    """The job table, from the worker's side."""

    def __init__(self, database: Database, queue: Queue) -> None:
        self._database, self._queue = database, queue

    async def start(self, job_id: str, worker: str) -> Job | None:
        """Take a job that waits (queued, or without a worker since its last one was lost or handed it back); None when
        there is nothing to take.
        """
        taken_as: int | None = None

        async def work(connection: AsyncConnection) -> Job | None:
            nonlocal taken_as
            if taken_as is not None:
                # The commit went through and its answer was lost.
                mine = select(JOBS).where(*_mine(job_id, taken_as), JOBS.c.worker == worker)
                row = (await connection.execute(mine)).one_or_none()
                if row is not None:
                    return job_of(row)
            free = (JOBS.c.status == "queued") | ((JOBS.c.status == "processing") & JOBS.c.heartbeat_at.is_(None))
            taken = (
                update(JOBS)
                .where(JOBS.c.job_id == job_id, free)
                .values(
                    status="processing",
                    attempt=JOBS.c.attempt + 1,
                    worker=worker,
                    heartbeat_at=func.clock_timestamp(),
                    started_at=func.coalesce(JOBS.c.started_at, func.clock_timestamp()),
                    updated_at=func.clock_timestamp(),
                    progress_percent=func.greatest(JOBS.c.progress_percent, 1),
                    current_stage=func.coalesce(JOBS.c.current_stage, Stage.VIDEO_ANALYSIS.value),
                )
                .returning(JOBS)
            )
            row = (await connection.execute(taken)).one_or_none()
            if row is None:
                return None
            job = job_of(row)
            taken_as = job.attempt
            await tell(connection, job_id, _state(job))
            await tell(connection, job_id, _state(job), started_lines(job))
            return job

        return await self._database.run(work)

    async def beat(self, job_id: str, attempt: int) -> bool:
        """Say that the worker lives. False: the row is no longer this attempt's (cancelled, taken over)."""

        async def work(connection: AsyncConnection) -> bool:
            alive = update(JOBS).where(*_mine(job_id, attempt)).values(heartbeat_at=func.clock_timestamp())
            return (await connection.execute(alive)).rowcount == 1

        return await self._database.run(work, one_statement=True)

    async def advance(self, job_id: str, attempt: int, stage: Stage, percent: int) -> bool:
        """Move progress forward, never back; the stage goes along. False: fenced."""

        async def work(connection: AsyncConnection) -> bool:
            further = percent >= JOBS.c.progress_percent
            differs = further & (
                (JOBS.c.progress_percent != percent) | JOBS.c.current_stage.is_distinct_from(stage.value)
            )
            before = select(JOBS.c.progress_percent, JOBS.c.current_stage).where(*_mine(job_id, attempt))
            old = (await connection.execute(before.with_for_update())).one_or_none()
            if old is None:
                return False
            moved = (
                update(JOBS)
                .where(*_mine(job_id, attempt))
                .values(
                    progress_percent=func.greatest(JOBS.c.progress_percent, percent),
                    current_stage=case((further, stage.value), else_=JOBS.c.current_stage),
                    updated_at=case((differs, func.clock_timestamp()), else_=JOBS.c.updated_at),
                    heartbeat_at=func.clock_timestamp(),
                )
                .returning(JOBS.c.progress_percent, JOBS.c.current_stage)
            )
            row = (await connection.execute(moved)).one()
            if tuple(row) != tuple(old):
                await tell(
                    connection,
                    job_id,
                    {"status": "processing", "current_stage": row[1], "progress_percent": row[0]},
                )
            return True

        return await self._database.run(work)

    async def stored(
        self, job_id: str, attempt: int, stage: Stage, seconds: float, style: dict[str, Any] | None
    ) -> bool:
        """A stage's result is in storage. False: fenced."""

        async def work(connection: AsyncConnection) -> bool:
            values: dict[str, Any] = {"heartbeat_at": func.clock_timestamp()}
            if style is not None:
                values["style_json"] = style
            kept = await connection.execute(update(JOBS).where(*_mine(job_id, attempt)).values(**values))
            if kept.rowcount != 1:
                return False
            await connection.execute(insert(STAGE_TIMES).values(stage=stage.value, seconds=seconds))
            return True

        return await self._database.run(work)

    async def log(self, job_id: str, attempt: int, line: str) -> bool:
        """Add a log line to the job's events. False: fenced."""

        async def work(connection: AsyncConnection) -> bool:
            query = select(JOBS).where(*_mine(job_id, attempt)).with_for_update()
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                return False
            await tell(connection, job_id, _state(job_of(row)), [line])
            return True

        return await self._database.run(work)

    async def clip(self, job_id: str, attempt: int, clip: StoredClip) -> bool:
        """A clip's files are in storage: from now on it is listed, once, in order of rank. False: fenced."""
        return await self._database.run(lambda connection: add_clip(connection, clip, *_mine(job_id, attempt)))

    async def cost(self, job_id: str, attempt: int, cost: CostAnalysis) -> bool:
        """What the job has cost so far. False: fenced."""
        return await self._database.run(lambda connection: set_cost(connection, cost, *_mine(job_id, attempt)))

    async def complete(
        self, job_id: str, attempt: int, style: dict[str, Any] | None = None, output: JobOutput | None = None
    ) -> bool:
        """The end of a success; a clips job has neither style nor output. False: fenced, nothing changed."""
        plain = None if output is None else output.model_dump(mode="json")

        async def work(connection: AsyncConnection) -> bool:
            values: dict[str, Any] = {"progress_percent": 100, "style_json": style, "output": plain}
            if await end(connection, self._queue, job_id, "completed", *_mine(job_id, attempt), **values) is not None:
                return True
            same = JOBS.c.output.is_(None) if plain is None else JOBS.c.output == plain
            return await _is_so(connection, job_id, attempt, "completed", same)

        return await self._database.run(work)

    async def fail(self, job_id: str, attempt: int, error: JobError) -> bool:
        """The end of a failure. False: fenced, nothing changed."""
        plain = storable(error.model_dump(mode="json"))

        async def work(connection: AsyncConnection) -> bool:
            if await end(connection, self._queue, job_id, "failed", *_mine(job_id, attempt), error=plain) is not None:
                return True
            return await _is_so(connection, job_id, attempt, "failed", JOBS.c.error == plain)

        return await self._database.run(work)

    async def hand_back(self, job_id: str, attempt: int) -> bool:
        """Leave the job to the next worker, which goes on at the unfinished stage. No worker counts as lost."""

        async def work(connection: AsyncConnection) -> bool:
            # A new attempt number fences whatever of this attempt may still be on its way.
            freed = (
                update(JOBS)
                .where(*_mine(job_id, attempt))
                .values(heartbeat_at=None, worker=None, attempt=JOBS.c.attempt + 1)
            )
            if (await connection.execute(freed)).rowcount != 1:
                return False
            await self._queue.run_job(connection, job_id, before_others=True)
            return True

        return await self._database.run(work)

    async def lose(self, job_id: str, attempt: int, reason: str) -> bool:
        """A worker, or its child, is gone without a word: free the job for the next; fail it after the third."""

        async def work(connection: AsyncConnection) -> bool:
            return await self._lose(connection, job_id, reason, *_mine(job_id, attempt))

        return await self._database.run(work)

    async def find_lost(self) -> list[str]:
        """Free the jobs of workers that fell silent; return their ids."""
        silent = text(f"interval '{SILENCE_S} seconds'")

        async def work(connection: AsyncConnection) -> list[str]:
            is_silent = (JOBS.c.status == "processing") & (JOBS.c.heartbeat_at < func.clock_timestamp() - silent)
            # Skipping locked rows: another worker looks after those, or theirs is speaking just now.
            query = select(JOBS.c.job_id).where(is_silent).with_for_update(skip_locked=True)
            found = [row.job_id for row in (await connection.execute(query)).all()]
            for job_id in found:
                reason = f"worker lost: no sign of life for {SILENCE_S:.0f} s"
                await self._lose(connection, job_id, reason, JOBS.c.job_id == job_id, is_silent)
            return found

        return await self._database.run(work)

    async def hint_waiting(self) -> None:
        """Make the queue entries that waiting jobs should have and have not: a worker can die with an entry in hand."""

        async def work(connection: AsyncConnection) -> None:
            waits = (JOBS.c.status == "queued") | ((JOBS.c.status == "processing") & JOBS.c.heartbeat_at.is_(None))
            quiet = JOBS.c.updated_at < func.clock_timestamp() - text("interval '3 seconds'")
            hinted = text(
                "NOT EXISTS (SELECT 1 FROM procrastinate_jobs p WHERE p.status = 'todo' "
                "AND p.queueing_lock = 'run ' || jobs.job_id)"
            )
            columns = (JOBS.c.job_id, JOBS.c.status)
            query = select(*columns).where(waits, quiet, hinted).order_by(JOBS.c.created_at).limit(500)
            for row in (await connection.execute(query)).all():
                await self._queue.run_job(connection, row.job_id, before_others=row.status == "processing")

        await self._database.run(work)

    async def _lose(self, connection: AsyncConnection, job_id: str, reason: str, *guards: ColumnElement[bool]) -> bool:
        freed = (
            update(JOBS)
            .where(*guards)
            .values(
                heartbeat_at=None,
                worker=None,
                attempt=JOBS.c.attempt + 1,  # fences a worker that was only thought dead
                lost_workers=JOBS.c.lost_workers + 1,
            )
            .returning(JOBS)
        )
        row = (await connection.execute(freed)).one_or_none()
        if row is None:
            return False
        job = job_of(row)
        if job.lost_workers < MOST_LOST_WORKERS:
            await tell(connection, job_id, _state(job), [reason])
            await self._queue.run_job(connection, job_id, before_others=True)
            return True
        error = JobError(
            stage=job.current_stage, message=f"{job.lost_workers} workers were lost with this job; the last: {reason}"
        )
        await end(connection, self._queue, job_id, "failed", error=error.model_dump(mode="json"))
        return True


def _mine(job_id: str, attempt: int) -> tuple[ColumnElement[bool], ...]:
    return (JOBS.c.job_id == job_id, JOBS.c.attempt == attempt, JOBS.c.status == "processing")


async def _is_so(
    connection: AsyncConnection, job_id: str, attempt: int, status: JobStatus, *same: ColumnElement[bool]
) -> bool:
    """Whether this very ending has been written: the commit went through and its answer was lost."""
    query = select(JOBS.c.job_id).where(
        JOBS.c.job_id == job_id, JOBS.c.attempt == attempt, JOBS.c.status == status, *same
    )
    return (await connection.execute(query)).first() is not None


def _state(job: Job) -> dict[str, Any]:
    return {"status": job.status, "current_stage": job.current_stage, "progress_percent": job.progress_percent}
