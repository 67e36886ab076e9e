"""The service's parts, wired: database and storage. Nothing here imports a film library."""

from __future__ import annotations

from dataclasses import dataclass

from reelprint.adapters.db.store import Store
from reelprint.adapters.storage.objects import ObjectStorage
from reelprint.bootstrap.storage import storage
from reelprint.settings import Settings


@dataclass(frozen=True)
class Service:
    """What API and workers share."""

    settings: Settings
    db: Store
    storage: ObjectStorage

    async def close(self) -> None:
        """Close every connection."""
        await self.db.close()


def service(settings: Settings, database_url: str, *, pool_size: int = 8) -> Service:
    """Connect the parts; nothing is asked of them yet. Raises DocumentError when STORAGE_URL cannot be used."""
    return Service(settings, Store(database_url, pool_size=pool_size), storage(settings))
