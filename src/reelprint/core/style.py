"""StyleJSON 1.0: the Style DNA of a film, plain and complete without its video (CONTRACT section 4)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from reelprint.core.colour import ColorGrade, Look, Swatch
from reelprint.core.document import Document
from reelprint.core.motion import CameraMove
from reelprint.core.shots import Easing, Shot, Transition, TransitionType
from reelprint.core.sound import Band, Span
from reelprint.core.text import CaptionLook, Position

AspectRatio = Literal["16:9", "9:16", "1:1"]
FrameRate = Literal[24, 30, 60]


class AudioStyle(Document):
    """How the sound is treated."""

    normalization_level: float = Field(ge=0, le=1)
    compression_ratio: float = Field(ge=1)
    bass_boost: float = Field(ge=0, le=100)
    enhance_speech: bool


class TransitionStyle(Document):
    """A kind of transition and its typical shape."""

    type: TransitionType
    duration_ms: int = Field(ge=0)
    easing: Easing = "linear"


class StyleText(Document):
    """A text overlay as the contract names it."""

    content: str
    font: str
    size: float = Field(gt=0, description="pixels")
    color: str = Field(pattern=r"^#[0-9a-f]{6}$")
    position: Position
    duration_ms: int | None = None


class DetectedBeat(Document):
    """A beat as the contract names it."""

    timestamp_ms: int = Field(ge=0)
    confidence: float = Field(ge=0, le=1)
    frequency: Band


class LoudnessDetail(Document):
    """EBU R128 figures."""

    integrated_lufs: float
    range_lu: float = Field(ge=0)
    true_peak_dbtp: float


class PacingDetail(Document):
    """The rhythm of the cuts. ``beat_share``: share of boundaries within 70 ms of a beat, null without beats."""

    shot_lengths_s: tuple[float, ...] = ()
    median_shot_s: float = Field(gt=0)
    beat_share: float | None = Field(default=None, ge=0, le=1)
    beat_phase: float | None = Field(default=None, ge=0, lt=1, description="mean phase of cuts in the beat")


class TransitionShare(Document):
    """How much of the film's boundaries are of one kind; a cut is a kind too."""

    type: TransitionType
    share: float = Field(ge=0, le=1)
    duration_ms: int = Field(ge=0, description="median")
    easing: Easing = "linear"
    direction: str | None = None


class ConfidencePart(Document):
    """One reason for the confidence: 0 ruins it, 1 is no objection."""

    name: str
    score: float = Field(ge=0, le=1)
    reason: str


class Provenance(Document):
    """Where the numbers come from."""

    reelprint_version: str
    content_hash: str | None = None
    filename: str | None = None
    analyzers: dict[str, int] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)


class StyleDetails(Document):
    """What we measure beyond the contract's fields. The first group is always there after an extraction."""

    shots: tuple[Shot, ...] = ()
    transitions: tuple[Transition, ...] = ()
    loudness: LoudnessDetail | None = None
    beats_s: tuple[float, ...] = ()
    zooms: tuple[CameraMove, ...] = ()
    camera_moves: tuple[CameraMove, ...] = ()
    captions: CaptionLook | None = None
    provenance: Provenance | None = None

    look: Look | None = Field(default=None, description="lets the grade be transferred without the film")
    palette: tuple[Swatch, ...] = ()
    pacing: PacingDetail | None = None
    transition_mix: tuple[TransitionShare, ...] = ()
    energy_hz: float = Field(default=10.0, gt=0)
    energy_db: tuple[float, ...] = ()
    silences: tuple[Span, ...] = ()
    speech_share: float = Field(default=0.0, ge=0, le=1)
    music_share: float = Field(default=0.0, ge=0, le=1)
    resolution: tuple[int, int] | None = None
    frame_rate_exact: str | None = None
    confidence: tuple[ConfidencePart, ...] = ()
    closure: dict[str, Any] | None = Field(default=None, description="of a result: before, after, closed, fields")


class StyleJSON(Document):
    """The Style DNA."""

    version: Literal["1.0"] = "1.0"
    color_grade: ColorGrade
    aspect_ratio: AspectRatio
    frame_rate: FrameRate
    audio_style: AudioStyle
    cut_frequency: float = Field(ge=0, description="shot boundaries per minute")
    motion_intensity: float = Field(ge=0, le=100)
    zoom_usage: float = Field(ge=0, le=100)
    primary_transition: TransitionStyle
    secondary_transition: TransitionStyle | None = None
    text_overlays: tuple[StyleText, ...] = ()
    use_subtitles: bool = False
    detected_beats: tuple[DetectedBeat, ...] = ()
    tempo_bpm: float | None = Field(default=None, gt=0)
    music_genre: str | None = None
    created_at: str = Field(description="ISO 8601 UTC, ends in Z")
    source_duration_seconds: float = Field(ge=0)
    extraction_confidence: float = Field(ge=0, le=1)
    details: StyleDetails = StyleDetails()
