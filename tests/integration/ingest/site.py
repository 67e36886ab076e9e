"""A web site on 127.0.0.1 that answers as told, badly when told so, and remembers what was asked."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Site:
    """``asked``: path and ``Range`` of every request; ``heads``: the first line and headers as they came."""

    port: int = 0
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


def giving(data: bytes | Path, kind: str = "video/mp4") -> Reply:
    """A file, whole or the part that is asked for."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        body = data.read_bytes() if isinstance(data, Path) else data
        start = _start(request)
        request.send_response(206 if start else 200)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(body) - start))
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        request.end_headers()
        request.wfile.write(body[start:])

    return reply


def page(html: str) -> Reply:
    return giving(html.encode(), "text/html; charset=utf-8")


def leading_to(url: str) -> Reply:
    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", url)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return reply


def failing(status: int) -> Reply:
    return lambda request: request.send_error(status)


def unmeasured(data: bytes, kind: str = "video/mp4") -> Reply:
    """A body whose length is not told beforehand."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", kind)
        request.end_headers()
        request.wfile.write(data)

    return reply


def breaking(data: bytes, times: int, after: int) -> Reply:
    """A file whose connection breaks ``after`` bytes, the first ``times`` times that it is read to there."""
    left = [times]

    def reply(request: BaseHTTPRequestHandler) -> None:
        start = _start(request)
        request.send_response(206 if start else 200)
        request.send_header("Content-Type", "video/mp4")
        request.send_header("Content-Length", str(len(data) - start))
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        request.end_headers()
        if left[0] > 0:
            request.wfile.write(data[start : start + after])
            request.wfile.flush()
            left[0] -= 1
            return
        request.wfile.write(data[start:])

    return reply


def dripping(site: Site, data: bytes, *, length: int | None) -> Reply:
    """The start of a film, then a byte now and then, without end."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "video/mp4")
        if length is not None:
            request.send_header("Content-Length", str(length))
        request.end_headers()
        request.wfile.write(data)
        while not site.closing.wait(0.05):
            request.wfile.write(b"\0")
            request.wfile.flush()

    return reply


def _start(request: BaseHTTPRequestHandler) -> int:
    asked = request.headers.get("Range", "")
    return int(asked.removeprefix("bytes=").partition("-")[0] or 0) if asked else 0


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            site.asked.append((self.path, self.headers.get("Range")))
            site.heads.append(dict(self.headers.items()))
            self.close_connection = True
            with suppress(ConnectionError):
                site.replies.get(path, failing(404))(self)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        site.port = server.server_address[1]
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            site.closing.set()
            server.shutdown()
            thread.join()


def until(moment: Callable[[], bool], limit_s: float = 20.0) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + limit_s
    while not moment():
        if time.monotonic() > end:
            raise AssertionError("it never became true")
        time.sleep(0.02)
