"""The documents of the clips family that go in and out, as the OpenAPI description shows them."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from reelprint.api.schemas import Shown
from reelprint.core.captions import CaptionLook
from reelprint.core.clips import MOST_CLIPS, ClipShape, CostAnalysis, ScorePart
from reelprint.core.document import Document
from reelprint.core.jobs import JobStatus


class ClipsOptions(Document):
    """How clips are asked for; every field may be left out."""

    target_clips: int | None = Field(
        default=None, ge=1, le=MOST_CLIPS, description="how many at most; else as many as fit the film"
    )
    clip_min_seconds: float | None = Field(
        default=None, ge=5, le=175, description="default 15, or half of clip_max_seconds when that is less"
    )
    clip_max_seconds: float | None = Field(
        default=None, ge=10, le=180, description="default 60, or twice clip_min_seconds when that is more"
    )
    output_format: ClipShape | None = Field(
        default=None, description="auto (default): vertical, unless the film is square or vertical itself"
    )
    captions: bool | None = Field(default=None, description="burn in what is said (default true)")
    caption_style: CaptionLook | None = Field(default=None, description="default karaoke")
    language: str | None = Field(
        default=None, pattern="^[a-z]{2,3}$", description="what is spoken, ISO 639-1; detected when left out"
    )
    prompt: str | None = Field(default=None, max_length=2000, description="what to look for")
    style_id: str | None = Field(default=None, description="a saved style that the clips get")


class ProcessRequest(ClipsOptions):
    """A film to make clips of. Options may stand in ``options`` or beside ``url``."""

    model_config = ConfigDict(
        json_schema_extra={"required": ["url"], "anyOf": [{"properties": {"url": {"not": {"type": "null"}}}}]}
    )

    url: str | None = Field(
        default=None,
        max_length=2048,
        description="where the film is: http or https, a public address",
        json_schema_extra={"format": "uri"},
    )
    webhook_url: str | None = Field(
        default=None,
        max_length=2048,
        description="told when the job ends; http or https, a public address",
        json_schema_extra={"format": "uri"},
    )
    webhook_secret: str | None = Field(
        default=None,
        min_length=1,
        max_length=512,
        description="signs this job's webhook instead of the server's secret: `whsec_` and the key in base64; of any"
        " other text the UTF-8 bytes are the key",
    )
    options: ClipsOptions | None = None


class ClipsQueued(Shown):
    """The job that was made."""

    job_id: str = Field(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
    status: JobStatus


class Clip(Shown):
    """A finished clip. URLs are relative to the server (absolute in webhooks); `start` and `end` are seconds in the
    source.
    """

    clip_id: str = Field(description="stable: a clip keeps it, and its place among the others by score")
    video_url: str
    thumbnail_url: str
    srt_url: str | None = Field(description="null when nothing is said in the clip")
    vtt_url: str | None
    title: str
    video_description_for_tiktok: str
    video_description_for_instagram: str
    video_title_for_youtube_short: str = Field(max_length=100)
    start: float = Field(ge=0)
    end: float = Field(ge=0)
    duration: float = Field(ge=0, description="seconds of the clip itself")
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    virality_score: int = Field(
        ge=0, le=100, description="weighted sum of the parts: it ranks the moments of a film, and is no forecast"
    )
    score_parts: dict[str, ScorePart]


class ClipsResult(Shown):
    """The clips there are, in order of score, and what the job has cost so far."""

    clips: list[Clip]
    cost_analysis: CostAnalysis


class ClipsStatus(Shown):
    """Where a clips job stands. `result` is null until the first clip is there, or the job has ended."""

    status: JobStatus
    logs: list[str]
    result: ClipsResult | None
