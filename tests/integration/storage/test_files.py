"""Files over HTTP: ranges and conditions, from a folder and from a bucket alike."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelprint.adapters.storage.objects import ObjectStorage
from reelprint.api.files import serve

_DATA = bytes(range(256)) * 40_000  # 10 MB: several pieces
_NAME = 'Käse "1"/..\\x\r\n.mp4'


class Client:
    """Asks an application without a server in between."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.request(method, path, headers=headers)

        return asyncio.run(ask())

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.ask("GET", path, headers)

    def head(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.ask("HEAD", path, headers)


@pytest.fixture
def client(storage: ObjectStorage, tmp_path: Path) -> Client:
    (tmp_path / "in").write_bytes(_DATA)
    storage.take("outputs/job_1/1/film.mp4", tmp_path / "in")
    storage.put("outputs/empty", b"")

    async def film(request: Request) -> Response:
        return await serve(storage, "outputs/job_1/1/film.mp4", request, "video/mp4", _NAME)

    async def empty(request: Request) -> Response:
        return await serve(storage, "outputs/empty", request, "text/plain", "empty.txt", attachment=True)

    return Client(Starlette(routes=[Route("/film", film), Route("/empty", empty)]))


def test_the_whole_file(client: Client) -> None:
    answer = client.get("/film")
    assert (answer.status_code, answer.content) == (200, _DATA)
    assert answer.headers["content-length"] == str(len(_DATA))
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"].startswith('"')
    assert parsedate_to_datetime(answer.headers["last-modified"])


def test_the_name_is_safe_for_headers_and_folders(client: Client) -> None:
    named = client.get("/film").headers["content-disposition"]
    assert named.startswith("inline; filename=\"K_se _1__.._x__.mp4\"; filename*=UTF-8''K%C3%A4se%20%221%22_.._x__.mp4")
    assert client.get("/empty").headers["content-disposition"] == 'attachment; filename="empty.txt"'


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, len(_DATA)),
        ("bytes=5-9", 5, 10),
        ("Bytes=5-9", 5, 10),
        ("bytes=100-99999999999", 100, len(_DATA)),
        ("bytes=-7", len(_DATA) - 7, len(_DATA)),
        ("bytes=-99999999999", 0, len(_DATA)),
        (f"bytes={len(_DATA) - 1}-", len(_DATA) - 1, len(_DATA)),
        ("bytes=4000000-9000000", 4_000_000, 9_000_001),
    ],
)
def test_one_range(client: Client, asked: str, start: int, stop: int) -> None:
    answer = client.get("/film", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, _DATA[start:stop])
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(_DATA)}"
    assert answer.headers["content-length"] == str(stop - start)


@pytest.mark.parametrize("asked", [f"bytes={len(_DATA)}-", "bytes=99999999999-99999999999", "bytes=-0"])
def test_ranges_past_the_end(client: Client, asked: str) -> None:
    answer = client.get("/film", headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(_DATA)}"


_NO_RANGES = ["bytes=9-5", "bytes=", "bytes=-", "bytes=a-b", "chars=0-1", "bytes=0-1,5-6", "bytes=0-1-2", "bytes=--1"]


@pytest.mark.parametrize("asked", [*_NO_RANGES, "0-5", "bytes=" + "9" * 40 + "-"])
def test_other_ranges_give_the_whole(client: Client, asked: str) -> None:
    answer = client.get("/film", headers={"Range": asked})
    assert answer.status_code == 200
    assert len(answer.content) == len(_DATA)


def test_head_is_get_without_the_body(client: Client) -> None:
    for headers in ({}, {"Range": "bytes=5-9"}):
        got, headed = client.get("/film", headers=headers), client.head("/film", headers=headers)
        assert headed.content == b""
        assert (headed.status_code, dict(headed.headers)) == (got.status_code, dict(got.headers))


def test_conditions(client: Client, storage: ObjectStorage) -> None:
    first = client.get("/film")
    tag, time = first.headers["etag"], first.headers["last-modified"]
    for value in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = client.get("/film", headers={"If-None-Match": value, "Range": "bytes=0-1"})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert client.get("/film", headers={"If-None-Match": '"other"'}).status_code == 200
    for value, status in (
        (tag, 206),
        (time, 206),
        ('"other"', 200),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
        (f"W/{tag}", 200),
    ):
        assert client.get("/film", headers={"If-Range": value, "Range": "bytes=0-1"}).status_code == status
    storage.put("outputs/job_1/1/film.mp4", b"new")
    assert client.get("/film", headers={"If-None-Match": tag}).content == b"new"


def test_an_empty_file(client: Client) -> None:
    answer = client.get("/empty")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")
    assert client.get("/empty", headers={"Range": "bytes=0-"}).status_code == 416


def test_the_source_is_let_go_when_the_client_leaves(storage: ObjectStorage, tmp_path: Path) -> None:
    """After the first piece the client is gone: the generator ends there and then, and no file stays open."""
    (tmp_path / "in").write_bytes(_DATA)
    storage.take("outputs/a", tmp_path / "in")
    sent: list[int] = []
    ended: list[bool] = []

    def watched(key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        async def pieces() -> AsyncIterator[bytes]:
            try:
                async for piece in ObjectStorage.stream(storage, key, start, stop):
                    yield piece
            finally:
                ended.append(True)

        return pieces()

    async def receive() -> dict[str, Any]:
        while not sent:
            await asyncio.sleep(0.01)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message.get("body"):
            sent.append(len(message["body"]))
            await asyncio.sleep(60)  # a client that takes nothing any more

    async def ask() -> None:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "asgi": {"spec_version": "2.3"}}
        storage.stream = watched  # type: ignore[method-assign]
        answer = await serve(storage, "outputs/a", Request(scope), "video/mp4", "a.mp4")
        gc.disable()
        try:
            await asyncio.wait_for(answer(scope, receive, send), 20)  # type: ignore[arg-type]
            assert ended == [True]
        finally:
            gc.enable()

    asyncio.run(ask())
    assert len(sent) == 1
    open_files = [str(Path(f"/proc/self/fd/{entry}").resolve()) for entry in os.listdir("/proc/self/fd")]  # noqa: PTH208
    assert not any(str(tmp_path) in path for path in open_files)
