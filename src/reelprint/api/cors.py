"""Answers for browsers on the pages of other origins. The framework's own has plain texts for errors; ours has none."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_READABLE = (
    "Accept-Ranges, Content-Disposition, Content-Range, ETag, Location, Retry-After, X-Request-ID, Video-Id, "
    "Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Upload-Expires, Upload-Length, Upload-Offset"
)
_REMEMBERED_S = 600


class Cors:
    """ASGI middleware: lets pages of ``origins`` ("*": any) call the API. Keys come in a header, so no cookies."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app, self._origins = app, frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        origin = headers.get("origin")
        if origin is None or not ("*" in self._origins or origin in self._origins):
            await self._app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await Response(status_code=204, headers=self._preflight(origin, headers))(scope, receive, send)
            return

        async def permitting(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = MutableHeaders(scope=message)
                added["Access-Control-Allow-Origin"] = origin
                added["Access-Control-Expose-Headers"] = _READABLE
                added.add_vary_header("Origin")
            await send(message)

        await self._app(scope, receive, permitting)

    @staticmethod
    def _preflight(origin: str, headers: Headers) -> dict[str, str]:
        asked = headers.get("access-control-request-headers")
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Max-Age": str(_REMEMBERED_S),
            "Vary": "Origin, Access-Control-Request-Headers",
            **({"Access-Control-Allow-Headers": asked} if asked else {}),
        }
