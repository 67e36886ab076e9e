"""The EditPlan: every decision of an edit, complete enough that rendering decides nothing.

The time line is counted in output frames. Segment *i* occupies [start_frame, start_frame + frames);
neighbours overlap by exactly the frames of the join between them (0 for a cut). A segment plays its
source range at normal speed; ``head_hold`` and ``tail_hold`` repeat its first and last frame, so a gradual
join can be longer than the footage that is free around it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from pydantic import Field, model_validator

from reelprint.core.captions import CaptionTrack
from reelprint.core.colour import GradeTransfer
from reelprint.core.document import Document
from reelprint.core.errors import PlanError
from reelprint.core.shots import Direction, Easing, TransitionType
from reelprint.core.time import parse_rate

Quality = Literal["draft", "standard", "high"]
OutputFormat = Literal["mp4", "mov", "webm"]
Pacing = Literal["match", "keep"]
Layout = Literal["window", "fitted", "split"]
"""``window``: the crop fills the output. ``fitted``: the crop is shown whole, over a blurred fill of itself.
``split``: the crop fills the upper half of the output and ``below`` the lower half.
"""


class Crop(Document):
    """A window on the source as displayed, in fractions of its width and height."""

    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)
    width: float = Field(gt=0, le=1)
    height: float = Field(gt=0, le=1)

    @model_validator(mode="after")
    def _inside(self) -> Crop:
        if self.x + self.width > 1 + 1e-6 or self.y + self.height > 1 + 1e-6:
            raise ValueError("crop leaves the picture")
        return self


class CropKey(Document):
    """The crop at a frame counted from the segment's first; in between it moves with ``easing``."""

    frame: int = Field(ge=0)
    crop: Crop
    easing: Easing = "ease-in-out"


class Segment(Document):
    """One piece of footage on the time line. One crop key is a still camera."""

    start_frame: int = Field(ge=0)
    frames: int = Field(gt=0, description="on the time line, holds included")
    head_hold: int = Field(default=0, ge=0)
    tail_hold: int = Field(default=0, ge=0)
    source_start_s: float = Field(ge=0)
    source_shot: int = Field(ge=0)
    crop: tuple[CropKey, ...] = Field(min_length=1)
    layout: Layout = "window"
    below: tuple[CropKey, ...] = Field(default=(), description="the second window of a split, else empty")
    grade: int = Field(ge=0, description="index into EditPlan.grades")

    @property
    def end_frame(self) -> int:
        """One past the last frame on the time line."""
        return self.start_frame + self.frames

    @property
    def source_frames(self) -> int:
        """Frames that really play (at the output rate)."""
        return self.frames - self.head_hold - self.tail_hold


class Join(Document):
    """How a segment gives way to the next; ``frames`` 0 is a cut, else both are seen for that long.

    A ``fade`` (through ``direction`` black or white) shows one at a time over the same frames.
    """

    type: TransitionType = "cut"
    frames: int = Field(default=0, ge=0)
    easing: Easing = "linear"
    direction: Direction | None = None


class AudioPiece(Document):
    """Source sound [source_start_s, + duration_s) heard from ``start_s``. Pieces may overlap by their fades."""

    start_s: float = Field(ge=0)
    source_start_s: float = Field(ge=0)
    duration_s: float = Field(gt=0)
    fade_in_s: float = Field(default=0.0, ge=0)
    fade_out_s: float = Field(default=0.0, ge=0)


class FaderKey(Document):
    """The gain of the fader at a time on the film's clock; between two keys it moves linearly in decibels."""

    time_s: float = Field(ge=0)
    gain_db: float


class AudioChain(Document):
    """Sound treatment in this order: high-pass, bass shelf, presence, fader, loudness, limiter."""

    highpass_hz: float | None = None
    bass_gain_db: float = 0.0
    presence_gain_db: float = 0.0
    fader: tuple[FaderKey, ...] = Field(
        default=(), description="ascending, first to last moment of the film; how the loudness range is changed"
    )
    target_lufs: float | None = Field(default=None, description="null keeps the level")
    true_peak_dbtp: float = Field(default=-1.0, le=0, description="where the limiter holds peaks")


class AudioPlan(Document):
    """The sound track."""

    pieces: tuple[AudioPiece, ...] = Field(min_length=1)
    chain: AudioChain


class OutputSpec(Document):
    """The film that comes out."""

    width: int = Field(gt=0, multiple_of=2)
    height: int = Field(gt=0, multiple_of=2)
    frame_rate: str
    frame_count: int = Field(gt=0)
    container: OutputFormat = "mp4"
    quality: Quality = "standard"

    @property
    def rate(self) -> Fraction:
        """Exact frame rate."""
        return parse_rate(self.frame_rate)

    @property
    def duration_s(self) -> float:
        """Exact duration in seconds."""
        return float(self.frame_count / self.rate)


class EditPlan(Document):
    """An edit. ``joins[i]`` lies between segments i and i + 1."""

    schema_name: Literal["reelprint.plan"] = "reelprint.plan"
    schema_version: Literal[1] = 1
    seed: int
    pacing: Pacing
    source_hash: str
    source_duration_s: float = Field(gt=0)
    output: OutputSpec
    segments: tuple[Segment, ...] = Field(min_length=1)
    joins: tuple[Join, ...] = ()
    opening: Join | None = Field(default=None, description="fade from black or white")
    closing: Join | None = None
    grades: tuple[tuple[GradeTransfer, ...], ...] = Field(min_length=1, description="applied left to right")
    audio: AudioPlan | None = None
    captions: CaptionTrack | None = Field(default=None, description="burned into the picture")
    notes: tuple[str, ...] = Field(default=(), description="decisions a person would ask about")

    def check(self) -> EditPlan:
        """Return self, or raise PlanError naming the first broken rule."""
        if len(self.joins) != len(self.segments) - 1:
            raise PlanError(f"{len(self.segments)} segments need {len(self.segments) - 1} joins, not {len(self.joins)}")
        rate = self.output.rate
        at = 0
        for number, segment in enumerate(self.segments):
            before = self.joins[number - 1].frames if number else 0
            after = self.joins[number].frames if number < len(self.joins) else 0
            if segment.start_frame != at - before:
                raise PlanError(f"segment {number} starts at frame {segment.start_frame}, expected {at - before}")
            if before + after > segment.frames:
                raise PlanError(f"the joins around segment {number} are longer than its {segment.frames} frames")
            if segment.source_frames < 1:
                raise PlanError(f"segment {number} plays no source frame")
            last_s = segment.source_start_s + float((segment.source_frames - 1) / rate)
            if last_s > self.source_duration_s + 1e-6:
                raise PlanError(f"segment {number} reads at {last_s:.3f} s, after the source's end")
            if segment.grade >= len(self.grades):
                raise PlanError(f"segment {number} names grade {segment.grade} of {len(self.grades)}")
            if (segment.layout == "split") != bool(segment.below):
                raise PlanError(f"segment {number}: a split has a second window, other layouts have none")
            if any(key.frame >= segment.frames for key in (*segment.crop, *segment.below)):
                raise PlanError(f"segment {number} has a crop key past its end")
            at = segment.end_frame
        if at != self.output.frame_count:
            raise PlanError(f"segments end at frame {at}, the output has {self.output.frame_count}")
        return self
