"""``GET /api/status``: the log word for word, clips as they come, what stays."""

from __future__ import annotations

from typing import Any

import pytest

from reelprint.core.clips import CostAnalysis
from reelprint.core.jobs import JobError
from reelprint.core.progress import Stage
from tests.integration.api.server import RunningApi
from tests.integration.api.test_clips_process import plain_error, rows
from tests.integration.api.test_events import read
from tests.integration.api.test_jobs import FIELDS, error_of

CLIP = [
    *("clip_id", "video_url", "thumbnail_url", "srt_url", "vtt_url", "title"),
    *("video_description_for_tiktok", "video_description_for_instagram", "video_title_for_youtube_short"),
    *("start", "end", "virality_score", "score_parts", "duration", "width", "height"),
]


def status(api: RunningApi, job_id: str) -> dict[str, Any]:
    answer = api.client.get(f"/api/status/{job_id}")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    assert list(body) == ["status", "logs", "result"]
    return body


def names(body: dict[str, Any]) -> list[str]:
    return [clip["clip_id"] for clip in body["result"]["clips"]]


def test_from_queued_to_completed(api: RunningApi) -> None:
    job_id = api.clips_job()
    first = f"Job {job_id} queued."
    assert status(api, job_id) == {"status": "queued", "logs": [first], "result": None}
    attempts = api.service.db.attempts
    api.start(job_id)
    api.advance(job_id, Stage.AUDIO_ANALYSIS, 30)
    assert api.do(attempts.log(job_id, 1, "English, 1 speaker\x00"))
    cost = CostAnalysis(total_cost=None, gemini_api_calls=2, whisper_duration_seconds=1.5, note="no price\x00")
    assert api.do(attempts.cost(job_id, 1, cost))
    started = [first, "Job started by worker.", "English, 1 speaker\N{REPLACEMENT CHARACTER}"]
    assert status(api, job_id) == {"status": "processing", "logs": started, "result": None}, "no clip, no result"
    api.clip(job_id, 2, said=False)
    body = status(api, job_id)
    assert body["logs"] == started and names(body) == ["clip_02"]
    (early,) = body["result"]["clips"]
    assert early["srt_url"] is early["vtt_url"] is None
    api.clip(job_id, 1)
    body = status(api, job_id)
    assert names(body) == ["clip_01", "clip_02"] and body["result"]["clips"][1] == early
    assert body["status"] == "processing"
    clip = body["result"]["clips"][0]
    assert list(clip) == CLIP
    assert clip["video_url"] == f"/videos/{job_id}/talk_clip_1.mp4"
    assert clip["vtt_url"] == f"/videos/{job_id}/talk_clip_1.vtt"
    assert (clip["start"], clip["end"], clip["duration"], clip["virality_score"]) == (100, 120.457, 20.44, 89)
    assert clip["score_parts"] == {"hook": {"score": 80, "reason": "begins with a question"}}
    assert body["result"]["cost_analysis"] == cost.model_dump() | {"note": "no price\N{REPLACEMENT CHARACTER}"}
    assert api.do(attempts.complete(job_id, 1))
    last = status(api, job_id)
    assert last["status"] == "completed" and last["result"] == body["result"]
    assert last["logs"] == [*body["logs"], "Process finished successfully."]


