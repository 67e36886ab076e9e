"""Who may see what: without a key this machine only, with keys each its own, on every route there is."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from reelprint.api.auth import OPEN, _is_loopback
from tests.integration.api.server import RunningApi
from tests.integration.api.test_jobs import error_of, style

TUS = {"Tus-Resumable": "1.0.0"}


@dataclass
class Keyed:
    """A server with two keys; one of them owns a thing of every kind."""

    api: RunningApi
    owner: httpx.Client
    other: httpx.Client
    key_id: str
    things: dict[str, str]
    clips_id: str

    def path(self, template: str) -> str:
        """A route's template with the owner's things in it."""
        job_id = self.things["job_id"] if template.startswith("/api/v1") else self.clips_id
        return template.format(**(self.things | {"job_id": job_id}))


@pytest.fixture(scope="module")
def keyed(api: RunningApi) -> Iterator[Keyed]:
    made, secret = api.do(api.service.db.keys.create("owner"))
    _, second = api.do(api.service.db.keys.create("other"))
    api.do(_forget(api))
    owner, other = api.client_with(secret), api.client_with(second)
    job_id = api.job(owner, video_id=api.video(made.key_id), config={"preset": "noir"})
    api.start(job_id)
    api.complete(job_id)
    saved = owner.post("/api/v1/styles", json={"name": "n", "style_json": style()}).json()["data"]["style_id"]
    announced = owner.post("/api/v1/videos/tus", headers=TUS | {"Upload-Length": "10"})
    things = {
        "job_id": job_id,
        "video_id": api.video(made.key_id),
        "style_id": saved,
        "uuid": announced.headers["location"].rpartition("/")[2],
        "name": "talk_clip_1.mp4",
    }
    clips_id = api.clips_job(owner)
    api.start(clips_id)
    api.clip(clips_id, 1)
    yield Keyed(api, owner, other, made.key_id, things, clips_id)
    owner.close()
    other.close()


async def _forget(api: RunningApi) -> None:
    """Have the server look again whether there are keys."""
    api.service.db.keys._any = None


def routes(api: RunningApi) -> Iterator[tuple[str, str]]:
    """Every route there is, whoever added it."""
    for context in iter_route_contexts(api.app.routes):
        for method in context.methods or ():
            assert context.path is not None
            yield method, context.path


def ask(keyed: Keyed, client: httpx.Client, method: str, path: str) -> httpx.Response:
    headers: dict[str, str] = {}
    if "/tus" in path:
        headers |= TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        headers |= {"Upload-Length": "10"} if method == "POST" else {}
    return client.request(method, keyed.path(path), headers=headers, params=_query(keyed, path))


def _query(keyed: Keyed, path: str) -> dict[str, str]:
    return {"a": keyed.things["style_id"], "b": keyed.things["style_id"]} if path.endswith("compare") else {}


def test_without_a_key_every_route_says_401(keyed: Keyed) -> None:
    tried = 0
    for method, path in routes(keyed.api):
        answer = ask(keyed, keyed.api.client, method, path)
        if path in OPEN:
            assert answer.status_code in (200, 503), path
            continue
        assert answer.status_code == 401, (method, path, answer.text)
        assert answer.headers["www-authenticate"] == "Bearer"
        if path.startswith("/api/v1") and method != "HEAD":
            assert error_of(answer) == (401, "UNAUTHORIZED")
        elif method != "HEAD":
            assert list(answer.json()) == ["detail"]
        tried += 1
    assert tried > 30


def test_of_another_owner_every_route_says_404(keyed: Keyed) -> None:
    tried = set()
    for method, path in routes(keyed.api):
        if "{" not in path and not path.endswith("compare"):
            continue
        if method == "OPTIONS":
            continue  # says what the server can do, and nothing about an upload
        answer = ask(keyed, keyed.other, method, path)
        assert answer.status_code == 404, (method, path, answer.status_code, answer.text)
        if method != "HEAD" and not path.startswith("/api/v1"):
            assert list(answer.json()) == ["detail"], path
        elif method != "HEAD":
            code = error_of(answer)[1]
            kind = "JOB" if "{job_id}" in path else "VIDEO" if "{video_id}" in path else "STYLE"
            assert code == ("NOT_FOUND" if "{uuid}" in path else f"{kind}_NOT_FOUND"), path
        tried.add(path)
    assert len(tried) > 12
    # The owner sees all of it: it was not 404 for another reason.
    for method, path in routes(keyed.api):
        if method in ("GET", "HEAD") and "{" in path:
            assert ask(keyed, keyed.owner, method, path).status_code == 200, (method, path)


def test_lists_show_ones_own_only(keyed: Keyed) -> None:
    for name in ("jobs", "videos", "styles"):
        assert keyed.owner.get(f"/api/v1/{name}").json()["total"] >= 1
        assert keyed.other.get(f"/api/v1/{name}").json()["total"] == 0


def test_another_owners_things_cannot_be_used(keyed: Keyed) -> None:
    mine, theirs = keyed.api.video("nobody"), keyed.things
    own = keyed.other.post("/api/v1/styles", json={"name": "n", "style_json": style()}).json()["data"]["style_id"]
    for body, code in (
        ({"video_id": theirs["video_id"]}, "VIDEO_NOT_FOUND"),
        ({"template_video_id": theirs["video_id"]}, "VIDEO_NOT_FOUND"),
        ({"video_id": mine}, "VIDEO_NOT_FOUND"),
    ):
        assert error_of(keyed.other.post("/api/v1/jobs", json=body)) == (404, code)
    styled = keyed.other.post("/api/process", json={"url": "https://f.example/", "style_id": theirs["style_id"]})
    assert styled.status_code == 404
    foreign = keyed.other.post("/api/v1/styles", json={"name": "n", "job_id": theirs["job_id"]})
    assert error_of(foreign) == (404, "JOB_NOT_FOUND")
    for pair in ({"a": own, "b": theirs["style_id"]}, {"a": theirs["style_id"], "b": own}):
        assert error_of(keyed.other.get("/api/v1/styles/compare", params=pair)) == (404, "STYLE_NOT_FOUND")
    keyed.other.delete(f"/api/v1/styles/{own}")


def test_idempotency_keys_are_kept_apart(keyed: Keyed) -> None:
    made, secret = keyed.api.do(keyed.api.service.db.keys.create("third"))
    headers = {"Idempotency-Key": "the-same"}
    with keyed.api.client_with(secret) as third:
        first = keyed.owner.post("/api/v1/jobs", json={"video_id": keyed.api.video(keyed.key_id)}, headers=headers)
        second = third.post("/api/v1/jobs", json={"video_id": keyed.api.video(made.key_id)}, headers=headers)
    assert first.status_code == second.status_code == 200
    assert first.json()["data"]["job_id"] != second.json()["data"]["job_id"]


@pytest.mark.parametrize("scheme", ["Basic", "Bearer", "bearer ", "Token", ""])
def test_credentials_that_are_none(keyed: Keyed, scheme: str) -> None:
    for text in ("", "x", "rp_000000000000_" + "A" * 43, base64.b64encode(b"a:b").decode(), "rp_\xe9"):
        headers = {"Authorization": f"{scheme} {text}".strip().encode("latin-1")}
        assert error_of(keyed.api.client.get("/api/v1/jobs", headers=headers)) == (401, "UNAUTHORIZED")


def test_a_key_is_taken_whatever_the_case_of_bearer(keyed: Keyed) -> None:
    credential = keyed.owner.headers["authorization"].removeprefix("Bearer ")
    answer = keyed.api.client.get("/api/v1/jobs", headers={"Authorization": f"bearer  {credential}"})
    assert answer.status_code == 200


def test_a_revoked_key_is_none(keyed: Keyed) -> None:
    made, secret = keyed.api.do(keyed.api.service.db.keys.create("short-lived"))
    with keyed.api.client_with(secret) as client:
        assert client.get("/api/v1/jobs").status_code == 200
        keyed.api.do(keyed.api.service.db.keys.revoke(made.key_id))
        deadline = time.monotonic() + 5
        while client.get("/api/v1/jobs").status_code == 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert error_of(client.get("/api/v1/jobs")) == (401, "UNAUTHORIZED")


def test_with_keys_the_host_may_be_any(keyed: Keyed) -> None:
    answer = keyed.owner.get("/api/v1/jobs", headers={"Host": "films.example", "Origin": "https://films.example"})
    assert answer.status_code == 200


def test_without_keys_only_this_machine_is_served(postgres_url: str, tmp_path: Path) -> None:
    from tests import postgres

    with postgres.database(postgres_url) as url:
        api = RunningApi(url, tmp_path)
        try:
            for host in ("localhost", "127.0.0.1:8000", "[::1]:1", "LOCALHOST:8000", "127.8.9.10"):
                assert api.client.get("/api/v1/jobs", headers={"Host": host}).status_code == 200, host
            for host in ("films.example", "10.0.0.1", "localhost.evil.example", "127.0.0.1.nip.io", "[2001:db8::1]"):
                answer = api.client.get("/api/v1/jobs", headers={"Host": host})
                assert error_of(answer) == (403, "FORBIDDEN"), host
            for origin in ("http://localhost:3000", "http://127.0.0.1", "https://[::1]:8443"):
                assert api.client.get("/api/v1/jobs", headers={"Origin": origin}).status_code == 200, origin
            for origin in ("https://evil.example", "null", "http://localhost.evil.example", "file://"):
                assert error_of(api.client.post("/api/v1/jobs", json={}, headers={"Origin": origin})) == (
                    403,
                    "FORBIDDEN",
                )
            # What a proxy on this machine says about its client counts.
            forwarded = api.client.get("/api/v1/jobs", headers={"X-Forwarded-For": "203.0.113.9"})
            assert error_of(forwarded) == (403, "FORBIDDEN")
            assert api.client.get("/api/v1/health", headers={"Host": "films.example"}).status_code == 200
            assert api.client.get("/metrics", headers={"Host": "films.example"}).status_code == 403
        finally:
            api.stop()


def test_what_is_loopback() -> None:
    for place in ("127.0.0.1", "127.0.0.1:80", "::1", "[::1]", "[::1]:80", "localhost:1", "::ffff:127.0.0.1"):
        assert _is_loopback(place), place
    for place in ("", "0.0.0.0", "10.0.0.1", "::", "[::]", "2001:db8::1", "localhos", "localhost.", "127.0.0.1.x", "1"):
        assert not _is_loopback(place), place


def test_requests_are_limited_per_key(postgres_url: str, tmp_path: Path) -> None:
    from tests import postgres

    with postgres.database(postgres_url) as url:
        api = RunningApi(url, tmp_path, RATE_LIMIT_PER_MINUTE=30, MAX_QUEUED_JOBS=2)
        try:
            made, secret = api.do(api.service.db.keys.create("eager"))
            _, second = api.do(api.service.db.keys.create("calm"))
            with api.client_with(secret) as eager, api.client_with(second) as calm:
                video = api.video(made.key_id)
                for _ in range(2):
                    assert eager.post("/api/v1/jobs", json={"video_id": video}).status_code == 200
                full = eager.post("/api/v1/jobs", json={"video_id": video})
                assert error_of(full) == (429, "RATE_LIMITED") and int(full.headers["retry-after"]) >= 1
                answers = [eager.get("/api/v1/jobs") for _ in range(30)]
                refused = [answer for answer in answers if answer.status_code == 429]
                assert 10 <= len(refused) <= 14
                assert error_of(refused[0]) == (429, "RATE_LIMITED")
                assert 1 <= int(refused[0].headers["retry-after"]) <= 3
                assert calm.get("/api/v1/jobs").status_code == 200
                assert eager.get("/api/v1/health").status_code == 200
        finally:
            api.stop()


def test_without_keys_nothing_is_counted(postgres_url: str, tmp_path: Path) -> None:
    from tests import postgres

    with postgres.database(postgres_url) as url:
        api = RunningApi(url, tmp_path, RATE_LIMIT_PER_MINUTE=30)
        try:
            with api.client_with("") as anybody:
                assert {anybody.get("/api/v1/jobs").status_code for _ in range(60)} == {200}
        finally:
            api.stop()


def test_tokens_come_back() -> None:
    from reelprint.api.rates import Rates
    from reelprint.core.errors import RateLimited

    now = [0.0]
    rates = Rates(60, lambda: now[0])

    def taken(count: int) -> int:
        done = 0
        for _ in range(count):
            try:
                rates.take("a")
            except RateLimited as error:
                assert 0 < error.retry_after_s <= 1
                break
            done += 1
        return done

    assert taken(100) == 20
    now[0] += 3.5
    assert taken(100) == 3
    now[0] += 3600
    assert taken(100) == 20
    unlimited: Any = Rates(0)
    for _ in range(10_000):
        unlimited.take("a")
