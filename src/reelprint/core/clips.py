"""Clips: what is asked for, the moments that are picked, what is handed out (CONTRACT section 5)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from reelprint.core.captions import CaptionLook, CaptionTrack
from reelprint.core.document import Document
from reelprint.core.plan import EditPlan
from reelprint.core.transcript import LANGUAGES

ClipShape = Literal["auto", "vertical", "horizontal", "square"]
"""``auto``: vertical, unless the film is square or vertical itself; then its own shape."""
MOST_CLIPS = 15


class ClipOptions(Document):
    """How clips are asked for. Null: as many, or as long, as fit the film well."""

    target_clips: int | None = Field(default=None, ge=1, le=MOST_CLIPS)
    clip_min_seconds: float = Field(default=15.0, ge=5, le=175)
    clip_max_seconds: float = Field(default=60.0, ge=10, le=180)
    output_format: ClipShape = "auto"
    captions: bool = True
    caption_style: CaptionLook = "karaoke"
    language: str | None = Field(default=None, pattern="^[a-z]{2,3}$", description="ISO 639-1; null: detected")
    prompt: str | None = Field(default=None, max_length=2000, description="what to look for")

    @field_validator("language")
    @classmethod
    def _known(cls, language: str | None) -> str | None:
        if language is not None and language not in LANGUAGES:
            raise ValueError(
                f"{language!r} is no language that can be written down; ISO 639-1 codes are en, de, ja ..."
            )
        return language

    @model_validator(mode="after")
    def _room(self) -> ClipOptions:
        if self.clip_max_seconds < self.clip_min_seconds:
            raise ValueError(
                f"clip_max_seconds ({self.clip_max_seconds:g}) is less than clip_min_seconds"
                f" ({self.clip_min_seconds:g})"
            )
        return self


class ClipsAsked(Document):
    """A clips job: its options, and the URL to fetch the film from unless it was uploaded."""

    url: str | None = None
    options: ClipOptions = ClipOptions()


class ScorePart(Document):
    """One part of a score and what it rests on."""

    score: int = Field(ge=0, le=100)
    reason: str


class Moment(Document):
    """A stretch of the film that could be a clip: words [first_word, end_word) of the transcript (equal: no words)."""

    start_s: float = Field(ge=0)
    end_s: float = Field(gt=0)
    first_word: int = Field(ge=0)
    end_word: int = Field(ge=0)
    text: str = Field(default="", description="what is said in it")
    virality_score: int = Field(ge=0, le=100, description="weighted sum of the parts; it ranks, it is no forecast")
    parts: dict[str, ScorePart]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


class ClipTexts(Document):
    """Title and platform texts of a clip."""

    title: str = Field(min_length=1)
    tiktok: str
    instagram: str
    youtube_title: str = Field(min_length=1, max_length=100)


class Pick(Document):
    """A moment that becomes a clip. ``number`` 1.. is its rank; ``clip_id`` never changes."""

    clip_id: str
    number: int = Field(ge=1)
    moment: Moment
    texts: ClipTexts

    def described(self) -> dict[str, Any]:
        """What a client is told of the clip beside where its files are (CONTRACT section 5)."""
        moment, texts = self.moment, self.texts
        return {
            "clip_id": self.clip_id,
            "title": texts.title,
            "video_description_for_tiktok": texts.tiktok,
            "video_description_for_instagram": texts.instagram,
            "video_title_for_youtube_short": texts.youtube_title,
            "start": round(moment.start_s, 3),
            "end": round(moment.end_s, 3),
            "virality_score": moment.virality_score,
            "score_parts": {name: part.model_dump(mode="json") for name, part in moment.parts.items()},
        }


class CostAnalysis(Document):
    """What a job cost. ``total_cost`` in USD is 0 without a paid model and null when a price is not known."""

    total_cost: float | None = Field(default=0.0, ge=0)
    gemini_api_calls: int = Field(default=0, ge=0, description="calls of the language model, Gemini or another")
    whisper_duration_seconds: float = Field(default=0.0, ge=0)
    language_model: str | None = None
    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    note: str | None = None


class Picks(Document):
    """All clips of a job, best first, and what choosing them cost."""

    schema_name: Literal["reelprint.picks"] = "reelprint.picks"
    schema_version: Literal[1] = 1
    title: str = Field(description="what the film is called")
    language: str | None = None
    picks: tuple[Pick, ...]
    cost: CostAnalysis
    notes: tuple[str, ...] = ()


class ClipPlan(Document):
    """A pick, planned. ``name`` is its file name without suffix, ``subtitles`` what its .srt and .vtt say."""

    pick: Pick
    name: str
    plan: EditPlan
    subtitles: CaptionTrack | None = None


class ClipPlans(Document):
    """The plans of all clips of a job, best first."""

    schema_name: Literal["reelprint.clip_plans"] = "reelprint.clip_plans"
    schema_version: Literal[1] = 1
    clips: tuple[ClipPlan, ...]


class StoredClip(Document):
    """A clip whose files are whole and in place. ``name`` is the film's file name; the keys say where the files are."""

    pick: Pick
    name: str
    film: str
    thumbnail: str
    srt: str | None = None
    vtt: str | None = None
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    duration_s: float = Field(gt=0)


class LanguageModelAsked(Document):
    """The language model of one job: ``gemini``, or anything that speaks OpenAI's chat completions."""

    kind: Literal["openai", "gemini"]
    base_url: str
    model: str
    api_key: str | None = Field(default=None, repr=False)
    timeout_s: float = Field(default=60.0, gt=0)
