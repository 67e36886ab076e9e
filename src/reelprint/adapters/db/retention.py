"""What is old enough to go. Nothing here touches a live job or what it reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.database import Database
from reelprint.core.jobs import LIVE

_UNUSED = (
    "v.uploaded_at < now() - make_interval(secs => :age_s) AND NOT EXISTS (SELECT 1 FROM jobs j "
    "WHERE (j.video_id = v.video_id OR j.template_video_id = v.video_id) "
    "AND (j.completed_at IS NULL OR j.completed_at > now() - make_interval(secs => :age_s)))"
)


@dataclass(frozen=True)
class Results:
    """Whether a job is ``live`` (queued or processing), and the storage keys of the results that its row names."""

    live: bool = False
    named: frozenset[str] = frozenset()


class Retention:
    """Deletes old rows and says which files go with them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def old_videos(self, days: float) -> list[tuple[str, str]]:
        """Delete rows of videos that are older and unused by live or recent jobs; return (video_id, storage key)."""
        age = {"age_s": days * 86_400}

        async def work(connection: AsyncConnection) -> list[tuple[str, str]]:
            # Locked first and judged again then: a job that is just being made holds its videos, and is seen after.
            found = await connection.execute(
                text(f"SELECT v.video_id FROM videos v WHERE {_UNUSED} FOR UPDATE SKIP LOCKED"), age
            )
            ids = [row.video_id for row in found.all()]
            gone = await connection.execute(
                text(f"DELETE FROM videos v WHERE v.video_id = ANY(:ids) AND {_UNUSED} RETURNING v.video_id, v.key"),
                age | {"ids": ids},
            )
            return [(row.video_id, row.key) for row in gone.all()]

        return await self._database.run(work)

    async def old_jobs(self, days: float) -> list[tuple[str, str]]:
        """Delete ended jobs that are older, with events, webhooks and idempotency answers; return (job_id, owner)."""
        return await self._gone(
            "DELETE FROM jobs WHERE status IN ('completed', 'failed', 'cancelled') "
            "AND completed_at < now() - make_interval(secs => :age_s) "
            "AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.job_id = jobs.job_id AND d.state = 'pending') "
            "RETURNING job_id, owner",
            days,
        )

    async def old_answers(self) -> None:
        """Forget idempotency answers after their 24 hours."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(text("DELETE FROM idempotency WHERE created_at < now() - interval '24 hours'"))

        await self._database.run(work)

    async def live_jobs(self, job_ids: list[str]) -> set[str]:
        """Those of the jobs that are queued or processing."""

        async def work(connection: AsyncConnection) -> set[str]:
            rows = await connection.execute(
                text("SELECT job_id FROM jobs WHERE job_id = ANY(:ids) AND status IN ('queued', 'processing')"),
                {"ids": job_ids},
            )
            return {row.job_id for row in rows.all()}

        return await self._database.run(work)

    async def results(self, job_ids: list[str]) -> dict[str, Results]:
        """What the rows of jobs say about their results; nothing for a job that is not there."""

        async def work(connection: AsyncConnection) -> dict[str, Results]:
            rows = await connection.execute(
                text("SELECT job_id, status, output, clips_done FROM jobs WHERE job_id = ANY(:ids)"), {"ids": job_ids}
            )
            return {row.job_id: _results(row) for row in rows.all()}

        return await self._database.run(work)

    async def _gone(self, statement: str, days: float) -> list[tuple[str, str]]:
        async def work(connection: AsyncConnection) -> list[tuple[str, str]]:
            rows = await connection.execute(text(statement), {"age_s": days * 86_400})
            return [(row[0], row[1]) for row in rows.all()]

        return await self._database.run(work)


def _results(row: Any) -> Results:
    texts = [*(row.output or {}).values(), *(text for clip in row.clips_done for text in clip.values())]
    named = frozenset(key for key in texts if isinstance(key, str) and key.startswith("outputs/"))
    return Results(row.status in LIVE, named)
