"""A language model's API that answers as it is told to: OpenAI's chat completions and Gemini over real HTTP.

    with LlmServer() as server:
        server.script(status(429, retry_after=0), good())
        model = OpenAiModel(server.openai_url, "gpt-4o-mini", "sk-test")

Each request takes the next act of the script; the last one stays. ``server.requests`` keeps what came in.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

USED = {"input": 1200, "output": 300}
_ID = re.compile(r"^<<<MOMENT (m\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Request:
    """A request as it arrived. Header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def gemini(self) -> bool:
        return ":generateContent" in self.path

    @property
    def system(self) -> str:
        if self.gemini:
            return str(self.body["systemInstruction"]["parts"][0]["text"])
        return str(self.body["messages"][0]["content"])

    @property
    def user(self) -> str:
        if self.gemini:
            return str(self.body["contents"][0]["parts"][0]["text"])
        return str(self.body["messages"][1]["content"])

    @property
    def moments(self) -> list[str]:
        """The ids of the moments that a clips request tells of."""
        return _ID.findall(self.user)


Act = Callable[["_Handler", Request], None]
Answering = Callable[[Request], dict[str, Any]]


def opinion(moment: str, score: int, **texts: str) -> dict[str, Any]:
    """What a model says of one moment; texts that are not given are empty."""
    empty = {"title": "", "youtube_title": "", "tiktok": "", "instagram": "", "reason": ""}
    return {"moment": moment, "score": score, **empty, **texts}


def reversing(request: Request) -> dict[str, Any]:
    """Good answer: the last moment is the best one; no texts of its own."""
    ids = request.moments
    return {"moments": [opinion(name, 100 * (n + 1) // len(ids), reason="it ends well") for n, name in enumerate(ids)]}


def good(answer: Answering = reversing, *, usage: bool = True, model: str | None = None) -> Act:
    """What ``answer`` makes of the request, as JSON in the model's text."""
    return said(lambda request: json.dumps(answer(request)), usage=usage, model=model)


def said(text: str | Callable[[Request], str], *, usage: bool = True, model: str | None = None) -> Act:
    """A whole answer whose text is ``text``."""

    def act(handler: _Handler, request: Request) -> None:
        handler.send(200, envelope(request, text if isinstance(text, str) else text(request), usage, model))

    return act


def envelope(request: Request, text: str, usage: bool = True, model: str | None = None) -> dict[str, Any]:
    """The text of a model inside what its API wraps around it."""
    if request.gemini:
        name = model or request.path.rpartition("/")[2].partition(":")[0]
        answer: dict[str, Any] = {
            "candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}],
            "modelVersion": name,
        }
        counted = {"promptTokenCount": USED["input"], "candidatesTokenCount": USED["output"]}
        return {**answer, **({"usageMetadata": counted} if usage else {})}
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    answer = {"object": "chat.completion", "model": model or request.body["model"], "choices": [choice]}
    counted = {"prompt_tokens": USED["input"], "completion_tokens": USED["output"]}
    return {**answer, **({"usage": counted} if usage else {})}


def status(code: int, /, *, retry_after: str | float | None = None, message: str = "no", **error: Any) -> Act:
    """An error as both APIs tell them."""

    def act(handler: _Handler, request: Request) -> None:
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        handler.send(code, {"error": {"message": message, **error}}, headers)

    return act


def data(document: Any, *, code: int = 200, headers: dict[str, str] | None = None) -> Act:
    """Any JSON, as the whole body."""
    return lambda handler, request: handler.send(code, document, headers)


def raw(body: bytes, *, code: int = 200, headers: dict[str, str] | None = None) -> Act:
    """Any bytes; ``headers`` may change the content type."""
    return lambda handler, request: handler.send_bytes(code, body, headers or {})


def empty_choices(handler: _Handler, request: Request) -> None:
    """Success without an answer in it."""
    document = envelope(request, "")
    document["candidates" if request.gemini else "choices"] = []
    handler.send(200, document)


def huge(handler: _Handler, request: Request) -> None:
    """An answer that is far too long, sent as fast as it goes."""
    handler.begin(200, {"Content-Length": str(1 << 30)})
    with suppress(OSError):
        while not handler.stopping.is_set():
            handler.wfile.write(b" " * 65536)


def slow_headers(handler: _Handler, request: Request) -> None:
    """Takes the request and says nothing."""
    handler.stopping.wait(30)


def slow_body(handler: _Handler, request: Request) -> None:
    """Says that it will answer, and sends a space now and then: no read ever times out, and it never ends."""
    handler.begin(200, {"Content-Length": "100000"})
    with suppress(OSError):
        while not handler.stopping.wait(0.02):
            handler.wfile.write(b" ")
            handler.wfile.flush()


def reset(handler: _Handler, request: Request) -> None:
    """Drops the connection hard after the request."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def cut(handler: _Handler, request: Request) -> None:
    """Ends in the middle of the body."""
    handler.begin(200, {"Content-Length": "5000"})
    handler.wfile.write(b'{"choices": [')


class LlmServer:
    """Listens on 127.0.0.1 between ``with`` and its end."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._acts: Sequence[Act] = (good(),)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        server = self

        class Handler(_Handler):
            stopping = self._stopping

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length) or b"{}")
                headers = {name.lower(): value for name, value in self.headers.items()}
                act, request = server._next(Request(self.path, headers, body))
                with suppress(BrokenPipeError, ConnectionResetError):
                    act(self, request)

        self._http = _Quiet(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> LlmServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def openai_url(self) -> str:
        """For LLM_BASE_URL."""
        return f"{self.origin}/v1"

    @property
    def gemini_url(self) -> str:
        """For GEMINI_BASE_URL."""
        return f"{self.origin}/v1beta"

    def script(self, *acts: Act) -> None:
        """What the next requests get, one act each; the last act stays. Forgets earlier requests."""
        with self._lock:
            self._acts, self.requests = acts, []

    def _next(self, request: Request) -> tuple[Act, Request]:
        with self._lock:
            act = self._acts[min(len(self.requests), len(self._acts) - 1)]
            self.requests.append(request)
        return act, request


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that give up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stopping: threading.Event

    def begin(self, code: int, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in {"Content-Type": "application/json", "Connection": "close", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True

    def send(self, code: int, document: Any, headers: dict[str, str] | None = None) -> None:
        self.send_bytes(code, json.dumps(document).encode(), headers or {})

    def send_bytes(self, code: int, body: bytes, headers: dict[str, str]) -> None:
        self.begin(code, {"Content-Length": str(len(body)), **headers})
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """The tests say what went wrong."""
