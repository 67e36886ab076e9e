"""The composition root: settings in, wired tools out. Only this module names adapters."""

from __future__ import annotations

from reelprint.adapters.media.ffmpeg import Ffmpeg
from reelprint.adapters.media.process import Limits
from reelprint.adapters.media.raster import SvgRasterizer
from reelprint.adapters.media.reader import MediaReader
from reelprint.adapters.models.faces import CenterFace
from reelprint.adapters.models.text import RapidText
from reelprint.adapters.models.voice import OmniVoice
from reelprint.adapters.storage.films import FolderFilmCache
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
from reelprint.engine.ports import Tools
from reelprint.settings import Settings


def analyzers() -> tuple[Analyzer, ...]:
    """Every measurement there is; models load when they are first needed."""
    return (
        PictureAnalyzer(),
        ShotAnalyzer(),
        TextAnalyzer(RapidText()),
        ColourAnalyzer(),
        FocusAnalyzer(CenterFace()),
        MotionAnalyzer(),
        LoudnessAnalyzer(),
        SpeechAnalyzer(OmniVoice()),
        BeatAnalyzer(),
    )


def wire(settings: Settings) -> Tools:
    """Put the engine's tools together."""
    limits = Limits(time_s=settings.process_time_limit_s, memory_mb=settings.process_memory_mb)
    return Tools(
        reader=MediaReader(TextScout),
        cache=FolderFilmCache(settings.data_dir / "cache" / "films"),
        encoder=Ffmpeg(settings.ffmpeg_path, limits),
        rasterizer=SvgRasterizer(),
        analyzers=analyzers(),
        scratch=ScratchFolders(settings.data_dir / "scratch"),
        workers=settings.workers,
    )
