"""What a job keeps in storage: checkpoints while it lives, outputs of each attempt.

    work/<job>/<stage>.json     an analysis stage is finished; which films it was about
    work/<job>/style.json       the style (style_extraction is finished)
    work/<job>/style.*          its report, and for an extraction its .cube
    work/<job>/plan.json        the plan (style_application is finished)
    work/<job>/look.cube, timeline.otio, pieces/<key>
    work/<job>/source.*         the film of a clips job that was fetched from a URL
    work/<job>/picks.json, clip_plans.json
                                the moments and the edits of a clips job (style_extraction, style_application)
    outputs/<job>/<attempt>/    what the job hands out: at its end, or clip by clip

An attempt that was thought dead may write here beside its successor: equal names hold equal content (but for the time
of day that a style carries), outputs carry the number of the attempt, and what may come out differently the second time
(what a URL gives, what a language model says) is written once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from reelprint.core.document import Document
from reelprint.core.errors import Unavailable
from reelprint.core.media import MediaInfo
from reelprint.engine.ports import ObjectShelf

DocumentT = TypeVar("DocumentT", bound=Document)

STYLE, PLAN = "style.json", "plan.json"
STYLE_SVG, STYLE_PNG, STYLE_CUBE = "style.svg", "style.png", "style.cube"
LOOK, TIMELINE = "look.cube", "timeline.otio"
SOURCE, PICKS, CLIP_PLANS = "source.json", "picks.json", "clip_plans.json"


class Watched(Document):
    """The films of a job, by the part they play in it."""

    films: dict[str, MediaInfo]


class Checkpoints:
    """What a live job has stored."""

    def __init__(self, shelf: ObjectShelf, job_id: str) -> None:
        self._shelf, self._prefix = shelf, f"work/{job_id}"

    def read(self, name: str) -> bytes | None:
        """A stored file, or None."""
        return self._shelf.get(f"{self._prefix}/{name}")

    def require(self, name: str) -> bytes:
        """A stored file that must be there. Raises Unavailable."""
        data = self.read(name)
        if data is None:
            raise Unavailable(f"{name} of the job is no longer in storage")
        return data

    def document(self, name: str, kind: type[DocumentT]) -> DocumentT | None:
        """A stored document; None when there is none that this version can read."""
        data = self.read(name)
        try:
            return None if data is None else kind.model_validate_json(data)
        except ValidationError:
            return None

    def write(self, name: str, data: bytes) -> None:
        """Store a file, whole."""
        self._shelf.put(f"{self._prefix}/{name}", data)

    def write_once(self, name: str, document: DocumentT) -> DocumentT:
        """Store a document unless there is one already; return the one that is stored."""
        there = self.document(name, type(document))
        if there is not None:
            return there
        self.write(name, document.to_json().encode())
        return document

    def keep(self, name: str, path: Path) -> str:
        """Store a copy of a file, whole; return its key."""
        key = f"{self._prefix}/{name}"
        self._shelf.keep(key, path)
        return key


class Pieces:
    """A Keeper: pieces of the rendering under ``work/<job>/pieces/``."""

    def __init__(self, shelf: ObjectShelf, job_id: str) -> None:
        self._shelf, self._prefix = shelf, f"work/{job_id}/pieces"

    def bring(self, path: Path) -> bool:
        """See Keeper."""
        return self._shelf.fetch(f"{self._prefix}/{path.name}", path)

    def keep(self, path: Path) -> None:
        """See Keeper."""
        self._shelf.keep(f"{self._prefix}/{path.name}", path)


class Outputs:
    """The files that one attempt hands out."""

    def __init__(self, shelf: ObjectShelf, job_id: str, attempt: int) -> None:
        self._shelf, self._prefix = shelf, f"outputs/{job_id}/{attempt}"

    def write(self, name: str, data: bytes) -> str:
        """Store a small file; return its key."""
        key = f"{self._prefix}/{name}"
        self._shelf.put(key, data)
        return key

    def keep(self, name: str, path: Path) -> str:
        """Store a file; return its key."""
        key = f"{self._prefix}/{name}"
        self._shelf.keep(key, path)
        return key
