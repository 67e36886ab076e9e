"""Files out of storage, whole or in part (RFC 9110: ranges, conditions), in bounded memory."""

from __future__ import annotations

import re
from contextlib import aclosing
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from reelprint.adapters.storage.objects import ObjectStorage
from reelprint.adapters.storage.stored import StoredObject
from reelprint.api.errors import Failure
from reelprint.api.etags import has_it
from reelprint.core.errors import NotFound

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_UNSAFE = re.compile(r"[^A-Za-z0-9 ._()+-]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f/\\]")
_LONGEST_NAME = 150


async def serve(
    storage: ObjectStorage, key: str, request: Request, media_type: str, filename: str, *, attachment: bool = False
) -> Response:
    """The answer to a GET or HEAD of one object. ``filename`` is what a client that saves it may call it.

    One range gives 206 (416 when it is past the end), several ranges or a broken header the whole file. Raises
    NotFound, Unavailable.
    """
    found = await storage.stat_async(key)
    if found is None:
        raise NotFound("the file is no longer there", detail=key.rpartition("/")[2])
    headers = {
        "ETag": found.etag,
        "Last-Modified": format_datetime(found.modified, usegmt=True),
        "Accept-Ranges": "bytes",
        "Content-Disposition": _disposition(filename, attachment),
    }
    if _has_it(request, found):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    start, stop, status = 0, found.size_bytes, HTTPStatus.OK
    asked = _asked_range(request, found)
    if asked is not None:
        start, stop, status = *asked, HTTPStatus.PARTIAL_CONTENT
        if start >= stop:
            return _past_the_end(found.size_bytes).response(request.url.path)
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{found.size_bytes}"
    headers["Content-Length"] = str(stop - start)
    if request.method == "HEAD" or start == stop:
        return Response(status_code=status, headers=headers, media_type=media_type)
    return _Stream(storage.stream(key, start, stop), status, headers, media_type)


class _Stream(StreamingResponse):
    """Lets go of its source at once when the client goes away, not when memory is tidied up."""

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self.body_iterator):  # type: ignore[type-var] # an async generator of ours
            await super().stream_response(send)


def _asked_range(request: Request, found: StoredObject) -> tuple[int, int] | None:
    """Start and stop (exclusive) of the range asked for, empty when there is nothing in it; None for the whole."""
    header = request.headers.get("range", "")
    condition = request.headers.get("if-range")
    if condition is not None and condition not in (found.etag, format_datetime(found.modified, usegmt=True)):
        return None  # the client's first half is of another version
    match = _RANGE.fullmatch(header.strip().lower())
    if match is None or match[0] == "bytes=-":
        return None
    size = found.size_bytes
    if match[1]:
        start = int(match[1])
        stop = min(int(match[2]) + 1, size) if match[2] else size
        if match[2] and int(match[2]) < start:
            return None  # no range at all, says RFC 9110, 14.1.1
    else:
        start, stop = max(0, size - int(match[2])), size
    return start, stop


def _past_the_end(size: int) -> Failure:
    message = f"the file has {size} bytes"
    headers = {"Content-Range": f"bytes */{size}"}
    return Failure(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "RANGE_NOT_SATISFIABLE", message, "Range", headers)


def _has_it(request: Request, found: StoredObject) -> bool:
    """Whether the client has this version: by its tag, compared weakly, else by its date (RFC 9110, 13.2.2)."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return has_it(tags, found.etag)
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except (ValueError, OverflowError):
        return False
    # A date without a zone means GMT, which is all that HTTP has; files are told to the second.
    return found.modified.replace(microsecond=0) <= (since if since.tzinfo else since.replace(tzinfo=UTC))


def _disposition(filename: str, attachment: bool) -> str:
    """A header that names a file, safe for every client: plain ASCII first, the real name after RFC 5987."""
    name = _CONTROL.sub("_", filename).strip(". ")[-_LONGEST_NAME:] or "file"
    plain = _UNSAFE.sub("_", name)
    kind = "attachment" if attachment else "inline"
    extended = f"; filename*=UTF-8''{quote(name, safe='')}" if plain != name else ""
    return f'{kind}; filename="{plain}"{extended}'
