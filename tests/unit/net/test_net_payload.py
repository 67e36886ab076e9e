"""What a receiver is told (CONTRACT section 3)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from reelprint.core.errors import ReelprintError
from reelprint.core.jobs import Job, JobConfig, JobError, JobOutput
from reelprint.core.webhooks import payload_of

START = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
END = START + timedelta(seconds=12.5)


def job(status: str, **values: Any) -> Job:
    known: dict[str, Any] = {
        "job_id": "job_0123456789ab",
        "owner": "local",
        "task": "apply",
        "config": JobConfig(),
        "base_url": "https://films.example/reelprint",
        "status": status,
        "progress_percent": 100 if status == "completed" else 42,
        "created_at": START,
        "updated_at": END,
        "started_at": START,
        "completed_at": END,
    }
    return Job(**{**known, **values})


def test_a_completed_job() -> None:
    payload = payload_of(job("completed", output=JobOutput(film="outputs/x/1/film.mp4")))
    assert payload == {
        "type": "job.completed",
        "timestamp": "2026-03-01T12:00:12.750000Z",
        "job_id": "job_0123456789ab",
        "status": "completed",
        "progress_percent": 100,
        "output_video_url": "https://films.example/reelprint/api/v1/jobs/job_0123456789ab/output",
        "processing_time_seconds": 12.5,
    }
    assert json.loads(json.dumps(payload)) == payload


@pytest.mark.parametrize("output", [None, JobOutput(cube="outputs/x/1/style.cube")])
def test_a_completed_extraction_has_no_film(output: JobOutput | None) -> None:
    assert payload_of(job("completed", task="extract", output=output))["output_video_url"] is None


def test_a_failed_job_says_where_and_why() -> None:
    error = JobError(stage="rendering", message="no space left")
    payload = payload_of(job("failed", error=error, output=JobOutput(film="outputs/x/1/film.mp4")))
    assert payload["type"] == "job.failed"
    assert payload["error"] == {"stage": "rendering", "message": "no space left"}
    assert payload["progress_percent"] == 42
    assert payload["output_video_url"] is None


def test_a_job_cancelled_before_it_began() -> None:
    payload = payload_of(job("cancelled", started_at=None, progress_percent=0))
    assert (payload["type"], payload["status"]) == ("job.cancelled", "cancelled")
    assert payload["processing_time_seconds"] is None
    assert "error" not in payload


def test_times_are_utc_and_end_in_z() -> None:
    there = END.astimezone(timezone(timedelta(hours=-7)))
    assert payload_of(job("completed", completed_at=there))["timestamp"] == "2026-03-01T12:00:12.750000Z"


@pytest.mark.parametrize("status", ["queued", "processing"])
def test_a_job_that_has_not_ended_has_nothing_to_tell(status: str) -> None:
    with pytest.raises(ReelprintError):
        payload_of(job(status, completed_at=None))
