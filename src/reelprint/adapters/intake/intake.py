"""Intake: an upload is received, inspected, moved into storage and recorded, or nothing of it stays."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reelprint.adapters.intake.incoming import Incoming, receiving, settled
from reelprint.adapters.intake.inspection import Inspector
from reelprint.adapters.storage.objects import ObjectStorage
from reelprint.adapters.storage.scratch import ScratchFolders
from reelprint.core.errors import NotFound, ReelprintError
from reelprint.core.videos import Video, VideoMetadata

_log = logging.getLogger(__name__)
#: Inspections at a time, in one process: each may decode a picture of 16,384 px a side.
_AT_ONCE = 2


@dataclass(frozen=True)
class Label:
    """What the person who uploads says about a film. ``filename`` is a label, never a path."""

    owner: str
    filename: str
    template_video_id: str | None = None
    webhook_url: str | None = None


class Intake:
    """``record`` writes a video's row, ``forget`` takes it away again (NotFound when it is not there)."""

    def __init__(
        self,
        storage: ObjectStorage,
        scratch: Path,
        max_bytes: int,
        inspector: Inspector,
        record: Callable[[Video], Awaitable[None]],
        forget: Callable[[str, str], Awaitable[object]],
    ) -> None:
        self.max_bytes = max_bytes
        self._storage = storage
        self._scratch = ScratchFolders(scratch)
        self._inspector = inspector
        self._record = record
        self._forget = forget
        self._turn = asyncio.Semaphore(_AT_ONCE)

    def receive(self) -> AbstractAsyncContextManager[Incoming]:
        """A place for one upload, which goes with everything left in it."""
        return receiving(self._scratch, self.max_bytes)

    async def admit(self, incoming: Incoming, video_id: str, label: Label, *, repeatable: bool = False) -> Video:
        """Make a received file a video.

        Raises UnsupportedFormat, CorruptVideo, MediaTooLarge or Unavailable; then neither object nor row is there,
        unless it is ``repeatable``: then the same file comes again under the same id, perhaps at this moment, and
        what is there already is left to that.
        """
        await incoming.finish()
        async with self._turn:
            media = await settled(self._inspector.inspect, incoming.path)
        key = f"videos/{video_id}"
        video = Video(
            video_id=video_id,
            owner=label.owner,
            # PostgreSQL takes every character but this one.
            filename=label.filename.replace("\0", "\N{REPLACEMENT CHARACTER}"),
            file_size_bytes=incoming.size_bytes,
            content_hash=incoming.content_hash,
            key=key,
            storage_url=self._storage.url(key),
            metadata=VideoMetadata.of(media),
            template_video_id=label.template_video_id,
            webhook_url=label.webhook_url,
            uploaded_at=datetime.now(UTC),
        )
        try:
            await settled(self._storage.take, key, incoming.path)
            await self._record(video)
        except BaseException:
            if not repeatable:
                await asyncio.shield(self._undo(video))
            raise
        return video

    async def _undo(self, video: Video) -> None:
        """Take back what is there. A row whose writing failed may be there all the same: it goes first, or both stay.

        An object without a row is found by the periodic clean-up; a row without its object would be a broken video.
        """
        try:
            with suppress(NotFound):
                await self._forget(video.owner, video.video_id)
            await asyncio.to_thread(self._storage.delete, video.key)
        except ReelprintError as error:
            _log.warning("an upload could not be taken back, the clean-up will: %s (%s)", video.key, error.detail)
