"""Captions on the time line of a film: what is shown when, in one of a few looks."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from reelprint.core.document import Document

CaptionLook = Literal["plain", "karaoke", "boxed"]
"""``plain``: white with an outline; ``karaoke``: the word that is spoken is lit; ``boxed``: on a dark box."""
CAPTION_LOOKS: tuple[CaptionLook, ...] = get_args(CaptionLook)


class CaptionWord(Document):
    """One word of a card, half-open in seconds of the time line. ``joined``: no space before it."""

    text: str = Field(min_length=1)
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    joined: bool = False


class CaptionCard(Document):
    """What stands on the screen at one time: one or two rows of words, half-open in seconds of the time line."""

    start_s: float = Field(ge=0)
    end_s: float = Field(gt=0)
    rows: tuple[tuple[CaptionWord, ...], ...] = Field(min_length=1, max_length=2)

    @property
    def text(self) -> str:
        """The rows as lines of text."""
        return "\n".join(
            "".join(word.text if word.joined or not number else f" {word.text}" for number, word in enumerate(row))
            for row in self.rows
        )


class CaptionTrack(Document):
    """All cards of a film in time order, none overlapping, and how they look.

    Sizes are shares of the output's height.
    """

    look: CaptionLook = "karaoke"
    language: str | None = None
    right_to_left: bool = False
    font: str = Field(description="family of a font that comes with Reelprint")
    size: float = Field(gt=0, le=0.3, description="height of a row")
    baseline: float = Field(gt=0, lt=1, description="lower edge of the lowest row, measured from the top")
    side_margin: float = Field(ge=0, lt=0.5, description="free space at each side, share of the output's width")
    color: str = Field(default="#ffffff", pattern="^#[0-9a-f]{6}$")
    accent: str = Field(default="#ffd60a", pattern="^#[0-9a-f]{6}$", description="the word that is spoken")
    cards: tuple[CaptionCard, ...] = ()
