"""Everything measured on one film: the document between ``analyze`` and ``style`` or ``plan``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from reelprint.core.colour import ColourMeasure
from reelprint.core.document import Document
from reelprint.core.media import MediaInfo
from reelprint.core.motion import FocusTrack, MotionMeasure
from reelprint.core.shots import ShotList
from reelprint.core.sound import LoudnessMeasure, MusicMeasure, SpeechMeasure
from reelprint.core.text import TextMeasure


class ActivePicture(Document):
    """The picture without letterbox or pillarbox bars, as fractions of the displayed frame."""

    x: float = Field(ge=0, lt=1)
    y: float = Field(ge=0, lt=1)
    width: float = Field(gt=0, le=1)
    height: float = Field(gt=0, le=1)
    aspect: float = Field(gt=0, description="width / height of the active picture in square pixels")


class Timing(Document):
    """What the decode really delivered."""

    frame_count: int = Field(gt=0)
    frame_rate: str = Field(description='measured average, "24/1"')
    duration_s: float = Field(gt=0)
    decode_errors: int = Field(default=0, ge=0)


class Analysis(Document):
    """All measurements of one film. ``analyzers`` maps names to versions (the cache key with the hash)."""

    schema_name: Literal["reelprint.analysis"] = "reelprint.analysis"
    schema_version: Literal[1] = 1
    media: MediaInfo
    timing: Timing
    picture: ActivePicture
    shots: ShotList
    colour: ColourMeasure
    motion: MotionMeasure
    focus: FocusTrack
    text: TextMeasure
    loudness: LoudnessMeasure | None = None
    music: MusicMeasure
    speech: SpeechMeasure
    analyzers: dict[str, int] = Field(default_factory=dict)
