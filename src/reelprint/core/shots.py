"""Shots and the transitions between them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from reelprint.core.document import Document

TransitionType = Literal["cut", "fade", "dissolve", "wipe", "slide", "zoom", "whip"]
Easing = Literal["linear", "ease-in", "ease-out", "ease-in-out"]
Direction = Literal["left", "right", "up", "down", "in", "out", "black", "white"]


class Shot(Document):
    """One take between two boundaries; half-open in seconds and in the film's own frames.

    Shots tile the film. A gradual transition is split between its two shots at its middle frame.
    """

    start_s: float = Field(ge=0)
    end_s: float = Field(gt=0)
    start_frame: int = Field(ge=0)
    end_frame: int = Field(gt=0)

    @model_validator(mode="after")
    def _not_empty(self) -> Shot:
        if self.end_frame <= self.start_frame or self.end_s <= self.start_s:
            raise ValueError(f"empty shot {self.start_frame}..{self.end_frame}")
        return self

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


class Transition(Document):
    """One boundary between two shots, or an opening or closing fade (``edge``).

    A hard cut has ``start_s == end_s`` = first instant of the new shot and ``duration_ms`` 0.
    ``direction``: where a wipe, slide or whip moves to; ``in``/``out`` of a zoom; the colour of a fade.
    """

    type: TransitionType
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    duration_ms: int = Field(ge=0)
    easing: Easing = "linear"
    direction: Direction | None = None
    confidence: float = Field(ge=0, le=1)
    edge: Literal["start", "end"] | None = None


class ShotList(Document):
    """The result of shot analysis. ``len(boundaries) == len(shots) - 1``; edge fades come on top."""

    shots: tuple[Shot, ...] = Field(min_length=1)
    transitions: tuple[Transition, ...] = ()

    @property
    def boundaries(self) -> tuple[Transition, ...]:
        """Transitions between shots, without the opening and closing fades, in time order."""
        return tuple(item for item in self.transitions if item.edge is None)
