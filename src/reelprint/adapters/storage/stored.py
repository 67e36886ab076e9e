"""What a store holds, what a key may look like, and what every kind of store can do."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

#: Segments never start with a dot: no "..", and names that do are free for the stores' own files.
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199})*")
_MAX_KEY_CHARACTERS = 800


@dataclass(frozen=True)
class StoredObject:
    """One object. ``etag`` (quoted, as in HTTP) changes whenever the bytes do."""

    key: str
    size_bytes: int
    modified: datetime
    etag: str


def checked(key: str) -> str:
    """The key, when it is one. Raises ValueError: keys are made by us, so a bad one is our fault."""
    if len(key) > _MAX_KEY_CHARACTERS or not _KEY.fullmatch(key):
        raise ValueError(f"not a storage key: {key!r}")
    return key


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside ``path`` that takes its place when all went well."""
    aside = path.with_name(f".{path.name[:100]}-{uuid.uuid4().hex}")
    try:
        yield aside
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


class Store(Protocol):
    """One place for objects. Names are checked keys. Whatever fails raises Unavailable; absence is no failure."""

    def stat(self, name: str) -> StoredObject | None:
        """The object's size and version, or None."""

    def get(self, name: str) -> bytes | None:
        """All bytes, or None. For small objects."""

    def put(self, name: str, data: bytes) -> None:
        """Write whole, in place of what was there."""

    def keep(self, name: str, path: Path) -> None:
        """Write a copy of a file, whole."""

    def take(self, name: str, path: Path) -> None:
        """Move a file in; it is gone from ``path`` afterwards."""

    def fetch(self, name: str, path: Path) -> bool:
        """Copy the object to ``path``, whole; False when there is none."""

    def delete(self, name: str) -> None:
        """Remove; nothing happens when there is none."""

    def delete_below(self, prefix: str) -> None:
        """Remove every object under ``prefix``/."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Every object under ``prefix``/, in no order; an empty prefix is everything."""

    def path(self, name: str) -> Path | None:
        """Where the object is as a file, or None when it is absent or not in the file system."""

    def url(self, name: str) -> str:
        """Where the object is, for people."""

    def stream(self, name: str, start: int, stop: int | None) -> AsyncIterator[bytes]:
        """Bytes ``start`` to ``stop`` (exclusive; None is the end) in pieces of bounded size. Raises NotFound."""

    def check(self) -> None:
        """Raise Unavailable unless an object can be written."""

    def sweep(self) -> None:
        """Remove what interrupted writes of dead processes have left."""
