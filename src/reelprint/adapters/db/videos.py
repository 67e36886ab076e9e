"""Uploaded videos."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.database import Database
from reelprint.adapters.db.tables import JOBS, VIDEOS
from reelprint.core.errors import Conflict, NotFound
from reelprint.core.jobs import LIVE
from reelprint.core.videos import Video

_FIELDS = tuple(Video.model_fields)


class Videos:
    """The video table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, video: Video) -> None:
        """Store a video; the same id again changes nothing."""

        async def work(connection: AsyncConnection) -> None:
            values = video.model_dump(mode="json") | {"uploaded_at": video.uploaded_at}
            await connection.execute(insert(VIDEOS).values(**values).on_conflict_do_nothing())

        await self._database.run(work)

    async def get(self, owner: str, video_id: str) -> Video:
        """Raises NotFound (VIDEO_NOT_FOUND), also for another owner's."""

        async def work(connection: AsyncConnection) -> Video | None:
            query = select(VIDEOS).where(VIDEOS.c.video_id == video_id, VIDEOS.c.owner == owner)
            row = (await connection.execute(query)).one_or_none()
            return None if row is None else _video_of(row)

        found = await self._database.run(work, one_statement=True)
        if found is None:
            raise unknown_video(video_id)
        return found

    async def page(self, owner: str, number: int, size: int) -> tuple[list[Video], int]:
        """One page, newest first, and how many there are in all."""

        async def work(connection: AsyncConnection) -> tuple[list[Video], int]:
            mine = VIDEOS.c.owner == owner
            total = await connection.execute(select(func.count()).select_from(VIDEOS).where(mine))
            query = (
                select(VIDEOS)
                .where(mine)
                .order_by(VIDEOS.c.uploaded_at.desc(), VIDEOS.c.video_id.desc())
                .limit(size)
                .offset((number - 1) * size)
            )
            rows = (await connection.execute(query)).all()
            return [_video_of(row) for row in rows], total.scalar_one()

        return await self._database.run(work)

    async def delete(self, owner: str, video_id: str) -> Video:
        """Take the row away and return it; the bytes are the caller's to delete. Raises NotFound, Conflict
        (VIDEO_IN_USE: a live job reads it).
        """

        async def work(connection: AsyncConnection) -> Video | None:
            mine = (VIDEOS.c.video_id == video_id) & (VIDEOS.c.owner == owner)
            # The lock is what a job that is just being made holds too: it is either seen here, or finds no video.
            row = (await connection.execute(select(VIDEOS).where(mine).with_for_update())).one_or_none()
            if row is None:
                return None
            users = (JOBS.c.video_id == video_id) | (JOBS.c.template_video_id == video_id)
            live = select(JOBS.c.job_id).where(JOBS.c.status.in_(LIVE), users).limit(1)
            if (user := (await connection.execute(live)).scalar_one_or_none()) is not None:
                raise Conflict(f"{user} reads this video; cancel it first", code="VIDEO_IN_USE", detail=user)
            await connection.execute(delete(VIDEOS).where(mine))
            return _video_of(row)

        found = await self._database.run(work)
        if found is None:
            raise unknown_video(video_id)
        return found

    async def known_keys(self, keys: list[str]) -> set[str]:
        """Those of the storage keys that belong to a video."""

        async def work(connection: AsyncConnection) -> set[str]:
            rows = await connection.execute(text("SELECT key FROM videos WHERE key = ANY(:keys)"), {"keys": keys})
            return {row.key for row in rows.all()}

        return await self._database.run(work)


def unknown_video(video_id: str) -> NotFound:
    """The answer for an unknown id and for another owner's."""
    return NotFound("there is no such video", code="VIDEO_NOT_FOUND", detail=video_id[:80])


def _video_of(row: Any) -> Video:
    values = row._mapping
    return Video.model_validate({name: values[name] for name in _FIELDS})
