"""What attempts at clips jobs write into the row while they work, as long as the row is theirs (``mine``)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.events import storable
from reelprint.adapters.db.tables import JOBS
from reelprint.core.clips import CostAnalysis, StoredClip


async def add_clip(connection: AsyncConnection, clip: StoredClip, *mine: ColumnElement[bool]) -> bool:
    """List a clip in its place by rank. One that is listed stays as it is: its links are in clients' hands.
    False: the row is not the attempt's any more.
    """
    query = select(JOBS.c.clips_done).where(*mine).with_for_update()
    listed: list[dict[str, Any]] | None = (await connection.execute(query)).scalar_one_or_none()
    if listed is None:
        return False
    if any(other["pick"]["clip_id"] == clip.pick.clip_id for other in listed):
        return True
    listed = sorted([*listed, storable(clip.model_dump(mode="json"))], key=lambda other: other["pick"]["number"])
    now = func.clock_timestamp()
    await connection.execute(update(JOBS).where(*mine).values(clips_done=listed, heartbeat_at=now, updated_at=now))
    return True


async def set_cost(connection: AsyncConnection, cost: CostAnalysis, *mine: ColumnElement[bool]) -> bool:
    """Write down what the job has cost so far. False: the row is not the attempt's any more."""
    plain = storable(cost.model_dump(mode="json"))
    known = update(JOBS).where(*mine).values(cost=plain, heartbeat_at=func.clock_timestamp())
    return (await connection.execute(known)).rowcount == 1
