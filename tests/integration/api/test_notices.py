"""Webhook attempts as the API shows them, and sending again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reelprint.core.webhooks import WebhookAttempt
from tests.integration.api.server import RunningApi
from tests.integration.api.test_jobs import MOMENT, error_of


def test_attempts_are_listed_and_sent_again(api: RunningApi) -> None:
    job_id = api.job(video_id=api.video(), webhook_url="https://hooks.example/a?b=c")
    path = f"/api/v1/jobs/{job_id}/webhooks"
    before = api.client.get(path).json()["data"]
    assert before["attempts"] == [] and before["webhook_id"] is None and before["state"] is None
    assert error_of(api.client.post(f"{path}/redeliver")) == (409, "JOB_NOT_COMPLETED")
    api.start(job_id)
    api.complete(job_id)
    due = api.client.get(path).json()["data"]
    assert (due["state"], due["url"], due["attempts"]) == ("pending", "https://hooks.example/a?b=c", [])
    delivery = api.do(api.service.db.webhooks.claim(due["webhook_id"]))
    assert delivery is not None
    assert error_of(api.client.post(f"{path}/redeliver")) == (409, "WEBHOOK_BUSY")
    now = datetime.now(UTC)
    attempt = WebhookAttempt(number=1, at=now, status_code=500, error="the receiver answered 500", duration_ms=12)
    api.do(api.service.db.webhooks.record(due["webhook_id"], attempt, "pending", now + timedelta(minutes=1)))
    data = api.client.get(path).json()["data"]
    assert data["webhook_id"] == due["webhook_id"] and MOMENT.fullmatch(data["next_at"])
    (shown,) = data["attempts"]
    assert MOMENT.fullmatch(shown.pop("at"))
    assert shown == {"number": 1, "status_code": 500, "error": "the receiver answered 500", "duration_ms": 12}
    again = api.client.post(f"{path}/redeliver")
    assert again.status_code == 200
    assert again.json()["data"]["webhook_id"] == due["webhook_id"]
    assert again.json()["data"]["next_at"] < data["next_at"]


def test_a_job_without_webhook(api: RunningApi) -> None:
    job_id = api.completed(video_id=api.video())
    assert api.client.get(f"/api/v1/jobs/{job_id}/webhooks").json()["data"]["attempts"] == []
    assert error_of(api.client.post(f"/api/v1/jobs/{job_id}/webhooks/redeliver")) == (409, "NO_WEBHOOK")


def test_the_videos_webhook_is_the_default(api: RunningApi) -> None:
    hook, other = "https://hooks.example/video", "https://hooks.example/job"
    video, template = api.video(webhook_url=hook), api.video(webhook_url="https://hooks.example/template")
    get = api.service.db.jobs.get
    assert api.do(get("local", api.job(video_id=video))).webhook_url == hook
    assert api.do(get("local", api.job(video_id=video, webhook_url=other))).webhook_url == other
    assert api.do(get("local", api.job(video_id=api.video(), template_video_id=template))).webhook_url is None
    assert api.do(get("local", api.job(template_video_id=template))).webhook_url == "https://hooks.example/template"
