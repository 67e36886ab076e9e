"""Which workers live."""

from __future__ import annotations

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.attempts import SILENCE_S
from reelprint.adapters.db.database import Database
from reelprint.adapters.db.tables import WORKERS


class Workers:
    """The worker table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seen(self, worker: str) -> None:
        """Say that a worker lives; forget those that have been silent for an hour."""

        async def work(connection: AsyncConnection) -> None:
            alive = insert(WORKERS).values(worker=worker)
            await connection.execute(
                alive.on_conflict_do_update(index_elements=["worker"], set_={"seen_at": func.clock_timestamp()})
            )
            old = func.clock_timestamp() - text("interval '1 hour'")
            await connection.execute(delete(WORKERS).where(WORKERS.c.seen_at < old))

        await self._database.run(work)

    async def left(self, worker: str) -> None:
        """A worker has ended in order."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(WORKERS).where(WORKERS.c.worker == worker))

        await self._database.run(work)

    async def alive(self) -> int:
        """How many workers were heard of in the last seconds."""

        async def work(connection: AsyncConnection) -> int:
            recent = func.clock_timestamp() - text(f"interval '{SILENCE_S} seconds'")
            query = select(func.count()).select_from(WORKERS).where(WORKERS.c.seen_at > recent)
            return int((await connection.execute(query)).scalar_one())

        return await self._database.run(work, one_statement=True)
