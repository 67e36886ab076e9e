"""FilmCache on an ObjectShelf: one object a film, part and set of versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress

from pydantic import ValidationError

from reelprint.core.errors import Unavailable
from reelprint.engine.findings import Findings
from reelprint.engine.ports import FindingsT, ObjectShelf

PREFIX = "cache/films"


class ShelvedFilmCache:
    """Parts under ``cache/films/<first two digits of the hash>/<hash>/<part>-<versions>.json``."""

    def __init__(self, shelf: ObjectShelf, *, required: bool) -> None:
        """``required``: say so (Unavailable) when the shelf fails, because a job's stages count on what they stored.

        Else a full or read-only disk costs only the time to measure a film again.
        """
        self._shelf = shelf
        self._tolerated: tuple[type[Exception], ...] = () if required else (Unavailable,)

    def load(self, content_hash: str, part: type[FindingsT], versions: Mapping[str, int]) -> FindingsT | None:
        with suppress(*self._tolerated):
            data = self._shelf.get(_key(content_hash, part, versions))
            try:
                return None if data is None else part.model_validate_json(data)
            except ValidationError:
                # Damaged, or written by another version of the documents: measured again and replaced.
                return None
        return None

    def store(self, content_hash: str, versions: Mapping[str, int], findings: Findings) -> None:
        with suppress(*self._tolerated):
            self._shelf.put(_key(content_hash, type(findings), versions), findings.to_json().encode())


def _key(content_hash: str, part: type[Findings], versions: Mapping[str, int]) -> str:
    digest = hashlib.sha256(json.dumps(sorted(versions.items())).encode()).hexdigest()[:16]
    return f"{PREFIX}/{content_hash[:2]}/{content_hash}/{part.name}-{digest}.json"
