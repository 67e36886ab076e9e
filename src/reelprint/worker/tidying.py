"""Removing from the storage what a job that has ended, or an attempt that has not won, leaves behind."""

from __future__ import annotations

import asyncio

from reelprint.adapters.db.retention import Results
from reelprint.bootstrap.service import Service


async def tidy(service: Service, job_id: str, attempt: int | None = None) -> None:
    """Remove the checkpoints of a job if it has ended, and its results except those that its row names.

    ``attempt``: only that attempt's results are looked at, as long as the job lives. Raises Unavailable.
    """
    results = (await service.db.retention.results([job_id])).get(job_id, Results())
    storage = service.storage
    if not results.live:
        await asyncio.to_thread(storage.delete_prefix, f"work/{job_id}")
    if results.live and attempt is None:
        return
    below = f"outputs/{job_id}/{attempt}" if results.live else f"outputs/{job_id}"

    def remove() -> None:
        # Of a live job, the row names the clips that are done; it may come to name more of a folder only through the
        # attempt that asks here, which has ended.
        for item in list(storage.list(below)):
            if item.key not in results.named:
                storage.delete(item.key)

    await asyncio.to_thread(remove)
