"""What the engine needs from the outside world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from reelprint.analyze.evidence import Analyzer, Evidence
from reelprint.core.analysis import Analysis
from reelprint.core.media import MediaInfo
from reelprint.core.progress import CancelToken
from reelprint.core.thumbnail import Thumbnail
from reelprint.engine.stopwatch import Stopwatch


class FilmReader(Protocol):
    """Probes and decodes films."""

    @property
    def version(self) -> int:
        """Raised whenever decoding can give other pictures or sound: it is part of the cache key."""

    def probe(self, path: Path) -> MediaInfo:
        """Measure what a file is. Raises MediaError."""

    def decode(
        self, path: Path, media: MediaInfo, scratch: Path, watch: Callable[[int, int], None]
    ) -> AbstractContextManager[Evidence]:
        """Decode once; ``watch(done, expected)`` is called with frame counts and may raise Cancelled."""

    def thumbnails(self, evidence: Evidence, times_s: Sequence[float]) -> tuple[Thumbnail, ...]:
        """Small pictures of the film near the given times."""


@dataclass(frozen=True)
class Film:
    """A film that was watched: its measurements and a few pictures of it."""

    analysis: Analysis
    thumbnails: tuple[Thumbnail, ...]


class FilmCache(Protocol):
    """Keeps watched films by content hash and analyzer versions."""

    def load(self, content_hash: str, analyzers: dict[str, int]) -> Film | None:
        """Return the film, or None when it was never watched by these analyzers."""

    def store(self, film: Film) -> None:
        """Keep a film; the same film again replaces it."""


class Encoder(Protocol):
    """Runs ffmpeg."""

    @property
    def binary(self) -> str:
        """Path of the ffmpeg program."""

    def run(self, argv: Sequence[str], cancel: CancelToken, on_frames: Callable[[int], None] | None = None) -> str:
        """Run to the end and return stderr. Raises ProcessFailed or Cancelled."""


class Rasterizer(Protocol):
    """Draws SVG."""

    def png(self, svg: str, width_px: int) -> bytes:
        """PNG bytes of an SVG document at a width."""


class Scratch(Protocol):
    """Hands out scratch folders."""

    def folder(self, purpose: str) -> AbstractContextManager[Path]:
        """An empty folder that is gone afterwards, come what may."""


@dataclass(frozen=True)
class Tools:
    """Everything the use cases work with; put together by ``bootstrap``."""

    reader: FilmReader
    cache: FilmCache
    encoder: Encoder
    rasterizer: Rasterizer
    analyzers: tuple[Analyzer, ...]
    scratch: Scratch
    workers: int
    stopwatch: Stopwatch
