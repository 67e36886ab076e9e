"""One upload on its way in: to a scratch file, in constant memory, limited and hashed as it comes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO, ParamSpec, TypeVar

from reelprint.adapters.media.container import sniff
from reelprint.adapters.storage.scratch import ScratchFolders
from reelprint.core.errors import CorruptVideo, FileTooLarge, OutputError, Unavailable

P = ParamSpec("P")
T = TypeVar("T")

_BUFFER_BYTES = 1024 * 1024
#: Container headers are within the first bytes; with fewer, and no more to come, the file is judged as it is.
_HEAD_BYTES = 4096
#: Messages about a file begin with its name: what the person calls it is theirs, not a path of ours.
_NAME = "the upload"


class Incoming:
    """Takes the bytes of one file. ``path`` is whole after ``finish``; it may be moved away then."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.path = folder / _NAME
        self.size_bytes = 0
        self._max_bytes = max_bytes
        self._hash = hashlib.sha256()
        self._buffer = bytearray()
        self._file: BinaryIO | None = None
        self._sniffed = False

    @property
    def content_hash(self) -> str:
        """SHA-256 of the bytes written out so far, hex."""
        return self._hash.hexdigest()

    async def write(self, data: bytes) -> None:
        """Take the next bytes.

        Raises FileTooLarge at the first byte over the limit, UnsupportedFormat as soon as the beginning is no film's,
        Unavailable when the disk refuses.
        """
        self.size_bytes += len(data)
        if self.size_bytes > self._max_bytes:
            raise too_large(self._max_bytes)
        self._buffer += data
        if len(self._buffer) >= _BUFFER_BYTES or (not self._sniffed and self.size_bytes >= _HEAD_BYTES):
            await settled(self._flush)

    async def finish(self) -> None:
        """Write out what is left. Raises UnsupportedFormat for what is too short to be a film, Unavailable."""
        await settled(self._flush)
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _flush(self) -> None:
        data, self._buffer = self._buffer, bytearray()
        try:
            if self._file is None:
                self._file = self.path.open("xb")
            self._file.write(data)
            if not self._sniffed:
                self._file.flush()
        except OSError as error:
            raise Unavailable("uploads cannot be stored now", detail=f"scratch: {error.strerror}") from error
        self._hash.update(data)
        if not self._sniffed:
            self._sniffed = True
            # CorruptVideo: a film so far; that it is cut off is no wonder yet.
            with suppress(CorruptVideo):
                sniff(self.path)


def too_large(max_bytes: int) -> FileTooLarge:
    """The refusal of a file over the limit."""
    return FileTooLarge(f"the file is larger than {max_bytes // 1024**2} MiB", detail=f"file: over {max_bytes} bytes")


@asynccontextmanager
async def receiving(scratch: ScratchFolders, max_bytes: int) -> AsyncIterator[Incoming]:
    """An upload's place to arrive at. Whatever is still there at the end goes. Raises Unavailable."""
    place = scratch.folder("incoming")
    try:
        folder = await settled(place.__enter__)
    except OutputError as error:
        raise Unavailable("uploads cannot be stored now", detail=f"scratch: {error.message}") from error
    incoming = Incoming(folder, max_bytes)
    try:
        yield incoming
    except asyncio.CancelledError:
        # The server ends, and may not wait for another thread.
        incoming.close()
        place.__exit__(None, None, None)
        raise
    except BaseException:
        incoming.close()
        await settled(place.__exit__, None, None, None)
        raise
    incoming.close()
    await settled(place.__exit__, None, None, None)


async def settled(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run ``work`` in a thread; when we are cancelled, wait for it all the same: threads cannot be stopped.

    So whatever is cleaned up afterwards is not written to any more.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
