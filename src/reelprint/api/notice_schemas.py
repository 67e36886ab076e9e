"""What webhooks bring, as the OpenAPI description shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from reelprint.api.clips_schemas import Clip
from reelprint.core.jobs import JobError


class WebhookPayload(BaseModel):
    """What a webhook brings; ``error`` comes with failures only, ``clips`` with clips jobs only."""

    type: Literal["job.completed", "job.failed", "job.cancelled"]
    timestamp: datetime
    job_id: str
    status: Literal["completed", "failed", "cancelled"]
    progress_percent: int
    output_video_url: str | None
    processing_time_seconds: float | None
    error: JobError | None = None
    clips: list[Clip] | None = Field(default=None, description="the finished clips, with absolute URLs")
