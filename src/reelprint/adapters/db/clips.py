"""What polling clients of clips jobs see, in one statement: so status, log and clips are of one moment."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.database import Database
from reelprint.adapters.db.jobs import unknown_job
from reelprint.adapters.db.tables import JOBS
from reelprint.core.clips import CostAnalysis, StoredClip
from reelprint.core.jobs import JobStatus

_LOGS = literal_column(
    "(SELECT coalesce(jsonb_agg(line ORDER BY e.id, place), '[]') FROM events e, "
    "jsonb_array_elements_text(e.data->'log') WITH ORDINALITY AS told (line, place) "
    "WHERE e.job_id = jobs.job_id)",
    JSONB,
).label("logs")


@dataclass(frozen=True)
class ClipsState:
    """Where a clips job stands."""

    status: JobStatus
    logs: tuple[str, ...]
    clips: tuple[StoredClip, ...]
    cost: CostAnalysis | None


class Clips:
    """The job table, for those who ask for clips."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def state(self, owner: str, job_id: str) -> ClipsState:
        """Raises NotFound (JOB_NOT_FOUND), also for a job of the other kind."""
        query = select(JOBS.c.status, JOBS.c.clips_done, JOBS.c.cost, _LOGS).where(*_mine(owner, job_id))

        async def work(connection: AsyncConnection) -> ClipsState | None:
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                return None
            cost = None if row.cost is None else CostAnalysis.model_validate(row.cost)
            return ClipsState(row.status, tuple(row.logs), _clips(row.clips_done), cost)

        found = await self._database.run(work, one_statement=True)
        if found is None:
            raise unknown_job(job_id)
        return found

    async def done(self, owner: str, job_id: str) -> tuple[StoredClip, ...]:
        """The clips that are there. Raises NotFound (JOB_NOT_FOUND)."""
        query = select(JOBS.c.clips_done).where(*_mine(owner, job_id))

        async def work(connection: AsyncConnection) -> tuple[StoredClip, ...] | None:
            row = (await connection.execute(query)).one_or_none()
            return None if row is None else _clips(row.clips_done)

        found = await self._database.run(work, one_statement=True)
        if found is None:
            raise unknown_job(job_id)
        return found


def _mine(owner: str, job_id: str) -> tuple[ColumnElement[bool], ...]:
    return JOBS.c.job_id == job_id, JOBS.c.owner == owner, JOBS.c.kind == "clips"


def _clips(plain: list[object]) -> tuple[StoredClip, ...]:
    return tuple(StoredClip.model_validate(item) for item in plain)
