"""The story of a job: every change of status, stage and progress, and log lines, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.database import Database
from reelprint.adapters.db.tables import EVENTS

CHANNEL = "reelprint_events"


@dataclass(frozen=True)
class Event:
    """``data``: ``status``, ``current_stage``, ``progress_percent``, and maybe ``log`` (lines) and ``error``."""

    id: int
    at: datetime
    data: dict[str, Any]


async def tell(connection: AsyncConnection, job_id: str, state: dict[str, Any], lines: Sequence[str] = ()) -> None:
    """Add an event, with log lines perhaps, and wake whoever follows the job. Call it only while the job's row is
    locked by this transaction: that makes the ids of one job increase in the order in which they become visible.
    """
    data = state | {"log": storable(list(lines))} if lines else state
    await connection.execute(insert(EVENTS).values(job_id=job_id, data=data))
    await connection.execute(text("SELECT pg_notify(:channel, :job)"), {"channel": CHANNEL, "job": job_id})


def storable(value: Any) -> Any:
    """The same without the one character that PostgreSQL's JSON does not take: texts come from films and strangers."""
    match value:
        case str():
            return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
        case dict():
            return {storable(name): storable(inner) for name, inner in value.items()}
        case list():
            return [storable(inner) for inner in value]
        case _:
            return value


class Events:
    """Reading events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def after(self, job_id: str, last_id: int, limit: int = 500) -> list[Event]:
        """The events of a job with ids greater than ``last_id``, oldest first."""
        query = (
            select(EVENTS.c.id, EVENTS.c.at, EVENTS.c.data)
            .where(EVENTS.c.job_id == job_id, EVENTS.c.id > last_id)
            .order_by(EVENTS.c.id)
            .limit(limit)
        )

        async def read(connection: AsyncConnection) -> list[Event]:
            rows = (await connection.execute(query)).all()
            return [Event(row.id, row.at, row.data) for row in rows]

        return await self._database.run(read, one_statement=True)
