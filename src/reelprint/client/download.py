"""Fetching a film: whole or not at all, and from where it broke when the connection breaks."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import httpx

from reelprint.client.errors import ApiError, NoServer
from reelprint.client.transport import Patience, Transport
from reelprint.core.errors import OutputError

OnBytes = Callable[[int, int | None], None]
"""Bytes there so far, and of how many; None when the server does not say."""

_READ_S = 60.0
_AWAY = (429, 502, 503, 504)


def download(transport: Transport, path: str, target: Path, on_bytes: OnBytes, *, patience_s: float) -> None:
    """Write what ``path`` answers with to ``target``, beside it first and renamed when it is all there.

    Raises ApiError, NoServer (after ``patience_s`` without a byte more) and OutputError; then ``target`` is as before.
    """
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        try:
            with part.open("xb") as file:
                _fill(transport, path, file, on_bytes, patience_s)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}", detail="out") from None


def _fill(transport: Transport, path: str, file: BinaryIO, on_bytes: OnBytes, patience_s: float) -> None:
    patience = Patience(patience_s)
    version: str | None = None
    while True:
        have = file.tell()
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if have and version is not None:
            headers |= {"Range": f"bytes={have}-", "If-Range": version}
        wish_s = None
        try:
            with transport.stream(path, headers, read_s=_READ_S) as response:
                if not _continues(response, have):
                    file.seek(0)
                    file.truncate()
                version, total = _version(response), _total(response, file.tell())
                for chunk in response.iter_raw():
                    file.write(chunk)
                    patience.renew()
                    on_bytes(file.tell(), total)
                return
        except httpx.TransportError as error:
            fault: Exception = transport.lost(error)
        except ApiError as error:
            if error.status not in _AWAY:
                raise
            fault, wish_s = error, error.retry_after_s
        if not patience.wait(wish_s):
            raise fault


def _continues(response: httpx.Response, have: int) -> bool:
    """Whether an answer goes on where we are. Raises NoServer when it goes on somewhere else."""
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        return False
    if not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        raise NoServer("the server sent another part of the film than was asked for")
    return True


def _version(response: httpx.Response) -> str | None:
    """What tells this content from a later one, if the server says it in a way that fits If-Range."""
    tag = response.headers.get("ETag")
    return None if tag is None or tag.startswith("W/") else str(tag)


def _total(response: httpx.Response, have: int) -> int | None:
    length = response.headers.get("Content-Length")
    return None if length is None else have + int(length)
