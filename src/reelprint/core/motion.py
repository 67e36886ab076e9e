"""Camera and subject motion, zooms, and where the subject is."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from reelprint.core.document import Document
from reelprint.core.sound import Span

MoveKind = Literal["pan", "tilt", "roll", "zoom-in", "zoom-out", "punch-in", "punch-out"]


class CameraMove(Document):
    """One sustained camera move or zoom.

    ``amount``: pan and tilt in frame widths and heights (+ right, + down), roll in degrees (+ clockwise),
    zooms as the scale ratio end/start (> 1 in, < 1 out).
    """

    kind: MoveKind
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    amount: float


class ShotMotion(Document):
    """Motion of one shot; intensities 0..100 on the scale of ``motion_intensity``."""

    intensity: float = Field(ge=0, le=100)
    camera: float = Field(ge=0, le=100)
    subject: float = Field(ge=0, le=100)
    zoom_ratio: float = Field(gt=0, description="scale at the end over scale at the start, 1 = none")


class Focus(Document):
    """Where to look at a time: centre and size of the subject, as fractions of the frame."""

    time_s: float = Field(ge=0)
    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)
    width: float = Field(ge=0, le=1)
    height: float = Field(ge=0, le=1)
    source: Literal["face", "motion", "saliency", "centre"]
    weight: float = Field(default=1.0, ge=0, le=1)
    face: int | None = Field(default=None, ge=0, description="which face of the film, the same within a shot")


class MotionMeasure(Document):
    """``intensity`` and ``zoom_usage`` as in the contract; ``shots`` has one entry per shot."""

    intensity: float = Field(ge=0, le=100)
    zoom_usage: float = Field(ge=0, le=100)
    shots: tuple[ShotMotion, ...]
    zooms: tuple[CameraMove, ...] = ()
    camera_moves: tuple[CameraMove, ...] = ()


class SpeakerTurn(Document):
    """A face of a shot with several faces that has the word, half-open in seconds.

    Turns of one shot tile it; between two of them lies a pause where there is one. ``clarity``: how much more the lips
    of this face moved than those of the next best (0: nobody, or everybody, talks). ``voiced_s``: how long a voice was
    heard in the turn.
    """

    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    face: int = Field(ge=0)
    clarity: float = Field(ge=0, le=1)
    voiced_s: float = Field(ge=0)


class FocusTrack(Document):
    """Subject positions about four times a second, whose turn it is to speak, and what is no scene; in time order."""

    points: tuple[Focus, ...] = ()
    turns: tuple[SpeakerTurn, ...] = ()
    screens: tuple[Span, ...] = Field(default=(), description="shots of a screen, a slide or a title")
