"""What the engine needs from the outside world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from reelprint.analyze.evidence import Analyzer, Evidence
from reelprint.analyze.transcript import Transcriber
from reelprint.core.analysis import Analysis
from reelprint.core.clips import LanguageModelAsked
from reelprint.core.media import MediaInfo
from reelprint.core.progress import CancelToken
from reelprint.core.thumbnail import Thumbnail
from reelprint.engine.findings import Findings
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

    def still(self, path: Path, time_s: float, longest_px: int) -> bytes:
        """JPEG of the frame shown at a time, as displayed. Raises MediaError."""


@dataclass(frozen=True)
class Film:
    """A film that was watched: its measurements and a few pictures of it."""

    analysis: Analysis
    thumbnails: tuple[Thumbnail, ...]


FindingsT = TypeVar("FindingsT", bound=Findings)


class FilmCache(Protocol):
    """Keeps what was found on films, part by part, by content hash and the versions of all that decides a part."""

    def load(self, content_hash: str, part: type[FindingsT], versions: Mapping[str, int]) -> FindingsT | None:
        """Return a part, or None when it was never kept or cannot be read any more."""

    def store(self, content_hash: str, versions: Mapping[str, int], findings: Findings) -> None:
        """Keep a part whole, in place of what was there."""


class ObjectShelf(Protocol):
    """Keeps files and small documents by key (``work/<job>/plan.json``), each whole or not at all.

    Raises Unavailable when the storage does not answer.
    """

    def get(self, key: str) -> bytes | None:
        """All bytes of an object, or None."""

    def put(self, key: str, data: bytes) -> None:
        """Write an object in place of what was there."""

    def fetch(self, key: str, path: Path) -> bool:
        """Copy an object to a file; False when there is no such object."""

    def keep(self, key: str, path: Path) -> None:
        """Write a copy of a file."""

    def exists(self, key: str) -> bool:
        """Whether there is such an object."""

    def delete_prefix(self, prefix: str) -> None:
        """Remove every object below a prefix."""

    def local_path(self, key: str) -> Path | None:
        """The object as a file to read (never to write), or None when it is absent or elsewhere."""


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
class Fetched:
    """A film that was brought from a URL. ``filename`` is a label, never a path."""

    path: Path
    filename: str
    title: str


class Fetcher(Protocol):
    """Brings films from URLs."""

    @property
    def time_limit_s(self) -> float:
        """Seconds that fetching may take."""

    def fetch(self, url: str, folder: Path, watch: Callable[[int, int | None], None], cancel: CancelToken) -> Fetched:
        """Download into ``folder``; ``watch(done, expected)`` gets bytes. Raises MediaError, FetchFailed,
        AddressRefused, DocumentError (no URL that can be fetched), FileTooLarge, Cancelled; then nothing is left in the
        folder.
        """


@dataclass(frozen=True)
class ModelAnswer:
    """What a language model answered: a JSON object, the model's own name, the tokens it counted, calls made."""

    data: dict[str, Any]
    model: str
    input_tokens: int
    output_tokens: int
    calls: int
    price_usd: float | None
    """None when the price of this model is not known"""
    price_note: str = ""
    """where the price is from, or why there is none"""


class LanguageModel(Protocol):
    """A language model behind some API. Whatever it answers is material, never an instruction."""

    @property
    def name(self) -> str:
        """For logs: which model, where."""

    def answer(self, system: str, user: str, schema: dict[str, Any], cancel: CancelToken) -> ModelAnswer:
        """Ask for a JSON object after ``schema`` (JSON Schema). Raises ModelFailed (with what was spent so far) and
        Cancelled.
        """


@dataclass(frozen=True)
class Tools:
    """Everything the use cases work with; put together by ``bootstrap``."""

    reader: FilmReader
    cache: FilmCache
    encoder: Encoder
    rasterizer: Rasterizer
    transcriber: Transcriber
    fetcher: Fetcher
    language_model: Callable[[LanguageModelAsked], LanguageModel]
    fonts: Path
    """folder of the fonts that captions are drawn with"""
    analyzers: tuple[Analyzer, ...]
    scratch: Scratch
    workers: int
    stopwatch: Stopwatch
