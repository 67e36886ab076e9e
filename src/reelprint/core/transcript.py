"""What was said, word by word."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from reelprint.core.document import Document

_CODES = (
    "af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy "
    "id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa "
    "sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo yue zh"
)
#: The languages that Whisper models know (Radford et al. 2022, appendix E; ``yue`` since large-v3).
LANGUAGES = frozenset(_CODES.split())


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
