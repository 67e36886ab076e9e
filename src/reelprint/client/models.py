"""Answers of the API (CONTRACT section 1).

Unlike our documents these are lenient: a newer server may add fields, which are kept and written out again, and values,
so that statuses are plain text here. Field names and meanings are the contract's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from reelprint.client.errors import ApiError
from reelprint.core.jobs import TERMINAL


class Answer(BaseModel):
    """An immutable answer that keeps what it does not know."""

    model_config = ConfigDict(frozen=True, extra="allow")

    @classmethod
    def of(cls, body: Any) -> Self:
        """An answer without envelope. Raises ApiError when it is something else."""
        try:
            return cls.model_validate(body)
        except ValidationError as error:
            first = error.errors()[0]
            told = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
            raise ApiError(200, "BAD_ANSWER", f"the server's answer is no {cls.__name__}", told) from None

    @classmethod
    def within(cls, body: Any) -> Self:
        """An answer in the envelope of a success. Raises ApiError when it is something else."""
        return cls.of(body.get("data") if isinstance(body, dict) else None)


class Health(Answer):
    """Whether the server accepts work; what it says of its parts is among the unknown fields."""

    status: str = ""


class VideoMetadata(Answer):
    """Measured; width and height as displayed."""

    width: int
    height: int
    duration_seconds: float
    frame_rate: float
    codec: str
    bitrate_kbps: int
    format: str


class Video(Answer):
    """An uploaded film."""

    video_id: str
    filename: str
    file_size_bytes: int
    metadata: VideoMetadata
    uploaded_at: datetime
    storage_url: str | None = None


class JobFailure(Answer):
    """Why a job failed."""

    stage: str | None = None
    message: str = ""


class Job(Answer):
    """Where a job stands."""

    job_id: str
    status: str
    progress_percent: int
    current_stage: str | None = None
    video_id: str | None = None
    template_video_id: str | None = None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    error: JobFailure | None = None

    @property
    def ended(self) -> bool:
        """Whether it has reached a status that it never leaves."""
        return self.status in TERMINAL


class JobResult(Job):
    """A job that ended, with what it has made."""

    style_json: dict[str, Any] | None = None
    output_video_url: str | None = None
    processing_time_seconds: float | None = None


class JobEvent(Answer):
    """One line of a job's story: a change of status, stage or progress, or log lines."""

    id: str = ""
    status: str | None = None
    current_stage: str | None = None
    progress_percent: int | None = None
    log: tuple[str, ...] = ()
    error: JobFailure | None = None

    @field_validator("log", mode="before")
    @classmethod
    def _lines(cls, given: object) -> object:
        return () if given is None else (given,) if isinstance(given, str) else given

    @property
    def ended(self) -> bool:
        """Whether it is the last one."""
        return self.status in TERMINAL


class Style(Answer):
    """A style kept under a name."""

    style_id: str
    name: str
    style_json: dict[str, Any]
    created_at: datetime


class FieldDistance(Answer):
    """One field of two styles; distance 0 (same) to 1."""

    a: Any = None
    b: Any = None
    distance: float


class Comparison(Answer):
    """Two styles side by side."""

    distance: float
    fields: dict[str, FieldDistance]


class WebhookAttempt(Answer):
    """One try at a webhook; without ``status_code`` no answer came, and ``error`` says why."""

    number: int
    at: datetime
    status_code: int | None = None
    error: str | None = None
    duration_ms: int | None = None


class Webhook(Answer):
    """The webhook of a job; ``state`` is pending, delivered or failed, and null while there is nothing to send."""

    job_id: str
    webhook_id: str | None = None
    url: str | None = None
    state: str | None = None
    created_at: datetime | None = None
    next_at: datetime | None = None
    attempts: tuple[WebhookAttempt, ...] = ()


class Page(Answer):
    """A page of a list; ``total`` counts what all pages hold."""

    total: int
    page: int
    page_size: int


class Jobs(Page):
    """A page of jobs, newest first."""

    jobs: tuple[Job, ...] = Field(default=())


class Videos(Page):
    """A page of videos, newest first."""

    videos: tuple[Video, ...] = Field(default=())


class Styles(Page):
    """A page of saved styles, newest first."""

    styles: tuple[Style, ...] = Field(default=())


class ClipsQueued(Answer):
    """A clips job that was made."""

    job_id: str
    status: str


class Clip(Answer):
    """A finished clip; its URLs are relative to the server, ``start`` and ``end`` seconds in the source."""

    clip_id: str
    video_url: str
    thumbnail_url: str | None = None
    srt_url: str | None = None
    vtt_url: str | None = None
    title: str
    video_description_for_tiktok: str
    video_description_for_instagram: str
    video_title_for_youtube_short: str
    start: float
    end: float
    virality_score: int
    score_parts: dict[str, Any] = Field(default_factory=dict)


class ClipsResult(Answer):
    """The clips there are, best first, and what the job has cost so far."""

    clips: tuple[Clip, ...]
    cost_analysis: dict[str, Any]


class ClipsStatus(Answer):
    """Where a clips job stands; ``result`` is null until there is something."""

    status: str
    logs: tuple[str, ...] = ()
    result: ClipsResult | None = None

    @property
    def ended(self) -> bool:
        """Whether it has reached a status that it never leaves."""
        return self.status in TERMINAL
