"""Webhook deliveries (CONTRACT section 3): one for a job that ended, tried until the receiver takes it."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import Field

from reelprint.core.clips_shown import clip_path, clip_shown
from reelprint.core.document import Document
from reelprint.core.errors import DocumentError, ReelprintError
from reelprint.core.jobs import TERMINAL, Job

_SECRET_PREFIX = "whsec_"

DeliveryState = Literal["pending", "delivered", "failed"]


class WebhookAttempt(Document):
    """One try: ``status_code`` null when no answer came, then ``error`` says why."""

    number: int = Field(ge=1)
    at: datetime
    status_code: int | None = None
    error: str | None = None
    duration_ms: int | None = None


class Delivery(Document):
    """A notice that is due. ``delivery_id`` is the ``webhook-id`` of every attempt."""

    delivery_id: str
    job_id: str
    owner: str
    url: str
    payload: dict[str, Any]
    state: DeliveryState = "pending"
    created_at: datetime
    next_at: datetime | None = None
    attempts: tuple[WebhookAttempt, ...] = ()


def payload_of(job: Job) -> dict[str, Any]:
    """What the receiver is told about a job that ended, plain JSON. ``timestamp`` is when it ended.

    ``clips``, of clips jobs only, holds the clips that were finished, whatever the ending. Raises ReelprintError when
    the job has not ended.
    """
    if job.status not in TERMINAL:
        raise ReelprintError(f"{job.job_id} is {job.status}: there is nothing to tell yet")
    has_film = job.status == "completed" and job.output is not None and job.output.film is not None
    payload: dict[str, Any] = {
        "type": f"job.{job.status}",
        "timestamp": (job.completed_at or job.updated_at).astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "job_id": job.job_id,
        "status": job.status,
        "progress_percent": job.progress_percent,
        "output_video_url": f"{job.base_url}/api/v1/jobs/{job.job_id}/output" if has_film else None,
        "processing_time_seconds": job.processing_time_seconds,
    }
    if job.status == "failed":
        payload["error"] = None if job.error is None else job.error.model_dump(mode="json")
    if job.kind == "clips":

        def url_of(name: str) -> str:
            return f"{job.base_url}{clip_path(job.job_id, name)}"

        payload["clips"] = [clip_shown(clip, url_of) for clip in job.clips_done]
    return payload


def signing_secret(given: str) -> str:
    """A job's own webhook secret as Standard Webhooks writes one: ``whsec_`` and the key in base64.

    Written so already it stays; of any other text the UTF-8 bytes are the key. Raises DocumentError.
    """
    if not given.startswith(_SECRET_PREFIX):
        return _SECRET_PREFIX + base64.b64encode(given.encode()).decode("ascii")
    encoded = given.removeprefix(_SECRET_PREFIX)
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise DocumentError("webhook_secret: after whsec_ comes the key in base64", detail="webhook_secret")
    return _SECRET_PREFIX + base64.b64encode(key).decode("ascii")
