"""ObjectShelf in memory: the twin of ObjectStorage, without local paths, as a bucket has none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path


class MemoryShelf:
    """``on_put`` hears the key of every write before it happens, and may raise."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.fetched: list[str] = []
        self.on_put: Callable[[str], None] = lambda _key: None
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def put(self, key: str, data: bytes) -> None:
        self.on_put(key)
        with self._lock:
            self.objects[key] = bytes(data)

    def fetch(self, key: str, path: Path) -> bool:
        if key not in self.objects:
            return False
        self.fetched.append(key)
        path.write_bytes(self.objects[key])
        return True

    def keep(self, key: str, path: Path) -> None:
        self.put(key, path.read_bytes())

    def exists(self, key: str) -> bool:
        return key in self.objects

    def delete_prefix(self, prefix: str) -> None:
        with self._lock:
            for key in [key for key in self.objects if key.startswith(f"{prefix}/")]:
                del self.objects[key]

    def local_path(self, key: str) -> Path | None:
        return None

    def names(self, prefix: str) -> list[str]:
        """Keys below a prefix, without it, sorted."""
        return sorted(key.removeprefix(prefix) for key in self.objects if key.startswith(prefix))
