"""Entity tags: an answer that a client has already is not sent again."""

from __future__ import annotations

import hashlib

from starlette.requests import Request


def etag_of(data: bytes) -> str:
    """A strong tag of an answer's bytes."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def has_it(request: Request, etag: str) -> bool:
    """Whether ``If-None-Match`` says that the client has the answer with this tag (RFC 9110, 13.1.2: weakly)."""
    given = ",".join(request.headers.getlist("if-none-match"))
    tags = [tag.strip().removeprefix("W/") for tag in given.split(",")]
    return "*" in tags or etag in tags
