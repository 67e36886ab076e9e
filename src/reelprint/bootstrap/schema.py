"""A database that has the newest schema, for those who come before API and workers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from reelprint.adapters.db.database import Database
from reelprint.adapters.db.embedded import running
from reelprint.adapters.db.keys import Keys
from reelprint.adapters.db.migrate import migrate
from reelprint.settings import Settings


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URL of the database for a short command, whether ``serve`` runs or not.

    Raises Unavailable when it does not answer, DocumentError when the built-in one cannot be run here.
    """
    if settings.database_url is not None:
        migrate(settings.database_url)
        yield settings.database_url
        return
    with running(settings.data_dir) as url:
        migrate(url)
        yield url


def prepare(url: str) -> None:
    """Bring the database at ``url`` to the newest schema. Raises Unavailable."""
    migrate(url)


def any_active_key(url: str) -> bool:
    """Whether an API key exists that is not revoked. Raises Unavailable."""

    async def ask() -> bool:
        connections = Database(url, pool_size=1)
        try:
            return await Keys(connections).any_active()
        finally:
            await connections.close()

    return asyncio.run(ask())
