"""Removing from the storage what a job that has ended, or an attempt that has not won, leaves behind."""

from __future__ import annotations

import asyncio

from reelprint.bootstrap.service import Service


async def tidy(service: Service, job_id: str, attempt: int | None = None) -> None:
    """Remove the checkpoints of a job if it has ended, and its results except those that its row names.

    ``attempt``: only that attempt's results are looked at, as long as the job lives. Raises Unavailable.
    """
    kept = (await service.db.retention.output_folders([job_id])).get(job_id, ())
    live = await service.db.retention.live_jobs([job_id])
    storage = service.storage
    if not live:
        await asyncio.to_thread(storage.delete_prefix, f"work/{job_id}")
    if live and attempt is None:
        return
    below = f"outputs/{job_id}" if not live else f"outputs/{job_id}/{attempt}"

    def remove() -> None:
        for item in list(storage.list(below)):
            # Of a live job, the row may come to name a folder only through the attempt that asks here, which has ended.
            if live or not item.key.startswith(kept):
                storage.delete(item.key)

    await asyncio.to_thread(remove)