def test_a_clip_is_handed_out_once_and_only_by_the_newest_attempt(api: RunningApi) -> None:
    job_id = api.clips_job()
    api.start(job_id)
    api.clip(job_id, 1)
    before = status(api, job_id)
    api.clip(job_id, 1)
    assert status(api, job_id) == before
    attempts = api.service.db.attempts
    assert api.do(attempts.lose(job_id, 1, "worker lost: no sign of life for 6 s"))
    assert api.start(job_id) == 3
    again = api.clip(job_id, 1, attempt=3)
    assert again.film != before["result"]["clips"][0]["video_url"]
    api.clip(job_id, 2, attempt=3)
    assert not api.do(attempts.clip(job_id, 1, again)) and not api.do(attempts.cost(job_id, 1, CostAnalysis()))
    (row,) = rows(api, "SELECT clips_done FROM jobs WHERE job_id = :id", id=job_id)
    assert [clip["film"].split("/")[2] for clip in row.clips_done] == ["1", "3"], "links in clients' hands stay"
    body = status(api, job_id)
    assert body["result"]["clips"][0] == before["result"]["clips"][0]
    assert body["logs"] == [
        f"Job {job_id} queued.",
        "Job started by worker.",
        "worker lost: no sign of life for 6 s",
        "attempt 3 started on test-worker",
    ]
    assert api.do(attempts.complete(job_id, 3))
    assert status(api, job_id)["logs"][-1] == "Process finished successfully."


@pytest.mark.parametrize("with_clip", [True, False])
def test_a_failure_says_why_and_keeps_its_clips(api: RunningApi, with_clip: bool) -> None:
    job_id = api.clips_job()
    api.start(job_id)
    if with_clip:
        api.clip(job_id, 1)
    assert api.do(api.service.db.attempts.fail(job_id, 1, JobError(stage="rendering", message="the disk is full")))
    body = status(api, job_id)
    assert body["status"] == "failed" and names(body) == (["clip_01"] if with_clip else [])
    assert body["logs"][-2:] == ["Process failed with exit code 1", "Execution error: the disk is full"]
    assert body["result"]["cost_analysis"]["total_cost"] == 0


def test_a_cancelled_job_keeps_its_clips(api: RunningApi) -> None:
    job_id = api.clips_job()
    api.start(job_id)
    api.clip(job_id, 1)
    answer = api.client.post(f"/api/v1/jobs/{job_id}/cancel")
    assert answer.status_code == 200 and answer.json()["data"]["status"] == "cancelled"
    body = status(api, job_id)
    assert (body["status"], body["logs"][-1], names(body)) == ("cancelled", "Job cancelled.", ["clip_01"])
    waiting = api.clips_job()
    api.client.post(f"/api/v1/jobs/{waiting}/cancel")
    assert status(api, waiting)["logs"] == [f"Job {waiting} queued.", "Job cancelled."]


def test_three_lost_workers_are_a_failure(api: RunningApi) -> None:
    job_id = api.clips_job()
    for _ in range(3):
        assert api.do(api.service.db.attempts.lose(job_id, api.start(job_id), "worker lost"))
    logs = status(api, job_id)["logs"]
    assert logs[-2] == "Process failed with exit code 1" and logs[-1].startswith("Execution error: 3 workers were lost")


def test_unknown_jobs(api: RunningApi) -> None:
    style_job = api.job(video_id=api.video())
    unknown = ["6f1f9c1e-8a53-4d0e-9d0b-2f6f3c1a7b42", "6F1F9C1E-8A53-4D0E-9D0B-2F6F3C1A7B42", "nonsense", "%00", "%2e"]
    for job_id in (*unknown, style_job):
        for path in (f"/api/status/{job_id}", f"/videos/{job_id}/talk_clip_1.mp4"):
            assert plain_error(api.client.get(path))[0] == 404, path
    gone = api.clips_job()
    rows(api, "DELETE FROM jobs WHERE job_id = :id RETURNING 1", id=gone)
    assert plain_error(api.client.get(f"/api/status/{gone}"))[0] == 404, "expired"


