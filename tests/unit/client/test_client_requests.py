"""What is asked, what is asked again, and what errors become."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from reelprint.client import ApiError, Client, NoServer
from reelprint.core.errors import DocumentError, VideoNotFound
from reelprint.core.jobs import JobConfig
from tests.factories import style as some_style
from tests.unit.client.server import JOB_ID, METADATA, TIME, VIDEO, VIDEO_ID, Fake, Server, failure, job, success


def broken(_request: Request) -> Response:
    """The connection ends in the middle of the answer, after the request was taken."""

    async def parts() -> Any:
        yield b'{"success"'
        raise ConnectionResetError

    return StreamingResponse(parts(), headers={"Content-Length": "100"})


def busy(_request: Request) -> Response:
    return failure(503, "SERVICE_UNAVAILABLE")


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_key_is_sent_with_every_request(fake: Fake, client: Client) -> None:
    client.job(JOB_ID)
    assert fake.seen[0].headers["authorization"] == "Bearer rp_key"
    with Client(fake.url) as without:
        without.job(JOB_ID)
    assert "authorization" not in fake.seen[1].headers


@pytest.mark.parametrize("key", ["", "two words", "schlüssel", "line\nbreak"])
def test_a_key_that_cannot_be_one_is_said_at_once(key: str) -> None:
    with pytest.raises(DocumentError):
        Client("http://127.0.0.1:1", key)


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://x", "http://", "http://[::1", "/x"])
def test_an_address_that_is_none_is_said_at_once(url: str) -> None:
    with pytest.raises(DocumentError):
        Client(url)


def test_a_server_behind_a_path(fake: Fake) -> None:
    fake.answer("GET", "/behind/api/v1/health", {"status": "ok"})
    with Client(f"{fake.url}/behind/") as client:
        assert client.health().status == "ok"


def test_an_upload_arrives_whole_and_tells_how_far_it_is(fake: Fake, client: Client, tmp_path: Path) -> None:
    path = tmp_path / 'a "film" ü.mp4'
    content = bytes(range(256)) * 1000
    path.write_bytes(content)
    fake.answer("POST", "/videos/upload", VIDEO)
    told: list[tuple[int, int | None]] = []
    video = client.upload(path, webhook_url="https://hooks.example/", on_bytes=lambda *so_far: told.append(so_far))
    assert video.video_id == VIDEO_ID
    assert video.metadata.width == METADATA["width"]
    body = fake.seen[0].body
    assert content in body
    assert b"https://hooks.example/" in body
    assert b"template_video_id" not in body
    assert told[-1] == (len(content), len(content))
    assert [so_far for so_far, _ in told] == sorted(so_far for so_far, _ in told)


def test_an_upload_that_broke_is_not_sent_twice(fake: Fake, client: Client, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"film")
    fake.answer("POST", "/videos/upload", broken)
    with pytest.raises(NoServer):
        client.upload(path)
    assert len(fake.seen) == 1


def test_an_upload_of_nothing(client: Client, fake: Fake, tmp_path: Path) -> None:
    with pytest.raises(VideoNotFound):
        client.upload(tmp_path / "absent.mp4")
    with pytest.raises(DocumentError):
        client.upload(tmp_path)
    assert fake.seen == []


def test_a_job_is_made_with_a_key_against_making_it_twice(fake: Fake, client: Client) -> None:
    fake.answer("POST", "/jobs", job())
    made = client.create_job(VIDEO_ID, config=JobConfig(preset="warm", seed=7), webhook_url="https://hooks.example/")
    assert (made.job_id, made.status, made.ended) == (JOB_ID, "queued", False)
    client.create_job(VIDEO_ID, "vid_x", config={"quality": "draft"}, idempotency_key="mine")
    first, second = fake.seen
    assert first.json == {
        "video_id": VIDEO_ID,
        "config": {"preset": "warm", "seed": 7},
        "webhook_url": "https://hooks.example/",
    }
    assert second.json == {"video_id": VIDEO_ID, "template_video_id": "vid_x", "config": {"quality": "draft"}}
    assert second.headers["idempotency-key"] == "mine"
    assert len(first.headers["idempotency-key"]) >= 16


@pytest.mark.parametrize(
    "trouble", [busy, broken, lambda _request: failure(409, "IDEMPOTENCY_CONFLICT")], ids=["503", "broken", "conflict"]
)
def test_a_job_whose_making_was_in_doubt_is_asked_for_again_under_the_same_key(
    fake: Fake, client: Client, trouble: Any
) -> None:
    fake.answer("POST", "/jobs", job())
    fake.first = [trouble, trouble]
    assert client.create_job(VIDEO_ID).job_id == JOB_ID
    assert len(fake.seen) == 3
    assert len({request.headers["idempotency-key"] for request in fake.seen}) == 1
    assert len({request.body for request in fake.seen}) == 1


@pytest.mark.parametrize("trouble", [busy, broken], ids=["503", "broken"])
def test_what_can_be_repeated_is(fake: Fake, client: Client, trouble: Any) -> None:
    fake.first = [trouble, trouble]
    assert client.job(JOB_ID).status == "completed"
    fake.answer("DELETE", f"/videos/{VIDEO_ID}", {})
    fake.first = [trouble]
    client.delete_video(VIDEO_ID)
    assert len(fake.seen) == 5


@pytest.mark.parametrize("trouble", [busy, broken], ids=["503", "broken"])
def test_what_cannot_be_repeated_is_not(fake: Fake, client: Client, trouble: Any) -> None:
    fake.answer("POST", f"/jobs/{JOB_ID}/cancel", job("cancelled"))
    fake.first = [trouble]
    with pytest.raises((ApiError, NoServer)):
        client.cancel(JOB_ID)
    assert len(fake.seen) == 1


def test_what_was_put_off_is_asked_again_when_the_server_wishes(fake: Fake, client: Client) -> None:
    fake.answer("POST", f"/jobs/{JOB_ID}/cancel", job("cancelled"))
    fake.first = [lambda _request: failure(429, "RATE_LIMITED", Retry_After="1")]
    began = time.monotonic()
    assert client.cancel(JOB_ID).status == "cancelled"
    assert 1 <= time.monotonic() - began < 8
    fake.first = [lambda _request: failure(429, "RATE_LIMITED", Retry_After="3600")]
    began = time.monotonic()
    with pytest.raises(ApiError) as limited:
        client.cancel(JOB_ID)
    assert limited.value.retry_after_s == 3600
    assert time.monotonic() - began < 5


def test_patience_ends(fake: Fake) -> None:
    fake.answer("GET", f"/jobs/{JOB_ID}", busy)
    with Client(fake.url, patience_s=0.7) as client, pytest.raises(ApiError) as error:
        client.job(JOB_ID)
    assert error.value.status == 503
    assert len(fake.seen) == 3  # at 0, 0.2 and 0.6 s


def test_no_server_is_said_with_its_address() -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    with Client(url, patience_s=0.3) as client, pytest.raises(NoServer, match=url):
        client.jobs()


def test_a_server_that_restarts_is_waited_for(fake: Fake, server: Server, client: Client) -> None:
    fake.answer("POST", f"/jobs/{JOB_ID}/cancel", job("cancelled"))
    server.stop()
    again = threading.Timer(0.8, server.start)
    again.start()
    try:
        assert client.cancel(JOB_ID).status == "cancelled"
    finally:
        again.join()
    assert len(fake.seen) == 1


def test_the_proxy_of_the_environment_is_not_asked_for_this_machine(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    with Client(fake.url, patience_s=0) as client:
        assert client.job(JOB_ID).job_id == JOB_ID


# Errors


def test_an_error_carries_what_the_server_said(fake: Fake, client: Client) -> None:
    fake.answer("GET", f"/jobs/{JOB_ID}", failure(404, "JOB_NOT_FOUND", "there is no such job", JOB_ID))
    with pytest.raises(ApiError) as error:
        client.job(JOB_ID)
    told = error.value
    assert (told.status, told.code, told.message, told.detail) == (404, "JOB_NOT_FOUND", "there is no such job", JOB_ID)
    assert len(fake.seen) == 1


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        (PlainTextResponse("<html>", 502), "HTTP_502", "Bad Gateway"),
        (JSONResponse({"detail": "gone"}, 410), "HTTP_410", "gone"),
        (JSONResponse([1], 400), "HTTP_400", "Bad Request"),
        (JSONResponse({"error": "text", "message": None}, 500), "HTTP_500", "Internal Server Error"),
    ],
)
def test_errors_that_are_not_reelprints(fake: Fake, client: Client, answer: Response, code: str, message: str) -> None:
    fake.answer("GET", f"/jobs/{JOB_ID}", answer)
    with pytest.raises(ApiError) as error:
        client.job(JOB_ID)
    assert (error.value.code, error.value.message) == (code, message)


def test_a_redirect_is_an_error_and_the_key_goes_nowhere_else(fake: Fake, client: Client) -> None:
    fake.answer("GET", f"/jobs/{JOB_ID}", Response(status_code=307, headers={"Location": f"{fake.url}/trap"}))
    with pytest.raises(ApiError) as error:
        client.job(JOB_ID)
    assert error.value.status == 307
    assert len(fake.seen) == 1


@pytest.mark.parametrize(
    "answer",
    [PlainTextResponse("ok"), JSONResponse([]), JSONResponse({}), success(None), success({"job_id": 1}), success([])],
)
def test_an_answer_that_is_none_is_an_error_of_ours(fake: Fake, client: Client, answer: Response) -> None:
    fake.answer("GET", f"/jobs/{JOB_ID}", answer)
    with pytest.raises(ApiError) as error:
        client.job(JOB_ID)
    assert error.value.code == "BAD_ANSWER"


def test_health_is_not_asked_again(fake: Fake, client: Client) -> None:
    fake.answer("GET", "/health", busy)
    with pytest.raises(ApiError) as error:
        client.health()
    assert error.value.status == 503
    assert len(fake.seen) == 1


# Answers


def test_a_newer_server_may_say_more(fake: Fake, client: Client) -> None:
    fake.answer("GET", f"/jobs/{JOB_ID}", job("paused", 40, queue_position=3, current_stage="colouring"))
    stands = client.job(JOB_ID)
    assert (stands.status, stands.current_stage, stands.ended) == ("paused", "colouring", False)
    assert stands.model_dump(mode="json")["queue_position"] == 3


def test_an_answer_is_written_out_as_it_came(fake: Fake, client: Client) -> None:
    error = {"stage": "rendering", "message": "no space left"}
    came = job("failed", 88, error=error, style_json=None, output_video_url=None, processing_time_seconds=1.5)
    fake.answer("GET", f"/jobs/{JOB_ID}/result", came)
    assert client.result(JOB_ID).model_dump(mode="json") == came


def test_lists_are_asked_for_by_page(fake: Fake, client: Client) -> None:
    page = {"total": 1, "page": 2, "page_size": 5}
    fake.answer("GET", "/jobs", JSONResponse({"jobs": [job()], **page}))
    fake.answer("GET", "/videos", JSONResponse({"videos": [VIDEO], **page}))
    style = {"style_id": "sty_1", "name": "warm", "style_json": {"version": "1.0"}, "created_at": TIME}
    fake.answer("GET", "/styles", JSONResponse({"styles": [style], **page}))
    assert client.jobs(2, 5, status="queued").jobs[0].job_id == JOB_ID
    assert client.videos(2, 5).videos[0].video_id == VIDEO_ID
    assert client.styles(2, 5).styles[0].name == "warm"
    assert fake.seen[0].query == {"page": "2", "page_size": "5", "status": "queued"}
    assert fake.seen[1].query == fake.seen[2].query == {"page": "2", "page_size": "5"}


def test_styles(fake: Fake, client: Client) -> None:
    kept = {"style_id": "sty_1", "name": "warm", "style_json": {"version": "1.0"}, "created_at": TIME}
    fake.answer("POST", "/styles", kept)
    fake.answer("GET", "/styles/sty_1", kept)
    fake.answer("DELETE", "/styles/sty_1", {})
    compared = {"distance": 0.25, "fields": {"frame_rate": {"a": 24, "b": 30, "distance": 0.5}}}
    fake.answer("GET", "/styles/compare", compared)
    assert client.save_style("warm", job_id=JOB_ID).style_id == "sty_1"
    client.save_style("warm", style=some_style())
    assert fake.seen[0].json == {"name": "warm", "job_id": JOB_ID}
    assert fake.seen[1].json["style_json"]["version"] == "1.0"
    assert client.style("sty_1").name == "warm"
    client.delete_style("sty_1")
    assert client.compare_styles("sty_1", "sty_2").fields["frame_rate"].distance == 0.5
    assert fake.seen[-1].query == {"a": "sty_1", "b": "sty_2"}
    with pytest.raises(DocumentError):
        client.save_style("warm")
    with pytest.raises(DocumentError):
        client.save_style("warm", job_id=JOB_ID, style=some_style())


def test_webhooks(fake: Fake, client: Client) -> None:
    attempts = [{"number": 1, "at": TIME, "status_code": 500, "error": "no", "duration_ms": 12}]
    row = {
        "job_id": JOB_ID,
        "webhook_id": "msg_1",
        "url": "https://hooks.example/",
        "state": "pending",
        "next_at": TIME,
        "attempts": attempts,
    }
    fake.answer("GET", f"/jobs/{JOB_ID}/webhooks", row)
    fake.answer("POST", f"/jobs/{JOB_ID}/webhooks/redeliver", row)
    webhook = client.webhooks(JOB_ID)
    assert (webhook.webhook_id, webhook.attempts[0].status_code) == ("msg_1", 500)
    none = {"job_id": JOB_ID, "webhook_id": None, "url": None, "state": None, "next_at": None, "attempts": []}
    fake.answer("GET", f"/jobs/{JOB_ID}/webhooks", none)
    assert client.webhooks(JOB_ID).state is None
    assert client.redeliver(JOB_ID).state == "pending"


def test_ids_are_labels_and_never_lead_to_another_path(fake: Fake, client: Client) -> None:
    with pytest.raises(ApiError):
        client.job("../videos?x=y#z")
    assert fake.seen[0].raw_path == b"/api/v1/jobs/..%2Fvideos%3Fx%3Dy%23z"
    assert fake.seen[0].query == {}


def test_events_of_an_unknown_job(fake: Fake, client: Client) -> None:
    fake.answer("GET", f"/jobs/{JOB_ID}/events", failure(404, "JOB_NOT_FOUND"))
    with pytest.raises(ApiError) as error:
        list(client.events(JOB_ID))
    assert error.value.code == "JOB_NOT_FOUND"
