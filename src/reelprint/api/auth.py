"""Who asks (CONTRACT section 6). A guard in front of every route: one that nobody thought of is guarded as well.

With keys, a request needs one, and the key owns what the request makes. Before the first key is made, the owner is
"local", and only who is on this machine and meant this machine is let in: the client's address and the ``Host`` must be
loopback ones, and a browser's ``Origin`` too (or one of CORS_ORIGINS). Otherwise any web page could use the API through
its visitor's browser: by a form that posts here, or by a name of its own that it makes resolve to 127.0.0.1.
"""

from __future__ import annotations

import ipaddress
import re
from typing import cast
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from reelprint.api.errors import bad_request, failure_of
from reelprint.api.rates import Rates
from reelprint.api.service import PREFIX
from reelprint.bootstrap.service import Service
from reelprint.core.errors import Forbidden, ReelprintError, Unauthorized

LOCAL = "local"
"""The owner of everything that is made without a key."""

#: Paths that anybody may ask for.
OPEN = frozenset((f"{PREFIX}/health", "/openapi.json"))

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")


def owner_of(request: Request) -> str:
    """The owner of what this request makes and may see."""
    return cast(str, request.state.owner)


async def still_allowed(request: Request) -> bool:
    """Whether the credential of a long answer is still good: it may have been revoked meanwhile."""
    owner = owner_of(request)
    return owner == LOCAL or await _owner_by_key(request.app.state.service, request.headers) == owner


class Guard:
    """ASGI middleware: names the owner of a request, or refuses it."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service
        self._rates = Rates(service.settings.rate_limit_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            await self._admit(scope)
        except ReelprintError as error:
            refusal = failure_of(error, scope["state"]["request_id"])
            await refusal.response(scope["path"])(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not _HOST.fullmatch(host):
            raise bad_request("the Host header is no host")
        if scope["path"] in OPEN:
            return
        if await self._service.db.keys.any_made():
            owner = await _owner_by_key(self._service, headers)
            if owner is None:
                raise Unauthorized("send a valid API key: Authorization: Bearer rp_...", detail="Authorization")
            self._rates.take(owner)
        else:
            self._check_local(scope, host, headers.get("origin"))
            owner = LOCAL
        scope["state"]["owner"] = owner

    def _check_local(self, scope: Scope, host: str, origin: str | None) -> None:
        client = scope.get("client")
        if client is None or not _is_loopback(client[0]):
            raise Forbidden(
                "without an API key only this machine is served: `reelprint keys create NAME`", detail="Authorization"
            )
        if not _is_loopback(host):
            raise Forbidden(
                "without an API key the server is called localhost or 127.0.0.1 only: `reelprint keys create NAME`",
                detail="Host",
            )
        allowed = self._service.settings.cors_origins
        if origin is None or origin in allowed or "*" in allowed:
            return
        if not _is_loopback(urlsplit(origin).netloc):
            raise Forbidden("web pages of other hosts are let in by CORS_ORIGINS only", detail="Origin")


async def _owner_by_key(service: Service, headers: Headers) -> str | None:
    scheme, _, credential = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    key = await service.db.keys.check(credential.strip())
    return None if key is None else key.key_id


def _is_loopback(place: str) -> bool:
    """Whether an address, with or without a port, is this machine's own."""
    if place.startswith("["):
        name = place[1:].partition("]")[0]
    else:
        name = place.partition(":")[0] if place.count(":") == 1 else place
    if name.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
