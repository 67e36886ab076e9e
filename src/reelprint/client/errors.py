"""What can go wrong between a client and the server."""

from __future__ import annotations

from typing import Any

import httpx

from reelprint.core.errors import ReelprintError


class ApiError(ReelprintError):
    """The server answered with an error.

    ``status`` is HTTP's, ``code`` and ``detail`` are the contract's; ``retry_after_s`` is the server's wish, if any.
    """

    def __init__(
        self, status: int, code: str, message: str, detail: str = "", *, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, detail=detail)
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s

    @classmethod
    def of(cls, response: httpx.Response) -> ApiError:
        """The error in an answer whose body was read; it need not come from Reelprint: proxies answer too."""
        body = _json(response)
        error = body.get("error")
        told = error if isinstance(error, dict) else {}
        message = body.get("message") or body.get("detail") or response.reason_phrase or "no reason given"
        return cls(
            response.status_code,
            str(told.get("code") or f"HTTP_{response.status_code}"),
            str(message),
            str(told.get("detail") or ""),
            retry_after_s=_seconds(response.headers.get("Retry-After")),
        )


class NoServer(ReelprintError):
    """No connection to the server, or it broke and did not come back for as long as we were patient."""

    code = "SERVICE_UNAVAILABLE"


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _seconds(text: str | None) -> float | None:
    """Retry-After in seconds; its other form, a date, is not used by our server."""
    return float(text) if text is not None and text.isascii() and text.isdigit() else None
