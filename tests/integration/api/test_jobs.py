"""Jobs: what is asked for, what polling shows, what comes of it."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from reelprint.core.progress import Stage
from tests.integration.api.server import STYLE, RunningApi

FIELDS = [
    "job_id",
    "video_id",
    "template_video_id",
    "status",
    "progress_percent",
    "current_stage",
    "created_at",
    "updated_at",
    "started_at",
    "completed_at",
    "error",
]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def error_of(answer: Any) -> tuple[int, str]:
    body = answer.json()
    assert list(body) == ["success", "message", "error"] and body["success"] is False
    assert list(body["error"]) == ["code", "detail"]
    assert body["message"] and isinstance(body["error"]["detail"], str)
    return answer.status_code, body["error"]["code"]


def style() -> dict[str, Any]:
    return STYLE.model_dump(mode="json")


def test_a_new_job_is_queued_at_zero(api: RunningApi) -> None:
    footage, template = api.video(), api.video()
    answer = api.client.post("/api/v1/jobs", json={"video_id": footage, "template_video_id": template})
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["success", "message", "data"] and body["success"] is True and body["message"]
    job = body["data"]
    assert list(job) == FIELDS
    assert re.fullmatch(r"job_[0-9a-f]{12}", job["job_id"])
    assert (job["status"], job["progress_percent"], job["current_stage"]) == ("queued", 0, None)
    assert (job["video_id"], job["template_video_id"]) == (footage, template)
    assert MOMENT.fullmatch(job["created_at"]) and MOMENT.fullmatch(job["updated_at"])
    assert (job["started_at"], job["completed_at"], job["error"]) == (None, None, None)
    assert answer.headers["location"] == f"/api/v1/jobs/{job['job_id']}"
    assert answer.headers["retry-after"] == "5"
    assert api.client.get(answer.headers["location"]).json()["data"] == job


@pytest.mark.parametrize(
    ("body", "task", "takes"),
    [
        ({"video_id": "footage", "template_video_id": "template"}, "apply", "template"),
        ({"template_video_id": "template"}, "extract", "template"),
        ({"video_id": "footage", "config": {"preset": "noir"}}, "apply", "style"),
        ({"video_id": "footage", "config": {"style_json": style()}}, "apply", "style"),
        ({"video_id": "footage"}, "clean", "nothing"),
        ({"video_id": "defaulted"}, "apply", "template"),
        ({"video_id": "defaulted", "config": {"preset": "noir"}}, "apply", "style"),
        ({"video_id": "footage", "config": {"mode": "extract"}}, "extract", "nothing"),
        ({"video_id": "defaulted", "config": {"mode": "extract"}}, "extract", "template"),
        (
            {"video_id": "footage", "template_video_id": "template", "config": {"mode": "extract"}},
            "extract",
            "template",
        ),
        ({"video_id": "footage", "config": None, "template_video_id": None, "webhook_url": None}, "clean", "nothing"),
    ],
)
def test_what_is_asked_for(api: RunningApi, body: dict[str, Any], task: str, takes: str) -> None:
    template = api.video()
    videos = {"footage": api.video(), "template": template, "defaulted": api.video(template_video_id=template)}
    given = {name: videos.get(value, value) if isinstance(value, str) else value for name, value in body.items()}
    job_id = api.job(**given)
    job = api.do(api.service.db.jobs.get("local", job_id))
    assert job.task == task
    assert job.template_video_id == (template if takes == "template" else None)
    assert (job.style is not None) == (takes == "style")
    assert job.config.style_json is None
    assert job.base_url == api.url


def test_a_saved_style_is_taken_as_it_was(api: RunningApi) -> None:
    saved = api.client.post("/api/v1/styles", json={"name": "n", "style_json": style()}).json()["data"]["style_id"]
    job_id = api.job(video_id=api.video(), config={"style_id": saved})
    assert api.client.delete(f"/api/v1/styles/{saved}").status_code == 200
    assert api.do(api.service.db.jobs.get("local", job_id)).style == STYLE


@pytest.mark.parametrize(
    ("body", "status", "code", "detail"),
    [
        ({}, 422, "MISSING_FIELD", "video_id"),
        ({"config": {"preset": "noir"}}, 422, "MISSING_FIELD", "video_id"),
        ({"video_id": "vid_000000000000"}, 404, "VIDEO_NOT_FOUND", "vid_000000000000"),
        ({"video_id": "nonsense\u0000"}, 404, "VIDEO_NOT_FOUND", "nonsense\\x00"),
        ({"video_id": 7}, 422, "VALIDATION_ERROR", "video_id"),
        ({"video_id": "good", "template_video_id": "vid_000000000000"}, 404, "VIDEO_NOT_FOUND", "vid_000000000000"),
        ({"video_id": "good", "config": {"style_id": "sty_000000000000"}}, 404, "STYLE_NOT_FOUND", "sty_"),
        ({"video_id": "good", "config": {"style_id": "x"}}, 404, "STYLE_NOT_FOUND", "x"),
        ({"video_id": "good", "config": {"preset": "nope"}}, 422, "VALIDATION_ERROR", "config.preset"),
        (
            {"video_id": "good", "config": {"preset": "noir", "style_id": "sty_0"}},
            422,
            "VALIDATION_ERROR",
            "config.preset",
        ),
        (
            {"video_id": "good", "template_video_id": "good", "config": {"preset": "noir"}},
            422,
            "VALIDATION_ERROR",
            "preset",
        ),
        (
            {"video_id": "good", "config": {"preset": "noir", "style_json": style()}},
            422,
            "VALIDATION_ERROR",
            "style_json",
        ),
        ({"video_id": "good", "config": {"preset": "noir", "mode": "extract"}}, 422, "VALIDATION_ERROR", "config.mode"),
        ({"video_id": "good", "config": {"strenght": 1}}, 422, "VALIDATION_ERROR", "config.strenght"),
        ({"video_id": "good", "templat_video_id": "x"}, 422, "VALIDATION_ERROR", "templat_video_id"),
        ({"video_id": "good", "config": {"strength": 1.01}}, 422, "VALIDATION_ERROR", "config.strength"),
        ({"video_id": "good", "config": {"strength": "1"}}, 422, "VALIDATION_ERROR", "config.strength"),
        ({"video_id": "good", "config": {"quality": "best"}}, 422, "VALIDATION_ERROR", "config.quality"),
        ({"video_id": "good", "config": {"output_format": "gif"}}, 422, "VALIDATION_ERROR", "config.output_format"),
        ({"video_id": "good", "config": {"aspect_ratio": "4:3"}}, 422, "VALIDATION_ERROR", "config.aspect_ratio"),
        ({"video_id": "good", "config": {"frame_rate": 25}}, 422, "VALIDATION_ERROR", "config.frame_rate"),
        ({"video_id": "good", "config": {"captions": "yes"}}, 422, "VALIDATION_ERROR", "config.captions"),
        ({"video_id": "good", "config": {"seed": 1.5}}, 422, "VALIDATION_ERROR", "config.seed"),
        ({"video_id": "good", "config": {"target_duration_seconds": 0}}, 422, "VALIDATION_ERROR", "target_duration"),
        ({"video_id": "good", "config": {"style_json": {}}}, 422, "MISSING_FIELD", "config.style_json.color_grade"),
        ({"video_id": "good", "config": []}, 422, "VALIDATION_ERROR", "config"),
        ({"video_id": "good", "webhook_url": "http://127.0.0.1/x"}, 422, "VALIDATION_ERROR", "webhook_url"),
        ({"video_id": "good", "webhook_url": "http://[::ffff:a9fe:a9fe]/"}, 422, "VALIDATION_ERROR", "webhook_url"),
        ({"video_id": "good", "webhook_url": "ftp://example.org/"}, 422, "VALIDATION_ERROR", "webhook_url"),
        ({"video_id": "good", "webhook_url": ""}, 422, "VALIDATION_ERROR", "webhook_url"),
    ],
)
def test_what_is_refused(api: RunningApi, body: dict[str, Any], status: int, code: str, detail: str) -> None:
    good = api.video()
    answer = api.client.post(
        "/api/v1/jobs", json={name: good if value == "good" else value for name, value in body.items()}
    )
    assert error_of(answer) == (status, code)
    assert detail in answer.json()["error"]["detail"]


def test_broken_bodies(api: RunningApi) -> None:
    post = api.client.post
    assert error_of(post("/api/v1/jobs")) == (422, "MISSING_FIELD")
    assert error_of(post("/api/v1/jobs", json=[])) == (422, "VALIDATION_ERROR")
    for text in (b"{", b'{"video_id": NaN}', b'{"video_id": "\xff"}', b'{"video_id":"\\ud800"}', b"[" * 100_000):
        answer = post("/api/v1/jobs", content=text, headers={"Content-Type": "application/json"})
        assert error_of(answer) == (422, "VALIDATION_ERROR"), text[:30]
        assert text.decode("latin-1")[:1000] not in answer.text or len(text) < 30
    untyped = post("/api/v1/jobs", content=json.dumps({"video_id": api.video()}).encode())
    assert untyped.status_code == 200 and "content-type" not in untyped.request.headers
    form = post("/api/v1/jobs", data={"video_id": "x"})
    assert error_of(form) == (415, "UNSUPPORTED_MEDIA_TYPE")
    large = post("/api/v1/jobs", content=b" " * (16 * 1024 * 1024 + 1), headers={"Content-Type": "application/json"})
    assert error_of(large) == (413, "BODY_TOO_LARGE")


def test_numbers_and_characters_that_no_database_takes(api: RunningApi) -> None:
    for change in (
        {"created_at": "\x00"},
        {"details": {"provenance": {"reelprint_version": "1", "settings": {"x": [{"y\x00": 1}]}}}},
    ):
        answer = api.client.post("/api/v1/styles", json={"name": "n", "style_json": style() | change})
        assert error_of(answer) == (422, "VALIDATION_ERROR")
    text = json.dumps({"name": "n", "style_json": style()}, separators=(",", ":"))
    huge = text.replace('"closure":null', '"closure":{"x":1e999}')
    assert huge != text
    answer = api.client.post("/api/v1/styles", content=huge, headers={"Content-Type": "application/json"})
    assert error_of(answer) == (422, "VALIDATION_ERROR")


def test_polling_gives_304_until_something_changes(api: RunningApi) -> None:
    job_id = api.job(video_id=api.video())
    first = api.client.get(f"/api/v1/jobs/{job_id}")
    etag = first.headers["etag"]
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        again = api.client.get(f"/api/v1/jobs/{job_id}", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert again.headers["retry-after"] == "5"
    api.start(job_id)
    api.advance(job_id, Stage.MOTION_ANALYSIS, 40)
    answer = api.client.get(f"/api/v1/jobs/{job_id}", headers={"If-None-Match": etag})
    job = answer.json()["data"]
    assert answer.status_code == 200 and answer.headers["etag"] != etag and answer.headers["retry-after"] == "5"
    assert (job["status"], job["progress_percent"], job["current_stage"]) == ("processing", 40, "motion_analysis")
    assert MOMENT.fullmatch(job["started_at"]) and job["completed_at"] is None


def test_the_result_of_a_completed_job(api: RunningApi) -> None:
    job_id = api.job(video_id=api.video(), config={"preset": "noir"})
    for _ in range(2):
        assert error_of(api.client.get(f"/api/v1/jobs/{job_id}/result")) == (409, "JOB_NOT_COMPLETED")
        if _ == 0:
            api.start(job_id)
    api.complete(job_id)
    answer = api.client.get(f"/api/v1/jobs/{job_id}/result")
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert list(data) == [*FIELDS, "style_json", "output_video_url", "processing_time_seconds"]
    assert (data["status"], data["progress_percent"], data["current_stage"]) == ("completed", 100, None)
    assert data["style_json"] == style()
    assert data["output_video_url"] == f"{api.url}/api/v1/jobs/{job_id}/output"
    assert data["processing_time_seconds"] >= 0 and data["error"] is None
    assert "retry-after" not in api.client.get(f"/api/v1/jobs/{job_id}").headers
    fed_back = api.job(video_id=api.video(), config={"style_json": data["style_json"]})
    assert api.do(api.service.db.jobs.get("local", fed_back)).style == STYLE


def test_a_failed_job_tells_what_it_has(api: RunningApi) -> None:
    job_id = api.job(video_id=api.video())
    api.start(job_id)
    api.advance(job_id, Stage.MOTION_ANALYSIS, 40)
    api.fail(job_id)
    data = api.client.get(f"/api/v1/jobs/{job_id}/result").json()["data"]
    assert (data["status"], data["progress_percent"], data["current_stage"]) == ("failed", 40, None)
    assert data["error"] == {"stage": "motion_analysis", "message": "film.mp4 has no frame that can be decoded"}
    assert (data["style_json"], data["output_video_url"]) == (None, None)
    assert api.client.get(f"/api/v1/jobs/{job_id}").json()["data"]["error"] == data["error"]


def test_cancel(api: RunningApi) -> None:
    job_id = api.job(video_id=api.video())
    answer = api.client.post(f"/api/v1/jobs/{job_id}/cancel")
    assert answer.status_code == 200 and answer.json()["data"]["status"] == "cancelled"
    assert error_of(api.client.post(f"/api/v1/jobs/{job_id}/cancel")) == (409, "JOB_ALREADY_TERMINAL")
    result = api.client.get(f"/api/v1/jobs/{job_id}/result").json()["data"]
    assert (result["status"], result["processing_time_seconds"]) == ("cancelled", None)


@pytest.mark.parametrize(
    "job_id", ["job_000000000000", "nonsense", "job_00000000000G", "%00", "job_0000000000001", "%F0%9F%98%80"]
)
@pytest.mark.parametrize(
    "end", ["", "/result", "/output", "/style.cube", "/timeline.otio", "/report", "/events", "/webhooks"]
)
def test_unknown_jobs(api: RunningApi, job_id: str, end: str) -> None:
    assert error_of(api.client.get(f"/api/v1/jobs/{job_id}{end}")) == (404, "JOB_NOT_FOUND")


def test_unknown_jobs_cannot_be_posted_to(api: RunningApi) -> None:
    for end in ("cancel", "webhooks/redeliver"):
        assert error_of(api.client.post(f"/api/v1/jobs/job_000000000000/{end}")) == (404, "JOB_NOT_FOUND")


def test_a_repeated_request_gets_the_first_answer(api: RunningApi) -> None:
    footage, other = api.video(), api.video()
    headers = {"Idempotency-Key": "order 66".replace(" ", "-")}

    def post(text: str) -> Any:
        return api.client.post("/api/v1/jobs", content=text, headers=headers | {"Content-Type": "application/json"})

    first = post(f'{{"video_id": "{footage}", "config": {{"seed": 1}}}}')
    assert first.status_code == 200
    api.start(first.json()["data"]["job_id"])
    again = post(f'{{"config":{{"seed":1}},\n"video_id":"{footage}"}}')
    assert again.status_code == 200 and again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert error_of(post(f'{{"video_id": "{other}"}}')) == (422, "IDEMPOTENCY_KEY_REUSED")
    for bad in ("", "x" * 256, "a b", "ü".encode()):
        answer = api.client.post("/api/v1/jobs", json={"video_id": footage}, headers={"Idempotency-Key": bad})
        assert error_of(answer) == (422, "VALIDATION_ERROR"), bad
        assert "Idempotency-Key" in answer.json()["error"]["detail"]


def test_repeated_requests_at_the_same_time_make_one_job(api: RunningApi) -> None:
    footage = api.video()
    total = api.client.get("/api/v1/jobs").json()["total"]

    def post(_: int) -> Any:
        with api.client_with(None) as client:
            return client.post("/api/v1/jobs", json={"video_id": footage}, headers={"Idempotency-Key": "at-once"})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(24)))
    made = {answer.json()["data"]["job_id"] for answer in answers if answer.status_code == 200}
    refused = {error_of(answer) for answer in answers if answer.status_code != 200}
    assert len(made) == 1 and refused <= {(409, "IDEMPOTENCY_CONFLICT")}
    assert api.client.get("/api/v1/jobs").json()["total"] == total + 1
