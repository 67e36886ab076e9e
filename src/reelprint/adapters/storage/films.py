"""FilmCache in a folder: one folder a film and set of analyzers, written aside and renamed when whole."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

from pydantic import ValidationError

from reelprint.core.analysis import Analysis
from reelprint.core.thumbnail import Thumbnail
from reelprint.engine.ports import Film


class FolderFilmCache:
    """Films under ``root``/<first two digits of the hash>/<hash>-<analyzers>."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def load(self, content_hash: str, analyzers: dict[str, int]) -> Film | None:
        folder = self._folder(content_hash, analyzers)
        try:
            analysis = Analysis.model_validate_json((folder / "analysis.json").read_bytes())
            pictures = json.loads((folder / "thumbnails.json").read_bytes())
            thumbnails = tuple(
                Thumbnail(item["time_s"], base64.b64decode(item["jpeg"]), item["width_px"], item["height_px"])
                for item in pictures
            )
        except OSError:
            return None
        except (ValidationError, ValueError, TypeError, KeyError):
            # Damaged, or written by another version of the documents: measure again and replace it.
            return None
        return Film(analysis=analysis, thumbnails=thumbnails)

    def store(self, film: Film) -> None:
        analysis = film.analysis
        folder = self._folder(analysis.media.content_hash, analysis.analyzers)
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            aside = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
        except OSError:
            return  # full or read-only: the cache is only a cache
        try:
            (aside / "analysis.json").write_text(analysis.to_json(), encoding="utf-8")
            (aside / "thumbnails.json").write_text(json.dumps([_plain(item) for item in film.thumbnails]))
            if folder.exists():
                shutil.rmtree(folder)
            aside.replace(folder)
        except OSError:
            # Somebody else stored the same film first, or the disk is full.
            shutil.rmtree(aside, ignore_errors=True)

    def _folder(self, content_hash: str, analyzers: dict[str, int]) -> Path:
        versions = hashlib.sha256(json.dumps(sorted(analyzers.items())).encode()).hexdigest()[:16]
        return self._root / content_hash[:2] / f"{content_hash}-{versions}"


def _plain(item: Thumbnail) -> dict[str, object]:
    return {
        "time_s": item.time_s,
        "jpeg": base64.b64encode(item.jpeg).decode(),
        "width_px": item.width_px,
        "height_px": item.height_px,
    }
