"""A small server that answers like Reelprint's API, and misbehaves when told to."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

JOB_ID = "job_0123456789ab"
VIDEO_ID = "vid_0123456789ab"
TIME = "2026-03-01T12:00:00.250000Z"
FILM = bytes(range(256)) * 4096
METADATA = {
    "width": 640,
    "height": 360,
    "duration_seconds": 2.0,
    "frame_rate": 30.0,
    "codec": "h264",
    "bitrate_kbps": 900,
    "format": "mp4",
}
VIDEO = {
    "video_id": VIDEO_ID,
    "filename": "film.mp4",
    "file_size_bytes": 5,
    "metadata": METADATA,
    "uploaded_at": TIME,
    "storage_url": "file:///data/film.mp4",
}
STORY: list[dict[str, Any]] = [
    {"status": "queued", "current_stage": None, "progress_percent": 0},
    {"status": "processing", "current_stage": "video_analysis", "progress_percent": 1},
    {"log": "2 shots"},
    {"status": "processing", "current_stage": "rendering", "progress_percent": 90},
    {"status": "completed", "current_stage": None, "progress_percent": 100},
]


def job(status: str = "queued", percent: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "job_id": JOB_ID,
        "video_id": VIDEO_ID,
        "template_video_id": None,
        "status": status,
        "progress_percent": percent,
        "current_stage": None,
        "created_at": TIME,
        "updated_at": TIME,
        "started_at": None,
        "completed_at": None,
        "error": None,
        **more,
    }


def success(data: Any) -> Response:
    return JSONResponse({"success": True, "message": "as asked", "data": data})


def failure(status: int, code: str, message: str = "no", detail: str = "", **headers: str) -> Response:
    body = {"success": False, "message": message, "error": {"code": code, "detail": detail}}
    return JSONResponse(body, status, headers={name.replace("_", "-"): value for name, value in headers.items()})


class Cut(Exception):
    """The connection breaks here."""


@dataclass
class Seen:
    """A request that came."""

    method: str
    path: str
    raw_path: bytes
    headers: dict[str, str]
    query: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answering = Callable[[Request], Response | None]


@dataclass
class Fake:
    """What the server does. ``first``: answers given, one each, before the ordinary ones; None is an ordinary one."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    first: list[Answering] = field(default_factory=list)
    ordinary: dict[tuple[str, str], Answering] = field(default_factory=dict)

    def asked(self, ending: str) -> list[Seen]:
        """The requests to paths that end so."""
        return [request for request in self.seen if request.path.endswith(ending)]

    def answer(self, method: str, path: str, given: Any) -> None:
        """Answer from now on with ``given``: data, a whole response, or what makes one."""
        if callable(given) and not isinstance(given, Response):
            self.ordinary[method, path] = given
        else:
            self.ordinary[method, path] = lambda _request: given if isinstance(given, Response) else success(given)


def events(*stories: list[dict[str, Any]], ends: bool = True, name: str = "") -> Answering:
    """A stream of the story's events after Last-Event-ID; each connection gets one of ``stories`` (the last one again
    and again), and breaks at its end unless that is a terminal event, or just ends when ``ends``.
    """
    left = list(stories)

    def answer(request: Request) -> Response:
        story = left.pop(0) if len(left) > 1 else left[0]
        after = int(request.headers.get("last-event-id", 0))

        async def lines() -> AsyncIterator[str]:
            yield ": hello\n\n"
            for number, data in enumerate(story, 1):
                if number > after:
                    yield f"id: {number}\n{name}data: {json.dumps(data)}\n\n"
                    yield ": still here\n\n"
            if not ends:
                await asyncio.sleep(0.05)
                raise Cut

        return StreamingResponse(lines(), media_type="text/event-stream")

    return answer


def film(*cuts: int, tag: str | None = '"1"', honours: bool = True, content: bytes = FILM) -> Answering:
    """The film; each request breaks after one of ``cuts`` bytes, later ones not at all. ``honours``: Range works."""
    left = list(cuts)

    def answer(request: Request) -> Response:
        start, status = 0, 200
        headers = {} if tag is None else {"ETag": tag}
        wanted = request.headers.get("range")
        if wanted and honours and request.headers.get("if-range") == tag:
            start, status = int(wanted.removeprefix("bytes=").removesuffix("-")), 206
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        cut = left.pop(0) if left else None

        async def parts() -> AsyncIterator[bytes]:
            yield content[start:] if cut is None else content[start : start + cut]
            if cut is not None:
                await asyncio.sleep(0.05)
                raise Cut

        headers["Content-Length"] = str(len(content) - start)
        return StreamingResponse(parts(), status, headers, media_type="video/mp4")

    return answer


def _app(fake: Fake) -> Starlette:
    async def serve(request: Request) -> Response:
        path = request.url.path.removeprefix("/api/v1")
        body = await request.body()
        fake.seen.append(
            Seen(
                request.method, path, request.scope["raw_path"], dict(request.headers), dict(request.query_params), body
            )
        )
        answer = fake.first.pop(0)(request) if fake.first else None
        if answer is None:
            ordinary = fake.ordinary.get((request.method, path))
            answer = ordinary(request) if ordinary else failure(404, "NOT_FOUND", f"nothing at {path}")
        return answer

    route = Route("/{path:path}", serve, methods=["GET", "POST", "DELETE"])
    return Starlette(routes=[route])


class Server:
    """The fake on a port of its own; it can be stopped and started again there."""

    def __init__(self, fake: Fake) -> None:
        self._fake, self._port = fake, 0
        self.start()
        fake.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        config = uvicorn.Config(
            _app(self._fake), log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1, loop="asyncio"
        )
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._uvicorn.run, args=([listener],), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._uvicorn.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()


@contextmanager
def served(fake: Fake) -> Iterator[Server]:
    """Serve while the block runs."""
    server = Server(fake)
    try:
        yield server
    finally:
        server.stop()
