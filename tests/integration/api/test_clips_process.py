"""``POST /api/process`` with an address: what is taken, what is refused, what is kept."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import text

from reelprint.core.webhooks import signing_secret
from tests import postgres
from tests.integration.api.server import STYLE, RunningApi
from tests.integration.api.test_jobs import style

URL = "https://films.example/talk.mp4"
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def plain_error(answer: Any) -> tuple[int, str]:
    """Status and detail of an error of this family."""
    body = answer.json()
    assert list(body) == ["detail"] and isinstance(body["detail"], str) and body["detail"]
    return answer.status_code, body["detail"]


def post(api: RunningApi, body: dict[str, Any] | None = None, **more: Any) -> Any:
    return api.client.post("/api/process", json={"url": URL} if body is None else body, **more)


def rows(api: RunningApi, query: str, **values: Any) -> list[Any]:
    async def work(connection: Any) -> list[Any]:
        return list((await connection.execute(text(query), values)).all())

    return api.do(api.service.db.database.run(work))


def job_of(api: RunningApi, answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return api.do(api.service.db.jobs.get("local", answer.json()["job_id"]))


def test_the_answer_and_the_job(api: RunningApi) -> None:
    answer = post(api)
    body = answer.json()
    assert answer.status_code == 200 and list(body) == ["job_id", "status"] and body["status"] == "queued"
    assert UUID4.fullmatch(body["job_id"]) and answer.headers["location"] == f"/api/status/{body['job_id']}"
    job = job_of(api, answer)
    assert (job.kind, job.task, job.video_id, job.style, job.webhook_url) == ("clips", "clips", None, None, None)
    assert job.clips.url == URL and job.base_url == api.url and job.request_id
    options = job.clips.options
    assert (options.target_clips, options.clip_min_seconds, options.clip_max_seconds) == (None, 15, 60)
    assert (options.output_format, options.captions, options.caption_style) == ("auto", True, "karaoke")


def test_nothing_is_fetched_before_the_answer(api: RunningApi) -> None:
    began = time.monotonic()
    # A network for documentation: packets to it go nowhere, and whoever waits for an answer waits for minutes.
    assert post(api, {"url": "http://no-such-host.invalid/film.mp4"}).status_code == 200
    assert time.monotonic() - began < 5


OPTIONS: dict[str, Any] = {
    "target_clips": 3,
    "clip_min_seconds": 20.5,
    "clip_max_seconds": 45,
    "output_format": "square",
    "captions": False,
    "caption_style": "boxed",
    "language": "de",
    "prompt": "moments about money",
}


@pytest.mark.parametrize("how", ["options", "beside", "mixed", "both", "form", "form options", "urlencoded"])
def test_options_wherever_they_stand(api: RunningApi, how: str) -> None:
    flat = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in OPTIONS.items()}
    parts = {name: (None, value) for name, value in flat.items()}
    first, *rest = OPTIONS.items()
    match how:
        case "options":
            answer = post(api, {"url": URL, "options": OPTIONS})
        case "beside":
            answer = post(api, {"url": URL} | OPTIONS)
        case "mixed":
            answer = post(api, {"url": URL, "options": dict(rest)} | dict([first]))
        case "both":
            answer = post(api, {"url": URL, "options": OPTIONS} | OPTIONS)
        case "form":
            answer = api.client.post("/api/process", files={"url": (None, URL)} | parts)
        case "form options":
            parts = {"options": (None, json.dumps(OPTIONS))}
            answer = api.client.post("/api/process", files={"url": (None, URL), "prompt": (None, "")} | parts)
        case _:
            answer = api.client.post("/api/process", data={"url": URL, "style_id": ""} | flat)
    assert job_of(api, answer).clips.options.model_dump() == OPTIONS


def test_null_says_nothing(api: RunningApi) -> None:
    nothing = dict.fromkeys([*OPTIONS, "style_id"])
    answer = post(api, {"url": URL, "options": nothing, "webhook_url": None, "webhook_secret": None} | nothing)
    assert job_of(api, answer).clips.options.captions is True


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"clip_min_seconds": 90}, (90, 180)),
        ({"clip_min_seconds": 175}, (175, 180)),
        ({"clip_min_seconds": 40}, (40, 80)),
        ({"clip_min_seconds": 5}, (5, 60)),
        ({"clip_max_seconds": 10}, (5, 10)),
        ({"clip_max_seconds": 20}, (10, 20)),
        ({"clip_max_seconds": 180}, (15, 180)),
        ({"clip_min_seconds": 30, "clip_max_seconds": 30}, (30, 30)),
    ],
)
def test_one_bound_gives_the_other_room(api: RunningApi, given: dict[str, Any], taken: tuple[float, float]) -> None:
    options = job_of(api, post(api, {"url": URL} | given)).clips.options
    assert (options.clip_min_seconds, options.clip_max_seconds) == taken


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": None}, "url"),
        ({"url": 7}, "url"),
        ({"url": "talk.mp4"}, "url"),
        ({"url": "ftp://films.example/a"}, "url"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": "https://user:word@films.example/a"}, "url"),
        ({"url": "https://films.example/" + "x" * 2048}, "url"),
        ({"url": "http://127.0.0.1:8000/a"}, "url"),
        ({"url": "http://localhost/a"}, "url"),
        ({"url": "http://2130706433/a"}, "url"),
        ({"url": "http://0x7f.1/a"}, "url"),
        ({"url": "http://017700000001/a"}, "url"),
        ({"url": "http://10.0.0.7/a"}, "url"),
        ({"url": "http://169.254.169.254/latest"}, "url"),
        ({"url": "http://[::1]/a"}, "url"),
        ({"url": "http://[::ffff:10.0.0.7]/a"}, "url"),
        ({"url": "http://[64:ff9b::a00:7]/a"}, "url"),
        ({"url": "http://[2002:a00:7::]/a"}, "url"),
        ({"url": "http://224.0.0.1/a"}, "url"),
        ({"url": URL, "webhook_url": "http://127.0.0.1/x"}, "webhook_url"),
        ({"url": URL, "webhook_url": "http://[::ffff:a9fe:a9fe]/"}, "webhook_url"),
        ({"url": URL, "webhook_url": ""}, "webhook_url"),
        ({"url": URL, "webhook_url": URL, "webhook_secret": ""}, "webhook_secret"),
        ({"url": URL, "webhook_url": URL, "webhook_secret": "whsec_!!!"}, "webhook_secret"),
        ({"url": URL, "webhook_url": URL, "webhook_secret": "whsec_"}, "webhook_secret"),
        ({"url": URL, "target_clips": 0}, "target_clips"),
        ({"url": URL, "target_clips": 16}, "target_clips"),
        ({"url": URL, "target_clips": 2.5}, "target_clips"),
        ({"url": URL, "target_clips": "3"}, "target_clips"),
        ({"url": URL, "options": {"target_clips": 16}}, "options.target_clips"),
        ({"url": URL, "clip_min_seconds": 4.9}, "clip_min_seconds"),
        ({"url": URL, "clip_min_seconds": 176}, "clip_min_seconds"),
        ({"url": URL, "clip_max_seconds": 9}, "clip_max_seconds"),
        ({"url": URL, "clip_max_seconds": 181}, "clip_max_seconds"),
        ({"url": URL, "clip_min_seconds": 30, "clip_max_seconds": 20}, "clip_max_seconds (20)"),
        ({"url": URL, "options": {"clip_min_seconds": 30}, "clip_max_seconds": 20}, "clip_max_seconds (20)"),
        ({"url": URL, "output_format": "round"}, "output_format"),
        ({"url": URL, "captions": "yes"}, "captions"),
        ({"url": URL, "caption_style": "comic"}, "caption_style"),
        ({"url": URL, "language": "German"}, "language"),
        ({"url": URL, "prompt": "x" * 2001}, "prompt"),
        ({"url": URL, "prompt": "a\x00b"}, "prompt"),
        ({"url": URL, "options": {"prompt": "a\x00b"}}, "prompt"),
        ({"url": URL, "options": []}, "options"),
        ({"url": URL, "clip_count": 3}, "clip_count"),
        ({"url": URL, "options": {"webhook_url": URL}}, "options.webhook_url"),
        ({"url": URL, "target_clips": 3, "options": {"target_clips": 4}}, "target_clips"),
    ],
)
def test_what_is_wrong_with_a_request(api: RunningApi, body: dict[str, Any], told: str) -> None:
    before = rows(api, "SELECT count(*) FROM jobs")
    status, detail = plain_error(post(api, body))
    assert status == 400 and told in detail
    assert rows(api, "SELECT count(*) FROM jobs") == before


def test_broken_bodies(api: RunningApi) -> None:
    def send(content: bytes, kind: str | None = "application/json") -> tuple[int, str]:
        headers = {} if kind is None else {"Content-Type": kind}
        return plain_error(api.client.post("/api/process", content=content, headers=headers))

    for content in (b"", b"{", b"[]", b'"x"', b'{"url": NaN}', b'{"url": "\xff"}', b"[" * 100_000):
        assert send(content)[0] == 400, content[:20]
    assert send(b"", None)[0] == send(b"", "text/plain")[0] == 400
    assert send(b'{"url": 1}', "text/plain")[0] == 415
    assert send(b" " * (1024 * 1024 + 1))[0] == 413
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        assert send(b"nonsense", kind)[0] == 400
    form = "application/x-www-form-urlencoded"
    for content in (b"url=%ff", b"url=a&url=b", b"what=x", b"\xff"):
        assert send(content, form)[0] == 400, content
    untyped = api.client.post("/api/process", content=json.dumps({"url": URL}).encode())
    assert untyped.status_code == 200 and "content-type" not in untyped.request.headers


def test_forms_that_say_a_thing_twice_or_wrong(api: RunningApi) -> None:
    def send(*parts: tuple[str, str]) -> tuple[int, str]:
        return plain_error(api.client.post("/api/process", files=[(name, (None, text)) for name, text in parts]))

    for told, *parts in (
        ("url", ("url", URL), ("url", URL)),
        ("url", ("url", ""), ("target_clips", "3")),
        ("clip_count", ("url", URL), ("clip_count", "3")),
        ("target_clips", ("url", URL), ("target_clips", "many")),
        ("captions", ("url", URL), ("captions", "perhaps")),
        ("options", ("url", URL), ("options", "{")),
        ("options.target_clips", ("url", URL), ("options", '{"target_clips": 16}')),
        ("options.url", ("url", URL), ("options", '{"url": "x"}')),
        ("target_clips", ("url", URL), ("target_clips", "3"), ("options", '{"target_clips": 4}')),
        ("prompt", ("url", URL), ("prompt", "x" * 17_000)),
    ):
        status, detail = send(*parts)
        assert status == 400 and told in detail, parts


def test_a_style_is_taken_as_it_is_now(api: RunningApi) -> None:
    saved = api.client.post("/api/v1/styles", json={"name": "n", "style_json": style()}).json()["data"]["style_id"]
    for body in ({"style_id": saved}, {"options": {"style_id": saved}}):
        assert job_of(api, post(api, {"url": URL} | body)).style == STYLE
    for unknown in ("sty_000000000000", "nonsense", "", "a\x00"):
        assert plain_error(post(api, {"url": URL, "style_id": unknown}))[0] == 404


def test_errors_of_the_framework_are_plain(api: RunningApi) -> None:
    assert plain_error(api.client.get("/api/process"))[0] == 405
    assert api.client.get("/api/process").headers["allow"] == "POST"
    assert plain_error(api.client.delete("/api/status/x"))[0] == 405
    for path in ("/api", "/api/", "/api/status", "/api/status/", "/api/process/", "/videos", "/videos/x"):
        assert plain_error(api.client.get(path))[0] == 404, path


def test_our_own_mistakes_are_not_told(api: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise ValueError("the secret inside")

    monkeypatch.setattr(api.service.db.jobs, "create", broken)
    with structlog.testing.capture_logs():  # writing the traceback to the terminal takes seconds
        answer = post(api)
    assert plain_error(answer)[0] == 500 and "secret" not in answer.text


@pytest.mark.parametrize("bad", ["x" * 513, "a b", "ü".encode()])
def test_a_gemini_key_that_is_none_is_not_repeated(api: RunningApi, bad: Any) -> None:
    status, detail = plain_error(post(api, headers={"X-Gemini-Key": bad}))
    assert status == 400 and "X-Gemini-Key" in detail
    assert not isinstance(bad, str) or bad not in detail


def test_the_gemini_key_is_kept_apart_and_only_as_long_as_the_job(api: RunningApi) -> None:
    key = "AIza-not-a-real-key-0123456789"
    with structlog.testing.capture_logs() as logs:
        job_id = post(api, headers={"X-Gemini-Key": key}).json()["job_id"]
        seen = [api.client.get(f"{path}/{job_id}").text for path in ("/api/status", "/api/v1/jobs")]
        assert api.do(api.service.db.secrets.of_job(job_id)).gemini_key == key
        (row,) = rows(api, "SELECT jobs::text AS row FROM jobs WHERE job_id = :id", id=job_id)
        api.start(job_id)
        assert api.do(api.service.db.secrets.of_job(job_id)).gemini_key == key
        api.client.post(f"/api/v1/jobs/{job_id}/cancel")
    assert api.do(api.service.db.secrets.of_job(job_id)).gemini_key is None
    assert not any(key in told for told in [*seen, row.row, repr(logs)])
    empty = post(api, headers={"X-Gemini-Key": ""}).json()["job_id"]
    assert rows(api, "SELECT * FROM job_secrets WHERE job_id = :id", id=empty) == []


def test_the_webhook_secret_is_kept_with_the_job(api: RunningApi) -> None:
    for given in ("plain words", "whsec_c2VjcmV0"):
        body = {"url": URL, "webhook_url": "https://hooks.example/x", "webhook_secret": given}
        job_id = post(api, body).json()["job_id"]
        api.client.post(f"/api/v1/jobs/{job_id}/cancel")
        assert api.do(api.service.db.secrets.of_job(job_id)).webhook_secret == signing_secret(given)
    lonely = post(api, {"url": URL, "webhook_secret": "x"}).json()["job_id"]
    assert api.do(api.service.db.secrets.of_job(lonely)).webhook_secret is None


def test_a_repeated_request_gets_the_first_answer(api: RunningApi) -> None:
    headers = {"Idempotency-Key": "clips-1"}
    first = post(api, {"url": URL, "target_clips": 3}, headers=headers)
    api.start(first.json()["job_id"])
    again = post(api, {"target_clips": 3, "url": URL}, headers=headers)
    assert (again.status_code, again.json()) == (200, first.json())
    assert plain_error(post(api, {"url": URL}, headers=headers))[0] == 422
    assert plain_error(post(api, headers={"Idempotency-Key": "a b"}))[0] == 400
    other_family = api.client.post("/api/v1/jobs", json={"video_id": api.video()}, headers=headers)
    assert other_family.status_code == 422


def test_a_full_queue_and_a_wish_to_wait(postgres_url: str, tmp_path: Path) -> None:
    with postgres.database(postgres_url) as url:
        api = RunningApi(url, tmp_path, MAX_QUEUED_JOBS=1, INGEST_ALLOW="127.0.0.0/8", CORS_ORIGINS="https://a.example")
        try:
            allowed = post(api, {"url": "http://127.0.0.1:9/film.mp4"}, headers={"Origin": "https://a.example"})
            assert allowed.status_code == 200
            assert allowed.headers["access-control-allow-origin"] == "https://a.example"
            full = post(api)
            assert plain_error(full)[0] == 429 and int(full.headers["retry-after"]) >= 1
            assert plain_error(post(api, {"url": "http://10.0.0.1/film.mp4"}))[0] == 400
        finally:
            api.stop()


@pytest.mark.parametrize(
    "url", ["http://films.example:8080/talk.mp4", "http://films.example:22/", "ftp://films.example/a"]
)
def test_what_could_never_be_fetched_is_refused_at_once(api: RunningApi, url: str) -> None:
    before = rows(api, "SELECT job_id FROM jobs ORDER BY job_id")
    status, _ = plain_error(post(api, {"url": url}))
    assert status == 400
    assert rows(api, "SELECT job_id FROM jobs ORDER BY job_id") == before


@pytest.mark.parametrize("language", ["xx", "english", "EN"])
def test_a_language_that_no_model_knows_is_refused_at_once(api: RunningApi, language: str) -> None:
    status, detail = plain_error(post(api, {"url": URL, "language": language}))
    assert status == 400 and "language" in detail
