"""Examples for the OpenAPI description. A test validates each against its schema."""

from __future__ import annotations

from typing import Any

from reelprint.style.presets import preset

STYLE: dict[str, Any] = preset("warm-film").model_dump(mode="json")

JOB_REQUESTS: dict[str, object] = {
    "like a template": {"video_id": "vid_0123456789ab", "template_video_id": "vid_ba9876543210"},
    "a built-in style, upright": {
        "video_id": "vid_0123456789ab",
        "config": {"preset": "warm-film", "aspect_ratio": "9:16", "quality": "high"},
        "webhook_url": "https://app.example/reelprint",
    },
    "only extract the style": {"template_video_id": "vid_ba9876543210"},
    "clean up": {"video_id": "vid_0123456789ab"},
}

JOB_QUEUED: dict[str, Any] = {
    "job_id": "job_0123456789ab",
    "video_id": "vid_0123456789ab",
    "template_video_id": "vid_ba9876543210",
    "status": "queued",
    "progress_percent": 0,
    "current_stage": None,
    "created_at": "2026-01-02T03:04:05.000000Z",
    "updated_at": "2026-01-02T03:04:05.000000Z",
    "started_at": None,
    "completed_at": None,
    "error": None,
}
JOB_PROCESSING = JOB_QUEUED | {
    "status": "processing",
    "progress_percent": 42,
    "current_stage": "motion_analysis",
    "updated_at": "2026-01-02T03:04:19.000000Z",
    "started_at": "2026-01-02T03:04:05.020000Z",
}
JOB_COMPLETED = JOB_QUEUED | {
    "status": "completed",
    "progress_percent": 100,
    "updated_at": "2026-01-02T03:05:05.000000Z",
    "started_at": "2026-01-02T03:04:05.020000Z",
    "completed_at": "2026-01-02T03:05:05.000000Z",
}
JOB_FAILED = JOB_PROCESSING | {
    "status": "failed",
    "current_stage": None,
    "completed_at": "2026-01-02T03:04:19.000000Z",
    "error": {"stage": "motion_analysis", "message": "clip.mp4 has no frame that can be decoded"},
}
JOB_CANCELLED = JOB_PROCESSING | {
    "status": "cancelled",
    "current_stage": None,
    "completed_at": "2026-01-02T03:04:19.000000Z",
}
JOB_RESULT = JOB_COMPLETED | {
    "style_json": STYLE,
    "output_video_url": "http://localhost:8000/api/v1/jobs/job_0123456789ab/output",
    "processing_time_seconds": 59.98,
}
JOB_LIST: dict[str, Any] = {"jobs": [JOB_FAILED, JOB_COMPLETED], "total": 2, "page": 1, "page_size": 10}

STYLE_REQUESTS: dict[str, object] = {
    "from a job": {"name": "The trailer's look", "job_id": "job_0123456789ab"},
    "from a StyleJSON": {"name": "Warm", "style_json": STYLE},
}
SAVED_STYLE: dict[str, Any] = {
    "style_id": "sty_0123456789ab",
    "name": "Warm",
    "style_json": STYLE,
    "created_at": "2026-01-02T03:04:05.000000Z",
}
STYLE_LIST: dict[str, Any] = {"styles": [SAVED_STYLE], "total": 1, "page": 1, "page_size": 10}
COMPARISON: dict[str, Any] = {
    "distance": 0.21,
    "fields": {
        "cut_frequency": {"a": 30.0, "b": 12.0, "distance": 0.55},
        "aspect_ratio": {"a": "16:9", "b": "16:9", "distance": 0.0},
    },
}

DELIVERY: dict[str, Any] = {
    "job_id": "job_0123456789ab",
    "webhook_id": "msg_0123456789abcdef01234567",
    "url": "https://app.example/reelprint",
    "state": "pending",
    "created_at": "2026-01-02T03:05:05.000000Z",
    "next_at": "2026-01-02T03:05:21.000000Z",
    "attempts": [
        {
            "number": 1,
            "at": "2026-01-02T03:05:05.100000Z",
            "status_code": 502,
            "error": "the receiver answered 502",
            "duration_ms": 84,
        }
    ],
}
WEBHOOK: dict[str, Any] = {
    "type": "job.completed",
    "timestamp": "2026-01-02T03:05:05.000000Z",
    "job_id": "job_0123456789ab",
    "status": "completed",
    "progress_percent": 100,
    "output_video_url": "http://localhost:8000/api/v1/jobs/job_0123456789ab/output",
    "processing_time_seconds": 59.98,
}
WEBHOOK_FAILED = WEBHOOK | {
    "type": "job.failed",
    "status": "failed",
    "progress_percent": 42,
    "output_video_url": None,
    "error": {"stage": "motion_analysis", "message": "clip.mp4 has no frame that can be decoded"},
}
WEBHOOK_CANCELLED = WEBHOOK | {
    "type": "job.cancelled",
    "status": "cancelled",
    "progress_percent": 42,
    "output_video_url": None,
}

HEALTH: dict[str, Any] = {
    "status": "ok",
    "version": "0.1.0",
    "database": "ok",
    "storage": "ok",
    "queue": "ok",
    "workers": 2,
}


def enveloped(message: str, data: dict[str, Any]) -> dict[str, Any]:
    """An example in the envelope of a success."""
    return {"success": True, "message": message, "data": data}
