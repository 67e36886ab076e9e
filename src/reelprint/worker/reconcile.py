"""Looking after jobs and webhooks whose worker or queue entry was lost. Every worker does it: twice is harmless."""

from __future__ import annotations

import asyncio
import math
import time

import structlog
from procrastinate.jobs import Status

from reelprint.adapters.db.attempts import SILENCE_S
from reelprint.adapters.db.store import Store
from reelprint.core.errors import Unavailable

_EVERY_S = 2.0
#: Rounds that are further apart than this had no contact in between.
_BREAK_S = 4.0
#: Procrastinate's own entries of dead workers are only litter: our rows say what is to be done.
_LITTER_AGE_S = 5 * SILENCE_S

log = structlog.get_logger(__name__)


async def reconcile_forever(db: Store, worker: str) -> None:
    """Every two seconds: say that this worker lives, free lost jobs, make missing queue entries; until cancelled."""
    contact = Contact()
    while True:
        try:
            await db.workers.seen(worker)
            await reconcile(db, judge=contact.made(time.monotonic()))
        except Unavailable as error:
            log.warning("cannot look after lost jobs now", reason=error.message)
        await asyncio.sleep(_EVERY_S)


class Contact:
    """Since when the database has answered without a break.

    Whoever could not reach it himself (a restart, a failover, a machine that slept) must not take the silence of others
    for death: they get as long to be heard again as they would have been waited for.
    """

    def __init__(self) -> None:
        self._since_s = self._last_s = -math.inf

    def made(self, now_s: float) -> bool:
        """The database has answered now; whether silence may be judged."""
        if now_s - self._last_s > _BREAK_S:
            self._since_s = now_s
        self._last_s = now_s
        return now_s - self._since_s > SILENCE_S


async def reconcile(db: Store, *, judge: bool) -> None:
    """One round; ``judge``: also free the jobs of workers that fell silent. Raises Unavailable."""
    for job_id in await db.attempts.find_lost() if judge else ():
        log.warning("worker lost", job_id=job_id)
    await db.attempts.hint_waiting()
    await db.webhooks.hint_due()


async def sweep_queue(db: Store) -> None:
    """Remove the queue entries that died with their workers. Needs the queue to be open."""
    manager = db.queue.app.job_manager
    for entry in await manager.get_stalled_jobs(seconds_since_heartbeat=_LITTER_AGE_S):
        if entry.id is not None:
            await manager.finish_job_by_id_async(entry.id, Status.FAILED, delete_job=True)
