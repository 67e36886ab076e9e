"""Unfinished resumable uploads (tus) in storage: any API process can go on with any of them.

    tus/<owner>/<upload id>/info               what was announced, as JSON; once finished, the id of the video
    tus/<owner>/<upload id>/<first byte>       the bytes from there on, one object for each piece that arrived

How much has arrived is read off the objects: as far as they follow each other without a gap. So there is no counter
that could be wrong after a crash, and two requests that write at once (a client that came back before its first
connection was found dead) do no harm: both send the same file, and of two pieces at one place the longer stays.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from tuspyserver.storage import TusStorage

from reelprint.adapters.intake.incoming import settled
from reelprint.adapters.intake.sweeping import ROOT
from reelprint.adapters.storage.objects import ObjectStorage
from reelprint.adapters.storage.stored import StoredObject
from reelprint.core.errors import Conflict, NotFound

_PIECE_BYTES = 8 * 1024 * 1024
#: A last piece below this is written again, longer: clients that send little at a time leave no thousands of objects.
_SMALL_BYTES = 1024 * 1024
_INFO = "info"
_UPLOAD_ID = re.compile(r"[0-9a-f]{32}")

#: Whose uploads this request may see. Another owner's are at another place, so they are simply not there.
owner_now: ContextVar[str] = ContextVar("owner_now")
_writer_now: ContextVar[_Writer | None] = ContextVar("_writer_now", default=None)
_creating: ContextVar[str | None] = ContextVar("_creating", default=None)
_offset_seen: ContextVar[tuple[str, int]] = ContextVar("_offset_seen", default=("", 0))


@dataclass
class _Writer:
    """One request that appends: where its next piece begins, and what it has not written yet."""

    at: int
    pending: bytearray = field(default_factory=bytearray)
    failure: Exception | None = None


@dataclass(frozen=True)
class Piece:
    """Bytes ``start`` to ``stop`` of an upload are in the object ``key``."""

    key: str
    start: int
    stop: int


class UploadParts(TusStorage):
    """Storage of tuspyserver on ours. An upload expires ``keep_hours`` after its last bytes."""

    def __init__(self, storage: ObjectStorage, keep_hours: float) -> None:
        self._storage = storage
        self._keep = timedelta(hours=keep_hours)
        #: The newest writer of each upload in this process: an older one's connection is dead, if it knows it or not.
        self._newest: dict[str, _Writer] = {}

    async def create(self, uid: str) -> None:
        """The upload is there once its info is: the next one that is written."""
        _creating.set(uid)

    async def exists(self, uid: str) -> bool:
        return valid(uid) and await self._storage.stat_async(f"{_folder(uid)}/{_INFO}") is not None

    async def size(self, uid: str) -> int:
        seen, offset = _offset_seen.get()
        if seen == uid:  # the library asks right after it has read the info
            return offset
        info = await self.read_info(uid)
        return 0 if info is None else int(info["offset"])

    async def append(self, uid: str, chunk: bytes) -> None:
        writer = self._writer(uid)
        writer.pending += chunk
        if len(writer.pending) >= _PIECE_BYTES:
            await self._write(uid, writer)

    async def flush(self, uid: str) -> None:
        writer = self._writer(uid)
        if writer.pending:
            await self._write(uid, writer)

    async def finalize(self, uid: str) -> None:
        """Nothing: the pieces are put together by whoever makes a video of them."""

    async def read(self, uid: str) -> bytes | None:
        """All bytes; no route asks for them, since no upload has to fit into memory."""
        pieces = await self.pieces(uid)
        return b"".join([data for piece in pieces async for data in self._storage.stream(piece.key)])

    async def delete(self, uid: str) -> None:
        await settled(self._storage.delete_prefix, _folder(uid))

    async def read_info(self, uid: str) -> dict[str, Any] | None:
        """What was announced, with ``offset`` and ``expires`` as the pieces say."""
        if not valid(uid):
            return None
        data = await asyncio.to_thread(self._storage.get, f"{_folder(uid)}/{_INFO}")
        if data is None:
            return None
        info: dict[str, Any] = json.loads(data)
        pieces, newest = await asyncio.to_thread(self._pieces, uid)
        info["offset"] = info["size"] if info.get("video_id") else pieces[-1].stop if pieces else 0
        _offset_seen.set((uid, info["offset"]))
        info["expires"] = format_datetime((newest or datetime.now(UTC)) + self._keep, usegmt=True)
        return info

    async def write_info(self, uid: str, data: dict[str, Any]) -> None:
        """Only when it is new. Later on only the offset changes, and that is read off the pieces."""
        writer = _writer_now.get()
        if writer is not None and writer.failure is not None:
            # The library would swallow it and tell the client that all is well.
            raise writer.failure
        if _creating.get() == uid:
            _creating.set(None)
            await settled(self._storage.put, f"{_folder(uid)}/{_INFO}", json.dumps(data, default=str).encode())

    async def finish(self, uid: str, video_id: str) -> None:
        """Remember what became of the upload, for a client that missed the answer; its pieces go."""
        key = f"{_folder(uid)}/{_INFO}"
        data = await asyncio.to_thread(self._storage.get, key)
        if data is not None:
            await settled(self._storage.put, key, json.dumps(json.loads(data) | {"video_id": video_id}).encode())
        for piece in await self.pieces(uid):
            await self._storage.delete_async(piece.key)

    async def pieces(self, uid: str) -> list[Piece]:
        """What has arrived, in order and without gaps."""
        return (await asyncio.to_thread(self._pieces, uid))[0]

    async def list_uids(self) -> list[str]:
        """The uploads of the owner who asks; expiry is ``sweep_uploads``, which sees everybody's."""
        found = await asyncio.to_thread(lambda: [item.key.split("/") for item in self._storage.list(_owner_folder())])
        return sorted({parts[2] for parts in found})

    def location(self, uid: str) -> str:
        return uid

    @asynccontextmanager
    async def lock(self, uid: str) -> AsyncIterator[None]:  # type: ignore[override] # what the library really uses
        """Make this request the one that writes; an older one of this process stops at its next bytes."""
        writer = await asyncio.to_thread(self._new_writer, uid)
        self._newest[uid] = writer
        token = _writer_now.set(writer)
        try:
            yield
        finally:
            _writer_now.reset(token)
            if self._newest.get(uid) is writer:
                del self._newest[uid]

    def _new_writer(self, uid: str) -> _Writer:
        pieces = self._pieces(uid)[0]
        if not pieces:
            return _Writer(at=0)
        last = pieces[-1]
        if last.stop - last.start >= _SMALL_BYTES:
            return _Writer(at=last.stop)
        return _Writer(at=last.start, pending=bytearray(self._storage.get(last.key) or b""))

    def _writer(self, uid: str) -> _Writer:
        writer = _writer_now.get()
        if writer is None:
            raise RuntimeError("bytes come inside lock()")
        if self._newest.get(uid) is not writer:
            writer.failure = Conflict("this upload was continued by another request", detail="Upload-Offset")
            raise writer.failure
        return writer

    async def _write(self, uid: str, writer: _Writer) -> None:
        key = f"{_folder(uid)}/{writer.at:015d}"
        data, writer.pending = bytes(writer.pending), bytearray()
        try:
            there = await self._storage.stat_async(key)
            if there is None or there.size_bytes < len(data):
                await settled(self._storage.put, key, data)
        except Exception as error:
            writer.failure = error
            raise
        writer.at += len(data)

    def _pieces(self, uid: str) -> tuple[list[Piece], datetime | None]:
        """The pieces that follow each other from the start, and when the upload was last written to."""
        found = list(self._storage.list(_folder(uid)))
        newest = max((item.modified for item in found), default=None)
        return _in_order(found), newest


def valid(uid: str) -> bool:
    """Whether this is an upload id as we make them."""
    return _UPLOAD_ID.fullmatch(uid) is not None


def _owner_folder() -> str:
    # An owner may be called anything.
    return f"{ROOT}/{hashlib.sha256(owner_now.get().encode()).hexdigest()[:16]}"


def _folder(uid: str) -> str:
    if not valid(uid):
        raise NotFound("there is no such upload", detail=uid[:80])
    return f"{_owner_folder()}/{uid}"


def _in_order(found: list[StoredObject]) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    for item in sorted(found, key=lambda item: item.key):
        with suppress(ValueError):
            start = int(item.key.rpartition("/")[2])
            if start > at:
                break
            if start == at and item.size_bytes:
                pieces.append(Piece(item.key, start, start + item.size_bytes))
                at += item.size_bytes
    return pieces
