"""Text seen in the picture."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from reelprint.core.document import Document

Position = Literal[
    "top-left", "top-center", "top-right",
    "center-left", "center", "center-right",
    "bottom-left", "bottom-center", "bottom-right",
]  # fmt: skip


class TextOverlay(Document):
    """One text on screen for a while. ``size_px`` is the line height in pixels of the film as displayed."""

    content: str
    font: str = Field(description="generic family: sans-serif, serif, monospace, script")
    size_px: float = Field(gt=0)
    color: str = Field(pattern=r"^#[0-9a-f]{6}$")
    position: Position
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    confidence: float = Field(ge=0, le=1)
    left: float | None = Field(default=None, ge=0, le=1, description="where it begins, share of the film's width")
    right: float | None = Field(default=None, ge=0, le=1, description="where it ends, share of the film's width")


class CaptionLook(Document):
    """How captions look. ``present`` false: none found, the rest is null."""

    present: bool
    position: Position | None = None
    color: str | None = None
    size_px: float | None = None


class TextMeasure(Document):
    """``overlays`` are the texts that are no captions; ``caption_lines`` the captions one by one."""

    overlays: tuple[TextOverlay, ...] = ()
    captions: CaptionLook = CaptionLook(present=False)
    caption_lines: tuple[TextOverlay, ...] = ()
