"""What was said, word by word."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from reelprint.core.document import Document


class Word(Document):
    """One spoken word as it is written, punctuation included and without spaces around it.

    ``joined``: written without a space before it (scripts without spaces; parts of one word). Half-open in seconds on
    the film's own clock (0 is its first frame).
    """

    text: str = Field(min_length=1)
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    probability: float = Field(ge=0, le=1)
    joined: bool = False

    @model_validator(mode="after")
    def _forward(self) -> Word:
        if self.end_s < self.start_s:
            raise ValueError(f"the word {self.text!r} ends before it starts")
        return self


class Transcript(Document):
    """The words of a film in time order, none overlapping. Without speech, ``words`` is empty and ``language`` null."""

    schema_name: Literal["reelprint.transcript"] = "reelprint.transcript"
    schema_version: Literal[1] = 1
    language: str | None = Field(default=None, description='ISO 639-1, "en"')
    language_probability: float = Field(default=0.0, ge=0, le=1)
    model: str = Field(description="which model listened")
    speech_s: float = Field(default=0.0, ge=0, description="seconds of speech that the model listened to")
    words: tuple[Word, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Transcript:
        end_s = 0.0
        for word in self.words:
            if word.start_s < end_s - 1e-6:
                raise ValueError(f"the word {word.text!r} at {word.start_s} s overlaps the one before")
            end_s = word.end_s
        return self


def written(words: tuple[Word, ...]) -> str:
    """Words as a line of text."""
    return "".join(word.text if word.joined or not number else f" {word.text}" for number, word in enumerate(words))
