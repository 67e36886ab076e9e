"""ObjectStorage: everything the service keeps outside the database, in a folder or in a bucket.

Keys are paths of plain segments (``videos/vid_0123456789ab``). Whatever is written is seen whole or not at all.
Methods block; the asynchronous ones have names that say so, or stream. Raises Unavailable when the store fails.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from reelprint.adapters.storage.folder import Folder
from reelprint.adapters.storage.stored import Store, StoredObject, checked
from reelprint.core.errors import Unavailable

CACHE = "cache"
_CHECK_HOLDS_S = 5.0


class ObjectStorage:
    """``store`` holds every key; those under ``cache/`` are in ``cache`` when one is given."""

    def __init__(self, store: Store, cache: Store | None = None) -> None:
        self._store = store
        self._cache = cache
        self._good_until_s = 0.0

    @classmethod
    def local(cls, root: Path, cache_root: Path) -> ObjectStorage:
        """In folders, which are made when first written to."""
        apart = cache_root.absolute() != root.absolute() / CACHE
        storage = cls(Folder(root), Folder(cache_root) if apart else None)
        with suppress(Unavailable):  # said by the first write, and by check()
            storage.sweep()
        return storage

    @classmethod
    def s3(cls, url: str, *, retry_s: float = 20.0) -> ObjectStorage:
        """In ``s3://bucket/prefix``; a failing request is tried again for ``retry_s``. Raises DocumentError."""
        from reelprint.adapters.storage.bucket import Bucket  # noqa: PLC0415 - only who has a bucket loads obstore

        return cls(Bucket(url, retry_s=retry_s))

    def get(self, key: str) -> bytes | None:
        """All bytes of a small object, or None."""
        store, name = self._find(key)
        return store.get(name)

    def put(self, key: str, data: bytes) -> None:
        """Write an object in place of what was there."""
        store, name = self._find(key)
        store.put(name, data)

    def fetch(self, key: str, path: Path) -> bool:
        """Copy an object to a file, which appears whole; False when there is no such object."""
        store, name = self._find(key)
        return store.fetch(name, path)

    def keep(self, key: str, path: Path) -> None:
        """Write a copy of a file."""
        store, name = self._find(key)
        store.keep(name, path)

    def take(self, key: str, path: Path) -> None:
        """Move a file in: a rename where file systems allow it."""
        store, name = self._find(key)
        store.take(name, path)

    def stat(self, key: str) -> StoredObject | None:
        """Size, time and version of an object, or None."""
        store, name = self._find(key)
        found = store.stat(name)
        return replace(found, key=key) if found else None

    def exists(self, key: str) -> bool:
        """Whether there is such an object."""
        return self.stat(key) is not None

    def size(self, key: str) -> int | None:
        """Bytes of an object, or None."""
        found = self.stat(key)
        return found.size_bytes if found else None

    def delete(self, key: str) -> None:
        """Remove an object; no error when there is none."""
        store, name = self._find(key)
        store.delete(name)

    def delete_prefix(self, prefix: str) -> None:
        """Remove every object below ``prefix``/ (whole segments: ``a/b`` is not above ``a/bc``)."""
        store, name = self._find(prefix.rstrip("/"))
        store.delete_below(name)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every object below ``prefix``/, in no order; without one, every object there is."""
        prefix = prefix.rstrip("/")
        if self._cache is not None and prefix in ("", CACHE):
            for item in self._cache.list(""):
                yield replace(item, key=f"{CACHE}/{item.key}")
            if prefix:
                return
        store, name = self._find(prefix) if prefix else (self._store, "")
        for item in store.list(name):
            yield replace(item, key=f"{CACHE}/{item.key}") if store is self._cache else item

    def local_path(self, key: str) -> Path | None:
        """The object as a file to read (never to write), or None when it is absent or in a bucket."""
        store, name = self._find(key)
        return store.path(name)

    def url(self, key: str) -> str:
        """``file:///...`` or ``s3://bucket/prefix/key``."""
        store, name = self._find(key)
        return store.url(name)

    def check(self) -> None:
        """Raise Unavailable when nothing can be written; a good answer holds for 5 s."""
        if time.monotonic() < self._good_until_s:
            return
        self._store.check()
        if self._cache is not None:
            self._cache.check()
        self._good_until_s = time.monotonic() + _CHECK_HOLDS_S

    def sweep(self) -> None:
        """Remove what interrupted writes of dead processes have left."""
        self._store.sweep()
        if self._cache is not None:
            self._cache.sweep()

    def stream(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """Bytes ``start`` to ``stop`` (exclusive) in pieces of at most 4 MiB. Raises NotFound while iterating."""
        store, name = self._find(key)
        return store.stream(name, start, stop)

    async def stat_async(self, key: str) -> StoredObject | None:
        """stat() without blocking the event loop."""
        return await asyncio.to_thread(self.stat, key)

    async def delete_async(self, key: str) -> None:
        """delete() without blocking the event loop."""
        await asyncio.to_thread(self.delete, key)

    def _find(self, key: str) -> tuple[Store, str]:
        checked(key)
        if self._cache is not None and key.startswith(f"{CACHE}/"):
            return self._cache, key.removeprefix(f"{CACHE}/")
        if self._cache is not None and key == CACHE:
            raise ValueError(f"not a storage key: {key!r}")
        return self._store, key
