"""What every endpoint needs to know: the service behind it, and how the client calls this server."""

from __future__ import annotations

from typing import cast

from starlette.requests import Request

from reelprint.bootstrap.service import Service

#: Where the style family lives.
PREFIX = "/api/v1"
#: Where the clips family lives.
CLIPS_PREFIX = "/api"


def service_of(request: Request) -> Service:
    """The service behind the API."""
    return cast(Service, request.app.state.service)


def base_url_of(request: Request) -> str:
    """Where the client reaches this server, without a slash at the end: PUBLIC_URL, or what the client called it."""
    configured = service_of(request).settings.public_url
    return (configured or str(request.base_url)).rstrip("/")


def request_id_of(request: Request) -> str:
    """The id under which this request is found in the logs."""
    return cast(str, request.state.request_id)
