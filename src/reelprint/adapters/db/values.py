"""Single values that all machines share."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Float, Text, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.database import Database
from reelprint.adapters.db.tables import KEPT_VALUES


class Values:
    """The value table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_or_create(self, name: str, make: Callable[[], str]) -> str:
        """The value of a name; made once, by whoever comes first."""
        made = make()

        async def work(connection: AsyncConnection) -> str:
            await connection.execute(insert(KEPT_VALUES).values(name=name, value=made).on_conflict_do_nothing())
            query = select(KEPT_VALUES.c.value).where(KEPT_VALUES.c.name == name)
            return str((await connection.execute(query)).scalar_one())

        return await self._database.run(work)

    async def turn(self, name: str, every_s: float) -> bool:
        """Whether it is the caller's turn to do what one of all machines does every so often; then nobody else's is."""

        async def work(connection: AsyncConnection) -> bool:
            now = func.extract("epoch", func.clock_timestamp())
            mine = (
                insert(KEPT_VALUES)
                .values(name=f"turn {name}", value=cast(now, Text))
                .on_conflict_do_update(
                    index_elements=["name"],
                    set_={"value": cast(now, Text)},
                    where=cast(KEPT_VALUES.c.value, Float) < now - every_s,
                )
                .returning(KEPT_VALUES.c.name)
            )
            return (await connection.execute(mine)).first() is not None

        return await self._database.run(work)
