"""JSON bodies, read under a limit and checked strictly: a number in quotes is no number."""

from __future__ import annotations

import asyncio
import math
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from reelprint.api.errors import invalid
from reelprint.core.errors import DocumentError, ServiceError

Model = TypeVar("Model", bound=BaseModel)

#: Enough for the StyleJSON of the longest film that is taken (12 hours, its beats, shots and energy curve).
MAX_BODY_BYTES = 16 * 1024 * 1024
_LONGEST_WAIT_S = 60.0


async def read_json(request: Request, kind: type[Model]) -> Model:
    """The body as a document. Raises ServiceError (408, 413, 415, 422)."""
    given = request.headers.get("content-type")
    if given is not None and not _is_json(given):
        raise _refusal(415, "UNSUPPORTED_MEDIA_TYPE", "send the body as application/json", "Content-Type")
    body = await _read(request)
    if not body.strip():
        raise _refusal(422, "MISSING_FIELD", "the request has no body; send a JSON object", "body")
    try:
        return kind.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise invalid(error.errors(include_input=False, include_url=False)) from None


def check_storable(value: object, place: str) -> None:
    """PostgreSQL's JSON has neither NUL characters nor infinite numbers. Raises DocumentError naming the field."""
    match value:
        case str() if "\x00" in value:
            raise DocumentError(f"{place} contains a NUL character", detail=place)
        case float() if not math.isfinite(value):
            raise DocumentError(f"{place} is no finite number", detail=place)
        case dict():
            for name, inner in value.items():
                check_storable(name, place)
                check_storable(inner, f"{place}.{name}")
        case list() | tuple():
            for inner in value:
                check_storable(inner, place)
        case _:
            return


async def _read(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    too_large = _refusal(
        413, "BODY_TOO_LARGE", f"the body is larger than {MAX_BODY_BYTES // 1024**2} MiB", "Content-Length"
    )
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:18]) > MAX_BODY_BYTES:
        raise too_large
    try:
        async with asyncio.timeout(_LONGEST_WAIT_S):
            async for part in request.stream():
                size += len(part)
                if size > MAX_BODY_BYTES:
                    raise too_large
                parts.append(part)
    except TimeoutError:
        raise _refusal(408, "REQUEST_TIMEOUT", "the body took too long to arrive", "body") from None
    return b"".join(parts)


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _refusal(status: int, code: str, message: str, detail: str) -> ServiceError:
    error = ServiceError(message, code=code, detail=detail)
    error.status = status
    return error
