"""Removing what has been kept long enough, and what a crash has left; never anything of a live job.

Rows go first, then files: what is interrupted in between leaves files without a row, and those are found by the next
round.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import structlog

from reelprint.adapters.db.retention import Results
from reelprint.adapters.intake.sweeping import sweep_uploads
from reelprint.adapters.storage.scratch import sweep
from reelprint.adapters.storage.stored import StoredObject
from reelprint.bootstrap.service import Service
from reelprint.core.errors import Unavailable
from reelprint.worker.reconcile import sweep_queue

#: How often a worker sweeps its own machine's scratch, and asks whether it is its turn with what all machines share.
_ASK_S = 10.0
#: A file whose row is just being written is younger than this.
_SETTLED = timedelta(hours=1)

log = structlog.get_logger(__name__)


async def retain_forever(service: Service) -> None:
    """Sweep, and ask for a turn, again and again; ends when cancelled."""
    while True:
        await asyncio.to_thread(sweep, service.settings.data_dir / "scratch")
        try:
            if await service.db.values.turn("retention", service.settings.retention_every_s):
                await retain(service)
                await sweep_queue(service.db)
        except Unavailable as error:
            log.warning("cannot clean up now", reason=error.message)
        await asyncio.sleep(min(_ASK_S, service.settings.retention_every_s))


async def retain(service: Service) -> None:
    """One round. Raises Unavailable."""
    settings, db, storage = service.settings, service.db, service.storage
    for video_id, key in await db.retention.old_videos(settings.uploads_days):
        await storage.delete_async(key)
        log.info("upload removed", video_id=video_id, after_days=settings.uploads_days)
    for job_id, _owner in await db.retention.old_jobs(settings.outputs_days):
        await asyncio.to_thread(storage.delete_prefix, f"outputs/{job_id}")
        await asyncio.to_thread(storage.delete_prefix, f"work/{job_id}")
        log.info("job removed", job_id=job_id, after_days=settings.outputs_days)
    await db.retention.old_answers()
    await asyncio.to_thread(sweep_uploads, storage, settings.unfinished_upload_hours)
    await _orphans(service)
    await _old_cache(service)


async def _orphans(service: Service) -> None:
    """Files that no row speaks of."""
    db, storage = service.db, service.storage
    now = datetime.now(UTC)

    async def listed(prefix: str) -> list[StoredObject]:
        found = await asyncio.to_thread(lambda: list(storage.list(prefix)))
        return [item for item in found if now - item.modified > _SETTLED]

    videos = {item.key for item in await listed("videos")}
    for key in videos - await db.videos.known_keys(sorted(videos)):
        await storage.delete_async(key)
        log.info("orphan removed", key=key)
    work = _jobs(await listed("work"))
    for job_id in work.keys() - await db.retention.live_jobs(sorted(work)):
        await asyncio.to_thread(storage.delete_prefix, f"work/{job_id}")
        log.info("orphan removed", key=f"work/{job_id}")
    outputs = _jobs(await listed("outputs"))
    known = await db.retention.results(sorted(outputs))
    for job_id, keys in outputs.items():
        results = known.get(job_id, Results())
        for key in () if results.live else set(keys) - results.named:
            await storage.delete_async(key)
            log.info("orphan removed", key=key)


async def _old_cache(service: Service) -> None:
    oldest = datetime.now(UTC) - timedelta(days=service.settings.cache_days)
    for item in await asyncio.to_thread(lambda: list(service.storage.list("cache"))):
        if item.modified < oldest:
            await service.storage.delete_async(item.key)


def _jobs(items: Iterable[StoredObject]) -> dict[str, list[str]]:
    """Keys by the job id in their second segment."""
    found: dict[str, list[str]] = {}
    for item in items:
        found.setdefault(item.key.split("/")[1], []).append(item.key)
    return found
