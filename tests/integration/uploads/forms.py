"""Forms by hand, and errors as every answer shows them."""

from __future__ import annotations

import httpx

from tests.integration.uploads.server import ApiServer


def error_of(answer: httpx.Response) -> dict[str, str]:
    body = answer.json()
    assert set(body) == {"success", "message", "error"}
    assert body["success"] is False
    assert set(body["error"]) == {"code", "detail"}
    error: dict[str, str] = body["error"]
    return error


def multipart(*parts: tuple[bytes, bytes]) -> bytes:
    """Parts (Content-Disposition without its kind, content) between boundaries ``edge``."""
    head = b"--edge\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n"
    return b"".join(head % part for part in parts) + b"--edge--\r\n"


def post(api: ApiServer, body: bytes, content_type: str = "multipart/form-data; boundary=edge") -> httpx.Response:
    return httpx.post(f"{api.v1}/videos/upload", content=body, headers={"Content-Type": content_type}, timeout=60)
