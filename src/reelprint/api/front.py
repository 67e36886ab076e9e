"""The outermost middleware: an id for each request, its log line and figures, and an answer whatever happens."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reelprint.api.errors import failure_of
from reelprint.api.metrics import HttpFigures
from reelprint.api.service import PREFIX
from reelprint.api.templates import UNMATCHED, Templates
from reelprint.core.errors import Unavailable

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
#: Asked for every few seconds by machines: not worth a line each.
_QUIET = frozenset((f"{PREFIX}/health", "/metrics"))

#: Requests beyond so many under way, streams of events among them, are told to come again: memory is finite.
_MOST_AT_ONCE = 2000

log = structlog.get_logger(__name__)


class Front:
    """ASGI middleware. A client's ``X-Request-ID`` is kept when it is a plain word, and always comes back."""

    def __init__(self, app: ASGIApp, figures: HttpFigures, templates: Templates) -> None:
        self._app, self._figures, self._templates = app, figures, templates
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("Cache-Control", "private, no-cache")
            await send(message)

        began_s = time.perf_counter()
        self._under_way += 1
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                if self._under_way > _MOST_AT_ONCE:
                    raise Unavailable("too many requests at once")
                await self._app(scope, receive, watched)
            except ClientDisconnect:
                log.info("client went away", path=scope["path"])
            except Exception as error:
                if status == 0:
                    await failure_of(error, request_id).response(scope["path"])(scope, receive, watched)
                else:
                    # Too late for an error answer; the server closes the connection on an unfinished one.
                    log.error("answer broken off", path=scope["path"], exc_info=error)
            finally:
                self._under_way -= 1
                self._tell(scope, status, time.perf_counter() - began_s)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = self._templates.of(scope)
        self._figures.count(scope["method"], route, status, seconds)
        tell = log.debug if route in _QUIET else log.info
        client = scope.get("client")
        tell(
            "request",
            method=scope["method"],
            path=scope["path"],
            route=None if route == UNMATCHED else route,
            status=status,
            duration_ms=round(1000 * seconds, 1),
            owner=scope["state"].get("owner"),
            client=client[0] if client else None,
        )
