"""Every error as an answer: the contract's envelope under /api/v1, ``{"detail": ...}`` elsewhere.

What is our fault is told as such, and no more: the reason goes to the log, beside the id of the request.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reelprint.api.answers import bare, failure
from reelprint.api.service import PREFIX
from reelprint.core.errors import (
    AddressRefused,
    Conflict,
    DocumentError,
    MediaError,
    OutputError,
    RateLimited,
    ReelprintError,
    ServiceError,
    Unauthorized,
    Unavailable,
    VideoNotFound,
)

#: When a client may ask again after 503, in seconds.
_UNAVAILABLE_RETRY_S = 5
_CODES = {400: "BAD_REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
_SORRY = "something went wrong on the server; it has been logged"

log = structlog.get_logger(__name__)


class NotReady(Unavailable):
    """Unavailable, with a detail that everybody may see: which part does not answer."""


class NotYet(Conflict):
    """A conflict that passes by itself: worth asking again after ``retry_after_s`` seconds."""

    def __init__(self, message: str, *, code: str, detail: str, retry_after_s: int) -> None:
        super().__init__(message, code=code, detail=detail)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Failure:
    """An error as a client sees it."""

    status: int
    code: str
    message: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, path: str) -> Response:
        """The answer to a request for ``path``."""
        if path == PREFIX or path.startswith(f"{PREFIX}/"):
            return failure(self.status, self.code, self.message, self.detail, self.headers)
        return bare({"detail": self.message}, status=self.status, headers=self.headers)


def bad_request(message: str) -> ServiceError:
    """The request breaks HTTP itself."""
    error = ServiceError(message, code="BAD_REQUEST")
    error.status = 400
    return error


def missing(name: str, message: str = "") -> ServiceError:
    """A required field is absent."""
    error = ServiceError(message or f"{name} is missing", code="MISSING_FIELD", detail=name)
    error.status = 422
    return error


def invalid(errors: Sequence[Any]) -> ServiceError:
    """What pydantic found, as one error: the first finding, named by its field. What was sent is not repeated."""
    first = errors[0]
    place = [str(part) for part in first["loc"]]
    if place and place[0] in ("body", "query", "path", "header", "cookie") and len(place) > 1:
        place = place[1:]
    name = ".".join(place) or "body"
    if first["type"] == "missing":
        return missing(name)
    if first["type"] == "extra_forbidden":
        error = ServiceError(f"there is no field {name}", code="VALIDATION_ERROR", detail=f"{name}: unknown")
    else:
        error = ServiceError(f"{name}: {first['msg']}", code="VALIDATION_ERROR", detail=f"{name}: {first['msg']}")
    error.status = 422
    return error


def failure_of(error: Exception, request_id: str) -> Failure:
    """What a client is told about an exception. Whatever we did not raise on purpose is our own mistake, and logged."""
    if isinstance(error, RequestValidationError):
        error = invalid(error.errors())
    if isinstance(error, HTTPException):
        code = _CODES.get(error.status_code) or HTTPStatus(error.status_code).name
        text = str(error.detail)
        return Failure(error.status_code, code, text, text, dict(error.headers or {}))
    if isinstance(error, ReelprintError):
        status = _status(error)
        if status < 500:
            return Failure(status, error.code, error.message, error.detail, _headers(error))
        if isinstance(error, Unavailable):
            # Details of databases and buckets are the operator's business.
            log.warning("unavailable", reason=error.message, detail=error.detail)
            detail = error.detail if isinstance(error, NotReady) else f"request {request_id}"
            return Failure(status, error.code, error.message, detail, _headers(error))
    log.error("request failed", exc_info=error)
    return Failure(500, "INTERNAL_ERROR", _SORRY, f"request {request_id}")


def add_handlers(app: FastAPI) -> None:
    """Have the application answer with our errors, its framework's included."""

    def answer(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == 404 and error.detail == "Not Found":
            error = HTTPException(404, "there is nothing at this address")
        if isinstance(error, HTTPException) and error.status_code == 405:
            allow = ", ".join(sorted(request.app.state.templates.allowed(request.url.path)))
            error = HTTPException(405, f"{request.method} is not possible here", {"Allow": allow})
        return failure_of(error, cast(str, request.state.request_id)).response(request.url.path)

    for kind in (HTTPException, RequestValidationError, ReelprintError):
        app.add_exception_handler(kind, answer)


def _status(error: ReelprintError) -> int:
    match error:
        case ServiceError():
            return error.status
        case VideoNotFound():
            return 404
        case MediaError() | DocumentError() | OutputError() | AddressRefused():
            return 422
        case _:
            return 500


def _headers(error: ReelprintError) -> dict[str, str]:
    match error:
        case Unauthorized():
            return {"WWW-Authenticate": "Bearer"}
        case NotYet():
            return {"Retry-After": str(error.retry_after_s)}
        case RateLimited():
            return {"Retry-After": str(max(1, math.ceil(error.retry_after_s)))}
        case Unavailable():
            return {"Retry-After": str(_UNAVAILABLE_RETRY_S)}
        case _:
            return {}
