"""Saved styles."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.database import Database
from reelprint.adapters.db.tables import STYLES
from reelprint.core.errors import NotFound
from reelprint.core.saved import SavedStyle

_FIELDS = tuple(SavedStyle.model_fields)


class Styles:
    """The style table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, style: SavedStyle) -> None:
        """Store a style; the same id again changes nothing."""

        async def work(connection: AsyncConnection) -> None:
            values = style.model_dump(mode="json") | {"created_at": style.created_at}
            await connection.execute(insert(STYLES).values(**values).on_conflict_do_nothing())

        await self._database.run(work)

    async def get(self, owner: str, style_id: str) -> SavedStyle:
        """Raises NotFound (STYLE_NOT_FOUND), also for another owner's."""

        async def work(connection: AsyncConnection) -> SavedStyle | None:
            query = select(STYLES).where(STYLES.c.style_id == style_id, STYLES.c.owner == owner)
            row = (await connection.execute(query)).one_or_none()
            return None if row is None else _style_of(row)

        found = await self._database.run(work, one_statement=True)
        if found is None:
            raise unknown_style(style_id)
        return found

    async def page(self, owner: str, number: int, size: int) -> tuple[list[SavedStyle], int]:
        """One page, newest first, and how many there are in all."""

        async def work(connection: AsyncConnection) -> tuple[list[SavedStyle], int]:
            mine = STYLES.c.owner == owner
            total = await connection.execute(select(func.count()).select_from(STYLES).where(mine))
            query = (
                select(STYLES)
                .where(mine)
                .order_by(STYLES.c.created_at.desc(), STYLES.c.style_id.desc())
                .limit(size)
                .offset((number - 1) * size)
            )
            rows = (await connection.execute(query)).all()
            return [_style_of(row) for row in rows], total.scalar_one()

        return await self._database.run(work)

    async def delete(self, owner: str, style_id: str) -> None:
        """Raises NotFound."""

        async def work(connection: AsyncConnection) -> int:
            gone = delete(STYLES).where(STYLES.c.style_id == style_id, STYLES.c.owner == owner)
            return (await connection.execute(gone)).rowcount

        if await self._database.run(work) == 0:
            raise unknown_style(style_id)


def unknown_style(style_id: str) -> NotFound:
    """The answer for an unknown id and for another owner's."""
    return NotFound("there is no such style", code="STYLE_NOT_FOUND", detail=style_id[:80])


def _style_of(row: Any) -> SavedStyle:
    values = row._mapping
    return SavedStyle.model_validate({name: values[name] for name in _FIELDS})
