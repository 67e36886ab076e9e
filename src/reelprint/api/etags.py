"""Entity tags: an answer that a client has already is not sent again."""

from __future__ import annotations

import hashlib


def etag_of(data: bytes) -> str:
    """A strong tag of an answer's bytes."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def has_it(if_none_match: str | None, etag: str) -> bool:
    """Whether ``If-None-Match`` says that the client has the answer with this tag (RFC 9110, 13.1.2: weakly)."""
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return "*" in tags or etag in tags