def test_one_question_a_poll(api: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = api.clips_job()
    asked: list[object] = []
    run = api.service.db.database.run

    async def counted(work: Any, **how: Any) -> Any:
        asked.append(how)
        return await run(work, **how)

    monkeypatch.setattr(api.service.db.database, "run", counted)
    status(api, job_id)
    assert asked == [{"one_statement": True}]


def test_clips_jobs_among_the_others(api: RunningApi) -> None:
    job_id = api.clips_job()
    for kind, there in (("clips", True), ("style", False)):
        body = api.client.get("/api/v1/jobs", params={"kind": kind, "page_size": 100}).json()
        assert (job_id in [job["job_id"] for job in body["jobs"]]) is there
    api.start(job_id)
    api.clip(job_id, 1)
    shown = api.client.get(f"/api/v1/jobs/{job_id}").json()["data"]
    assert list(shown) == FIELDS and (shown["job_id"], shown["status"]) == (job_id, "processing")
    assert error_of(api.client.get(f"/api/v1/jobs/{job_id}/result")) == (409, "JOB_NOT_COMPLETED")
    assert api.do(api.service.db.attempts.complete(job_id, 1))
    result = api.client.get(f"/api/v1/jobs/{job_id}/result").json()["data"]
    assert (result["style_json"], result["output_video_url"], result["status"]) == (None, None, "completed")
    for name in ("output", "style.cube", "timeline.otio", "report"):
        answer = api.client.get(f"/api/v1/jobs/{job_id}/{name}")
        assert error_of(answer) == (404, "NOT_FOUND") and "clips" in answer.json()["message"]
    assert 'reelprint_jobs{kind="clips",status="completed"}' in api.client.get("/metrics").text


def test_events_tell_the_same_lines(api: RunningApi) -> None:
    job_id = api.clips_job()
    api.start(job_id)
    api.clip(job_id, 1)
    assert api.do(api.service.db.attempts.fail(job_id, 1, JobError(stage="rendering", message="the disk is full")))
    events = read(api.client, job_id)
    assert [line for _, _, data in events for line in data.get("log", ())] == status(api, job_id)["logs"]
    assert [(events[0][1], events[0][2]["status"]), (events[-1][1], events[-1][2]["status"])] == [
        ("status", "queued"),
        ("status", "failed"),
    ]
    assert [data["status"] for _, _, data in events[1:-1]] == ["processing"] * (len(events) - 2)
    assert read(api.client, job_id, events[-2][0]) == events[-1:]


def test_webhooks_bring_the_clips(api: RunningApi) -> None:
    job_id = api.clips_job(webhook_url="https://hooks.example/x", webhook_secret="plain words")
    api.start(job_id)
    api.clip(job_id, 1)
    assert api.do(api.service.db.attempts.complete(job_id, 1))
    due = api.client.get(f"/api/v1/jobs/{job_id}/webhooks").json()["data"]
    assert (due["job_id"], due["state"]) == (job_id, "pending")
    (row,) = rows(api, "SELECT payload FROM deliveries WHERE job_id = :id", id=job_id)
    payload = row.payload
    assert (payload["type"], payload["job_id"], payload["output_video_url"]) == ("job.completed", job_id, None)
    (clip,) = payload["clips"]
    shown = status(api, job_id)["result"]["clips"][0]
    urls = [name for name in CLIP if name.endswith("_url")]
    assert clip == shown | {name: api.url + shown[name] for name in urls}
    assert api.client.get(clip["video_url"]).status_code == 200
    assert "plain words" not in str(payload)
    assert api.client.post(f"/api/v1/jobs/{job_id}/webhooks/redeliver").status_code == 200


def test_a_style_can_be_saved_from_a_clips_job_that_has_one(api: RunningApi) -> None:
    saved = api.client.post("/api/v1/styles", json={"name": "n", "style_json": _noir()}).json()["data"]
    styled, plain = api.clips_job(style_id=saved["style_id"]), api.clips_job()
    again = api.client.post("/api/v1/styles", json={"name": "m", "job_id": styled}).json()["data"]
    assert again["style_json"] == saved["style_json"]
    assert error_of(api.client.post("/api/v1/styles", json={"name": "m", "job_id": plain})) == (
        409,
        "JOB_NOT_COMPLETED",
    )


def _noir() -> dict[str, Any]:
    from reelprint.style.presets import preset

    return preset("noir").model_dump(mode="json")
