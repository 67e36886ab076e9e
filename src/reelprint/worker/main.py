"""The worker process: takes jobs one at a time, delivers webhooks, looks after what others have lost.

Procrastinate's worker ends when its connection breaks at a bad moment; it is started again here, and what it had in
hand goes on meanwhile: our own heartbeats (``attempt``) say that a job is alive, not Procrastinate's.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import procrastinate.exceptions
import structlog

from reelprint.adapters.queue.hints import DELIVER_WEBHOOK, JOBS_QUEUE, RUN_JOB, TIDY_JOB, WEBHOOKS_QUEUE
from reelprint.bootstrap.service import Service, service
from reelprint.core.errors import Unavailable
from reelprint.settings import Settings
from reelprint.worker.attempt import Attempt, Ending
from reelprint.worker.reconcile import reconcile_forever
from reelprint.worker.retention import retain_forever
from reelprint.worker.tidying import tidy
from reelprint.worker.webhooks import deliver

_HEARTBEAT_S, _STALLED_S = 2.0, 6.0
_WEBHOOKS_AT_ONCE = 8
_AGAIN_S = 0.5
_LONGEST_PAUSE_S = 60.0
_FOREVER_S = 7 * 86_400.0
#: How long what is in hand may take at the end: jobs are handed back in two seconds, a delivery takes up to ten.
_LAST_S = 11.0
#: How long a running job waits for a database that is away before it is given up.
_PATIENCE_S = 120.0

log = structlog.get_logger(__name__)


async def run_worker(settings: Settings, database_url: str) -> None:
    """Work until SIGTERM or SIGINT; then hand the running job back and return. Raises Unavailable when the database
    does not answer at the start.
    """
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    parts = service(settings, database_url, pool_size=3)
    parts.db.database.patience_s = _PATIENCE_S
    with structlog.contextvars.bound_contextvars(worker=name):
        try:
            await parts.db.workers.seen(name)
            await _work(parts, name, stop)
            await parts.db.workers.left(name)
        finally:
            await parts.close()


async def _work(parts: Service, name: str, stop: asyncio.Event) -> None:
    app = parts.db.queue.app
    trouble: list[Ending] = []

    async def run_job(subject: str) -> None:
        job = await parts.db.attempts.start(subject, name)
        if job is None:
            return
        ids = {"job_id": job.job_id, "attempt": job.attempt, "request_id": job.request_id}
        with structlog.contextvars.bound_contextvars(**ids):
            ending = await Attempt(job, parts, stop).run()
        trouble.append(ending) if ending in ("sick", "lost") else trouble.clear()
        if trouble:
            # While this worker cannot work it takes nothing, so that it does not spoil job after job.
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), min(_LONGEST_PAUSE_S, 2.0 ** (len(trouble) - 1)))

    async def deliver_webhook(subject: str) -> None:
        await deliver(subject, parts.db, parts.settings)

    async def tidy_job(subject: str) -> None:
        await tidy(parts, subject)

    app.task(name=RUN_JOB, queue=JOBS_QUEUE)(run_job)
    app.task(name=DELIVER_WEBHOOK, queue=WEBHOOKS_QUEUE)(deliver_webhook)
    app.task(name=TIDY_JOB, queue=WEBHOOKS_QUEUE)(tidy_job)
    async with _opened(parts):
        takers = [
            asyncio.create_task(_take(app, JOBS_QUEUE, 1, stop)),
            asyncio.create_task(_take(app, WEBHOOKS_QUEUE, _WEBHOOKS_AT_ONCE, stop)),
        ]
        keepers = [
            asyncio.create_task(_keep(lambda: reconcile_forever(parts.db, name))),
            asyncio.create_task(_keep(lambda: retain_forever(parts))),
        ]
        log.info("worker ready")
        await stop.wait()
        log.info("worker ends")
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*takers, *keepers, return_exceptions=True)


@asynccontextmanager
async def _opened(parts: Service) -> AsyncIterator[None]:
    try:
        async with parts.db.queue.app.open_async():
            yield
    except procrastinate.exceptions.ConnectorException as error:
        raise Unavailable("the database does not answer", detail=str(error)) from None


async def _take(app: procrastinate.App, queue: str, at_once: int, stop: asyncio.Event) -> None:
    """Take entries of a queue until ``stop``; then wait a while for those in hand."""
    while not stop.is_set():
        taker = asyncio.create_task(
            app.run_worker_async(
                queues=[queue],
                concurrency=at_once,
                install_signal_handlers=False,
                fetch_job_polling_interval=2.0,
                abort_job_polling_interval=3600.0,
                update_heartbeat_interval=_HEARTBEAT_S,
                stalled_worker_timeout=_STALLED_S,
                # What is in hand goes on when only the connection of the queue broke.
                shutdown_graceful_timeout=_FOREVER_S,
                delete_jobs="always",
            )
        )
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({taker, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        taker.cancel()
        await asyncio.wait({taker}, timeout=_LAST_S if stop.is_set() else None)
        if taker.done() and not taker.cancelled() and (error := taker.exception()) is not None:
            log.warning("taking from the queue failed", queue=queue, reason=str(error))
        if not stop.is_set():
            log.warning("queue connection lost, connecting again", queue=queue)
            await asyncio.sleep(_AGAIN_S)


async def _keep(work: Callable[[], Awaitable[None]]) -> None:
    """Run something that should never end; a defect in it is logged and does not end the worker."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("upkeep failed, trying again")
        await asyncio.sleep(_AGAIN_S)
