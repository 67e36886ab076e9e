"""What holds for every request: ids, headers, errors of the framework, browsers, health, figures."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.core.errors import Unavailable
from tests.integration.api.server import RunningApi
from tests.integration.api.test_jobs import error_of


def test_request_ids_come_back(api: RunningApi) -> None:
    given = api.client.get("/api/v1/jobs", headers={"X-Request-ID": "abc-123_4.5"})
    assert given.headers["x-request-id"] == "abc-123_4.5"
    for bad in ("a b", "x" * 129, "<script>", ""):
        made = api.client.get("/api/v1/jobs", headers={"X-Request-ID": bad}).headers["x-request-id"]
        assert made != bad and re.fullmatch(r"[0-9a-f]{32}", made)
    job_id = api.job(video_id=api.video())
    stored = api.do(api.service.db.jobs.get("local", job_id)).request_id
    assert stored is not None and re.fullmatch(r"[0-9a-f]{32}", stored)


def test_headers_for_safety(api: RunningApi) -> None:
    for path in ("/api/v1/jobs", "/api/v1/nowhere", "/openapi.json", "/nowhere"):
        headers = api.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "private, no-cache"
        assert "server" not in headers


@pytest.mark.parametrize(
    "path", ["/api/v1", "/api/v1/", "/api/v1/nowhere", "/api/v1/jobs/", "/api/v1/jobs/job_x/nowhere"]
)
def test_nothing_here(api: RunningApi, path: str) -> None:
    assert error_of(api.client.get(path)) == (404, "NOT_FOUND")


def test_errors_elsewhere_are_plain(api: RunningApi) -> None:
    for path in ("/", "/nowhere", "/api/nowhere", "/api/v10/jobs", "/docs", "/redoc"):
        answer = api.client.get(path)
        assert (answer.status_code, list(answer.json())) == (404, ["detail"])
        assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/api/v1/jobs", "GET, POST"),
        ("DELETE", "/api/v1/jobs/job_0", "GET"),
        ("POST", "/api/v1/jobs/job_0/output", "GET, HEAD"),
        ("PATCH", "/api/v1/styles/sty_0", "DELETE, GET"),
        ("OPTIONS", "/api/v1/health", "GET, HEAD"),
        ("PROPFIND", "/api/v1/styles", "GET, POST"),
        ("POST", "/metrics", "GET"),
    ],
)
def test_wrong_methods(api: RunningApi, method: str, path: str, allow: str) -> None:
    answer = api.client.request(method, path)
    assert answer.status_code == 405 and answer.headers["allow"] == allow
    if path.startswith("/api/v1"):
        assert error_of(answer) == (405, "METHOD_NOT_ALLOWED")


def test_our_own_mistakes_are_not_told(api: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> None:
        raise ValueError("the secret inside")

    monkeypatch.setattr(api.service.db.jobs, "page", broken)
    answer = api.client.get("/api/v1/jobs", headers={"X-Request-ID": "find-me"})
    assert error_of(answer) == (500, "INTERNAL_ERROR")
    assert "secret" not in answer.text and "Traceback" not in answer.text
    assert "find-me" in answer.json()["error"]["detail"] and answer.headers["x-request-id"] == "find-me"


def test_a_broken_row_is_our_mistake(api: RunningApi) -> None:
    async def spoil(connection: AsyncConnection) -> None:
        await connection.execute(text("UPDATE jobs SET status = 'nonsense' WHERE job_id = :id"), {"id": job_id})

    job_id = api.job(video_id=api.video())
    api.do(api.service.db.database.run(spoil))
    try:
        assert error_of(api.client.get(f"/api/v1/jobs/{job_id}")) == (500, "INTERNAL_ERROR")
    finally:

        async def mend(connection: AsyncConnection) -> None:
            await connection.execute(text("DELETE FROM jobs WHERE job_id = :id"), {"id": job_id})

        api.do(api.service.db.database.run(mend))


def test_too_many_at_once(api: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reelprint.api.front._MOST_AT_ONCE", 0)
    answer = api.client.get("/api/v1/jobs")
    assert error_of(answer) == (503, "SERVICE_UNAVAILABLE") and "retry-after" in answer.headers


def test_a_database_that_is_away_is_503(api: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: Any, **__: Any) -> None:
        raise Unavailable("the database does not answer", detail="host=10.1.2.3 user=postgres")

    monkeypatch.setattr(api.service.db.jobs, "page", away)
    answer = api.client.get("/api/v1/jobs")
    assert error_of(answer) == (503, "SERVICE_UNAVAILABLE")
    assert int(answer.headers["retry-after"]) > 0 and "10.1.2.3" not in answer.text


def test_what_is_no_http(api: RunningApi) -> None:
    host, port = api.url.removeprefix("http://").split(":")
    for sent in (
        b"GET /api/v1/jobs HTTP/1.1\r\nBad Header: x\r\n\r\n",
        b"G@T /api/v1/jobs HTTP/1.1\r\nHost: x\r\n\r\n",
        b"FETCH /api/v1/jobs?page=1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"G@T /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
        b"nonsense\r\n\r\n",
    ):
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(sent)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400")
        if b"/api/v1" in sent:
            assert json.loads(body)["error"]["code"] == "BAD_REQUEST"
        else:
            assert list(json.loads(body)) == ["detail"]


@pytest.mark.parametrize("host", ["", "a b", "exa$mple", "[::1", "localhost:99999999"])
def test_hosts_that_are_none(api: RunningApi, host: str) -> None:
    assert error_of(api.client.get("/api/v1/health", headers={"Host": host})) == (400, "BAD_REQUEST")


def test_health(api: RunningApi) -> None:
    body = api.client.get("/api/v1/health").json()
    assert body["success"] is True
    data = body["data"]
    assert (data["status"], data["database"], data["storage"], data["queue"]) == ("ok", "ok", "ok", "ok")
    assert data["workers"] == 0
    head = api.client.head("/api/v1/health")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == "application/json"


@pytest.mark.parametrize("part", ["storage", "database"])
def test_health_when_no_work_can_be_taken(api: RunningApi, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    api.app.state.health._good = None

    def broken() -> None:
        raise Unavailable("cannot write", detail="/var/secret")

    async def away() -> None:
        broken()

    if part == "storage":
        monkeypatch.setattr(api.service.storage, "check", broken)
    else:
        monkeypatch.setattr(api.service.db.database, "check", away)
    answer = api.client.get("/api/v1/health")
    assert error_of(answer) == (503, "SERVICE_UNAVAILABLE")
    assert f"{part}: unavailable" in answer.json()["error"]["detail"] and "secret" not in answer.text
    assert "retry-after" in answer.headers


def test_metrics(api: RunningApi) -> None:
    job_id = api.completed(video_id=api.video())
    api.do(api.service.db.workers.seen("test-worker"))
    api.client.get(f"/api/v1/jobs/{job_id}")
    api.client.get("/api/v1/secret-looking-path/123")
    api.client.request("PROPFIND", "/api/v1/jobs")
    answer = api.client.get("/metrics")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    jobs = {(one.labels["kind"], one.labels["status"]): one.value for one in families["reelprint_jobs"].samples}
    assert jobs["style", "completed"] >= 1
    assert families["reelprint_workers"].samples[0].value == 1
    assert {"reelprint_stage_duration_seconds", "reelprint_queue_depth", "reelprint_webhook_attempts"} <= set(families)
    routes = {one.labels["route"] for one in families["reelprint_http_requests"].samples}
    assert {"/api/v1/jobs/{job_id}", "(none)"} <= routes
    assert not any("secret-looking" in route or job_id in route for route in routes)
    methods = {one.labels["method"] for one in families["reelprint_http_requests"].samples}
    assert "other" in methods and "PROPFIND" not in methods
    modern = api.client.get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert modern.text.endswith("# EOF\n") and modern.text.count("# EOF") == 1


def test_cross_origin_pages(module_database: str, tmp_path: Path) -> None:
    api = RunningApi(module_database, tmp_path, CORS_ORIGINS="https://app.example")
    try:
        ours, theirs = {"Origin": "https://app.example"}, {"Origin": "https://evil.example"}
        answer = api.client.get("/api/v1/jobs", headers=ours)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert "ETag" in answer.headers["access-control-expose-headers"] and "Origin" in answer.headers["vary"]
        ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, x-y"}
        preflight = api.client.options("/api/v1/jobs", headers=ours | ask)
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-headers"] == "authorization, x-y"
        assert "POST" in preflight.headers["access-control-allow-methods"]
        refused = api.client.options("/api/v1/jobs", headers=theirs | ask)
        assert "access-control-allow-origin" not in refused.headers and refused.status_code in (403, 405)
        assert error_of(api.client.post("/api/v1/jobs", json={}, headers=theirs)) == (403, "FORBIDDEN")
        assert error_of(api.client.get("/api/v1/nowhere", headers=ours)) == (404, "NOT_FOUND")
    finally:
        api.stop()
