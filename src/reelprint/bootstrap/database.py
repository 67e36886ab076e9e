"""Which PostgreSQL it is: the one of DATABASE_URL, or the built-in one of the data folder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from reelprint.adapters.db.database import Database
from reelprint.adapters.db.embedded import Embedded, running, running_url
from reelprint.adapters.db.keys import Keys
from reelprint.adapters.db.migrate import migrate
from reelprint.core.errors import Unavailable
from reelprint.settings import Settings


def joined_url(settings: Settings) -> str:
    """The database of a service that runs already. Raises Unavailable when there is none here."""
    url = settings.database_url or running_url(settings.data_dir)
    if url is None:
        raise Unavailable(
            f"no database runs in {settings.data_dir}: start `reelprint serve` with this DATA_DIR, or set DATABASE_URL"
        )
    return url


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URL of the database, brought to the newest schema, for a short command, whether ``serve`` runs or not.

    Raises Unavailable when it does not answer, DocumentError when the built-in one cannot be run here.
    """
    if settings.database_url is not None:
        migrate(settings.database_url)
        yield settings.database_url
        return
    with running(settings.data_dir) as url:
        migrate(url)
        yield url


def own_database(settings: Settings) -> Embedded | None:
    """The built-in PostgreSQL, not started yet; None when DATABASE_URL names another."""
    return Embedded(settings.data_dir) if settings.database_url is None else None


def any_active_key(url: str) -> bool:
    """Whether an API key exists that is not revoked. Raises Unavailable."""

    async def ask() -> bool:
        connections = Database(url, pool_size=1)
        try:
            return await Keys(connections).any_active()
        finally:
            await connections.close()

    return asyncio.run(ask())
