"""Whether this server can take work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import APIRouter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from reelprint import __version__
from reelprint.api import examples
from reelprint.api.answers import success
from reelprint.api.docs import reply
from reelprint.api.errors import NotReady
from reelprint.api.schemas import Health, Success
from reelprint.api.service import service_of
from reelprint.bootstrap.service import Service
from reelprint.core.errors import Unavailable

#: How long one part may take to answer.
_LIMIT_S = 3.0
#: Anybody may ask, without a key: a good answer holds for this long.
_HOLDS_S = 1.0

router = APIRouter(tags=["service"])
log = structlog.get_logger(__name__)


@router.head("/health", include_in_schema=False, name="get_health_head")
@router.get(
    "/health",
    summary="Health",
    **reply(Success[Health], examples.enveloped("Ready for work", examples.HEALTH)),
)
async def get_health(request: Request) -> Response:
    """Whether database, storage and queue can take work; 503 when one of them cannot, its `detail` says which. Needs
    no key. Without a living worker the answer is 200 all the same: jobs are taken, and wait; `workers` says how many
    live.
    """
    checks: HealthChecks = request.app.state.health
    workers = await checks.run(service_of(request))
    parts = dict.fromkeys(("database", "storage", "queue"), "ok")
    return success("Ready for work", {"status": "ok", "version": __version__, **parts, "workers": workers})


class HealthChecks:
    """Checks each part, not more often than once a second."""

    def __init__(self) -> None:
        self._good: tuple[float, int] | None = None

    async def run(self, service: Service) -> int:
        """How many workers live. Raises NotReady, its detail naming the parts that do not answer."""
        if self._good is not None and time.monotonic() - self._good[0] < _HOLDS_S:
            return self._good[1]
        database, storage = await asyncio.gather(
            _tried("database", service.db.database.check), _tried("storage", lambda: _storage(service))
        )
        queue = await _tried("queue", lambda: _queue(service)) if database else False
        workers = await _tried("workers", service.db.workers.alive) if queue else None
        states = {"database": database, "storage": storage, "queue": queue}
        if not all(states.values()) or not isinstance(workers, int):
            said = ", ".join(f"{name}: {'ok' if good else 'unavailable'}" for name, good in states.items())
            raise NotReady("no work can be taken now", detail=said)
        self._good = (time.monotonic(), workers)
        return workers


async def _tried(name: str, check: Callable[[], Awaitable[Any]]) -> Any:
    """What a check returns (True for None), or False when it fails or takes too long."""
    try:
        async with asyncio.timeout(_LIMIT_S):
            found = await check()
    except (Unavailable, TimeoutError) as error:
        log.warning("unhealthy", part=name, reason=str(error) or "no answer", detail=getattr(error, "detail", None))
        return False
    return True if found is None else found


async def _storage(service: Service) -> None:
    await asyncio.to_thread(service.storage.check)


async def _queue(service: Service) -> None:
    async def look(connection: AsyncConnection) -> None:
        found = await connection.execute(text("SELECT to_regclass('procrastinate_jobs') IS NOT NULL"))
        if not found.scalar_one():
            raise Unavailable("the queue's tables are missing: the database was not migrated")

    await service.db.database.run(look, patience_s=0)
