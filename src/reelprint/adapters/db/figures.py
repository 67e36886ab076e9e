"""Counts for /metrics and /health."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.database import Database

#: Upper bounds of the stage duration histogram, seconds.
STAGE_BUCKETS_S = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)


@dataclass(frozen=True)
class Snapshot:
    """``stages``: per stage (counts up to each bucket bound, seconds in all, how many)."""

    jobs: dict[tuple[str, str], int]
    stages: dict[str, tuple[list[int], float, int]]
    webhook_attempts: dict[str, int]
    queue_depth: int
    oldest_queued_s: float


class Figures:
    """Reads the counts of all processes' work; they live in the database, so any API process can tell them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def snapshot(self) -> Snapshot:
        """Count everything now."""
        return await self._database.run(self._snapshot)

    @staticmethod
    async def _snapshot(connection: AsyncConnection) -> Snapshot:
        jobs = await connection.execute(text("SELECT kind, status, count(*) AS n FROM jobs GROUP BY kind, status"))
        bounds = ", ".join(f"count(*) FILTER (WHERE seconds <= {bound})" for bound in STAGE_BUCKETS_S)
        stages = await connection.execute(
            text(
                f"SELECT stage, array[{bounds}] AS upto, sum(seconds) AS total, count(*) AS n "
                "FROM stage_times GROUP BY stage"
            )
        )
        attempts = await connection.execute(
            text(
                "SELECT CASE WHEN status_code BETWEEN 200 AND 299 THEN 'delivered' WHEN status_code IS NULL "
                "THEN 'unreachable' ELSE 'refused' END AS outcome, count(*) AS n FROM delivery_attempts GROUP BY 1"
            )
        )
        queue = await connection.execute(
            text(
                "SELECT count(*) AS n, coalesce(extract(epoch FROM now() - min(created_at)), 0) AS oldest_s "
                "FROM jobs WHERE status = 'queued'"
            )
        )
        waiting = queue.one()
        return Snapshot(
            jobs={(row.kind, row.status): row.n for row in jobs.all()},
            stages={row.stage: (list(row.upto), float(row.total), row.n) for row in stages.all()},
            webhook_attempts={row.outcome: row.n for row in attempts.all()},
            queue_depth=waiting.n,
            oldest_queued_s=float(waiting.oldest_s),
        )
