"""Looking after jobs and webhooks whose worker or queue entry was lost. Every worker does it: twice is harmless."""

from __future__ import annotations

import asyncio

import structlog
from procrastinate.jobs import Status

from reelprint.adapters.db.attempts import SILENCE_S
from reelprint.adapters.db.store import Store
from reelprint.core.errors import Unavailable

_EVERY_S = 2.0
#: Procrastinate's own entries of dead workers are only litter: our rows say what is to be done.
_LITTER_AGE_S = 5 * SILENCE_S

log = structlog.get_logger(__name__)


async def reconcile_forever(db: Store, worker: str) -> None:
    """Every two seconds: say that this worker lives, free lost jobs, make missing queue entries; until cancelled."""
    while True:
        try:
            await db.workers.seen(worker)
            await reconcile(db)
        except Unavailable as error:
            log.warning("cannot look after lost jobs now", reason=error.message)
        await asyncio.sleep(_EVERY_S)


async def reconcile(db: Store) -> None:
    """One round. Raises Unavailable."""
    for job_id in await db.attempts.find_lost():
        log.warning("worker lost", job_id=job_id)
    await db.attempts.hint_waiting()
    await db.webhooks.hint_due()


async def sweep_queue(db: Store) -> None:
    """Remove the queue entries that died with their workers. Needs the queue to be open."""
    manager = db.queue.app.job_manager
    for entry in await manager.get_stalled_jobs(seconds_since_heartbeat=_LITTER_AGE_S):
        if entry.id is not None:
            await manager.finish_job_by_id_async(entry.id, Status.FAILED, delete_job=True)
