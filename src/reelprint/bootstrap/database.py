"""Which PostgreSQL it is: the one of DATABASE_URL, or the built-in one of the data folder. Light to import."""

from __future__ import annotations

from reelprint.adapters.db.embedded import Embedded, running_url
from reelprint.core.errors import Unavailable
from reelprint.settings import Settings


def own_database(settings: Settings) -> Embedded | None:
    """The built-in PostgreSQL, not started yet; None when DATABASE_URL names another."""
    return Embedded(settings.data_dir) if settings.database_url is None else None


def joined_url(settings: Settings) -> str:
    """The database of a service that runs already. Raises Unavailable when there is none here."""
    url = settings.database_url or running_url(settings.data_dir)
    if url is None:
        raise Unavailable(
            f"no database runs in {settings.data_dir}: start `reelprint serve` with this DATA_DIR, or set DATABASE_URL"
        )
    return url
