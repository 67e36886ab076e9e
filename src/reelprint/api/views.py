"""Documents as the API writes them."""

from __future__ import annotations

from typing import Any

from reelprint.api.answers import moment
from reelprint.core.jobs import Job, JobView
from reelprint.core.saved import SavedStyle
from reelprint.core.webhooks import Delivery


def job_shown(job: JobView) -> dict[str, Any]:
    """A JobResponse."""
    return {
        "job_id": job.job_id,
        "video_id": job.video_id,
        "template_video_id": job.template_video_id,
        "status": job.status,
        "progress_percent": job.progress_percent,
        "current_stage": job.current_stage and job.current_stage.value,
        "created_at": moment(job.created_at),
        "updated_at": moment(job.updated_at),
        "started_at": moment(job.started_at),
        "completed_at": moment(job.completed_at),
        "error": job.error and {"stage": job.error.stage, "message": job.error.message},
    }


def result_shown(job: Job) -> dict[str, Any]:
    """A JobDetailResponse."""
    film = job.output is not None and job.output.film is not None
    return job_shown(job.view) | {
        "style_json": job.style_json,
        "output_video_url": output_url(job) if film else None,
        "processing_time_seconds": job.processing_time_seconds,
    }


def output_url(job: Job) -> str:
    """Where the film of a job is fetched."""
    return f"{job.base_url}/api/v1/jobs/{job.job_id}/output"


def style_shown(style: SavedStyle) -> dict[str, Any]:
    """A saved style."""
    return {
        "style_id": style.style_id,
        "name": style.name,
        "style_json": style.style_json.model_dump(mode="json"),
        "created_at": moment(style.created_at),
    }


def delivery_shown(job_id: str, delivery: Delivery | None) -> dict[str, Any]:
    """The notice of a job's end, or that there is none."""
    if delivery is None:
        nothing = dict.fromkeys(("webhook_id", "url", "state", "created_at", "next_at"))
        return {"job_id": job_id, **nothing, "attempts": []}
    return {
        "job_id": job_id,
        "webhook_id": delivery.delivery_id,
        "url": delivery.url,
        "state": delivery.state,
        "created_at": moment(delivery.created_at),
        "next_at": moment(delivery.next_at),
        "attempts": [
            {
                "number": attempt.number,
                "at": moment(attempt.at),
                "status_code": attempt.status_code,
                "error": attempt.error,
                "duration_ms": attempt.duration_ms,
            }
            for attempt in delivery.attempts
        ],
    }
