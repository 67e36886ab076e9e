"""The documents that go in and out, as the OpenAPI description shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from reelprint.core.document import Document
from reelprint.core.jobs import JobConfig, JobError, JobStatus, JobView
from reelprint.core.style import StyleJSON
from reelprint.core.webhooks import DeliveryState, WebhookAttempt
from reelprint.style.presets import preset_names

Data = TypeVar("Data")


class JobRequestConfig(JobConfig):
    """How a job is done; every field may be left out. At most one of style_id, style_json and preset."""

    preset: str | None = Field(
        default=None, description="a built-in style", json_schema_extra={"enum": [*preset_names(), None]}
    )


def _given(*names: str) -> list[JsonValue]:
    """JSON Schema: one of the fields is there, and not null."""
    return [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in names]


class JobRequest(Document):
    """What a job is asked to do."""

    model_config = ConfigDict(json_schema_extra={"anyOf": _given("video_id", "template_video_id")})

    video_id: str | None = Field(default=None, description="the footage")
    template_video_id: str | None = Field(default=None, description="the reference whose style is taken")
    config: JobRequestConfig | None = None
    webhook_url: str | None = Field(
        default=None,
        max_length=2048,
        description="told when the job ends, instead of the video's own; http or https, a public address",
        json_schema_extra={"format": "uri"},
    )


StyleName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class StyleRequest(Document):
    """A style to keep: exactly one of ``job_id`` and ``style_json``."""

    model_config = ConfigDict(json_schema_extra={"oneOf": _given("job_id", "style_json")})

    name: StyleName
    job_id: str | None = Field(default=None, description="a job whose style is taken")
    style_json: StyleJSON | None = None


class Shown(BaseModel):
    """The base of answers: every field is always there."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class ErrorBody(Shown):
    """``code`` is for programs, ``detail`` for those who write them."""

    code: str = Field(pattern="^[A-Z][A-Z0-9_]*$")
    detail: str


class ErrorEnvelope(Shown):
    """The answer to a request that could not be fulfilled."""

    success: Literal[False]
    message: str
    error: ErrorBody


class Plain(Shown):
    """An error outside of /api/v1."""

    detail: str


class Success(Shown, Generic[Data]):
    """The answer to a request that was fulfilled."""

    success: Literal[True]
    message: str
    data: Data


class JobResponse(JobView):
    """A job as polling clients see it. ``error`` is null unless the job failed."""


class JobDetailResponse(JobView):
    """A job that ended, with what came of it; null is what does not apply."""

    style_json: StyleJSON | None
    output_video_url: str | None
    processing_time_seconds: float | None


class JobList(Shown):
    """A page of jobs, newest first."""

    jobs: list[JobResponse]
    total: int = Field(ge=0)
    page: int = Field(ge=1)
    page_size: int = Field(ge=1, le=100)


class StyleResponse(Shown):
    """A saved style."""

    style_id: str
    name: str
    style_json: StyleJSON
    created_at: datetime


class StyleList(Shown):
    """A page of saved styles, newest first."""

    styles: list[StyleResponse]
    total: int = Field(ge=0)
    page: int = Field(ge=1)
    page_size: int = Field(ge=1, le=100)


class StyleDeleted(Shown):
    """Which style is gone."""

    style_id: str


class WebhookStatus(Shown):
    """The notice of a job's end. Ids and state are null while there is none: the job still runs, or asked for none."""

    job_id: str
    webhook_id: str | None
    url: str | None
    state: DeliveryState | None
    created_at: datetime | None
    next_at: datetime | None = Field(description="when it is tried again")
    attempts: list[WebhookAttempt]


class Health(Shown):
    """``workers`` 0 is healthy too: jobs are taken and wait."""

    status: Literal["ok"]
    version: str
    database: Literal["ok"]
    storage: Literal["ok"]
    queue: Literal["ok"]
    workers: int = Field(ge=0, description="worker processes that live")


class JobEvent(BaseModel):
    """``data`` of a server-sent event; ``log`` and ``error`` are only there when there is something in them."""

    status: JobStatus
    current_stage: str | None
    progress_percent: int = Field(ge=0, le=100)
    log: list[str] | None = Field(default=None, description="in events named log; of clips jobs in status too")
    error: JobError | None = Field(default=None, description="only when the job failed")
