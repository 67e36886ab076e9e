"""How answers look: the envelope of CONTRACT section 1, times, JSON bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response


def moment(time: datetime | None) -> str | None:
    """A time as the API writes it: ISO 8601 UTC with microseconds and Z."""
    return None if time is None else time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def json_bytes(document: object) -> bytes:
    """Compact JSON. Raises ValueError for NaN and infinities, which are no JSON."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def bare(document: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer without envelope."""
    return Response(json_bytes(document), status, headers, media_type="application/json")


def success(message: str, data: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """The envelope of a success."""
    return bare({"success": True, "message": message, "data": data}, headers=headers)


def failure(status: int, code: str, message: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The envelope of an error."""
    body = {"success": False, "message": message, "error": {"code": code, "detail": detail}}
    return bare(body, status=status, headers=headers)
