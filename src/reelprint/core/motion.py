"""Camera and subject motion, zooms, and where the subject is."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from reelprint.core.document import Document

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


class MotionMeasure(Document):
    """``intensity`` and ``zoom_usage`` as in the contract; ``shots`` has one entry per shot."""

    intensity: float = Field(ge=0, le=100)
    zoom_usage: float = Field(ge=0, le=100)
    shots: tuple[ShotMotion, ...]
    zooms: tuple[CameraMove, ...] = ()
    camera_moves: tuple[CameraMove, ...] = ()


class FocusTrack(Document):
    """Subject positions about four times a second, in time order."""

    points: tuple[Focus, ...] = ()
