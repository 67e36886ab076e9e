"""The service of one machine, from nothing: checks first, then database, schema, API and workers."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
import threading
import time
from contextlib import closing
from types import FrameType, ModuleType

import structlog

from reelprint.adapters.locks import FileLock
from reelprint.adapters.logs import configure
from reelprint.bootstrap.database import own_database
from reelprint.core.errors import Cancelled, DocumentError, Unavailable
from reelprint.core.progress import CancelToken
from reelprint.serve.keeping import Spec
from reelprint.serve.listening import bind, is_loopback, listen, url_of
from reelprint.serve.ready import announce_when_ready
from reelprint.serve.supervisor import Server, Supervisor
from reelprint.settings import Settings

_DEFAULT_WORKERS = 2
#: How long a database of somebody else is waited for when everything on a machine starts at once.
_DATABASE_WAIT_S = 60.0
_AGAIN_S = 0.5

log = structlog.get_logger(__name__)


def serve(settings: Settings, *, host: str | None = None, port: int | None = None, workers: int | None = None) -> None:
    """Run the service until SIGTERM, SIGINT or SIGHUP. Call it in the main thread.

    Raises DocumentError (address in use or not allowed without a key, another ``serve`` on the data folder, a database
    folder that cannot be used), Unavailable (the database does not answer).
    """
    stop = _stop_on_signals()
    alone = FileLock(settings.data_dir / "serve.lock")
    # With a database of its own a data folder can have one service only; with a shared one several may run on it.
    if settings.database_url is None and not alone.try_lock():
        raise DocumentError(
            f"`reelprint serve` ({alone.holder()}) runs on {settings.data_dir} already: stop it or change DATA_DIR",
            detail="DATA_DIR",
        )
    try:
        configure("serve", level=settings.log_level, folder=settings.data_dir / "log")
        with closing(bind(host or settings.host, settings.port if port is None else port)) as bound:
            _serve_on(bound, settings, worker_count(settings, workers), stop)
    except Cancelled:
        log.info("stopped while starting")
    finally:
        alone.unlock()


def worker_count(settings: Settings, workers: int | None) -> int:
    """How many worker processes: ``--workers`` or MAX_CONCURRENT_JOBS, the smaller when both are given, else 2."""
    wanted = [number for number in (workers, settings.max_concurrent_jobs) if number is not None]
    return min(wanted, default=_DEFAULT_WORKERS)


def _serve_on(bound: socket.socket, settings: Settings, workers: int, stop: CancelToken) -> None:
    database = own_database(settings)
    try:
        url = _database_url(settings, database, stop)
        if not is_loopback(bound) and not _schema().any_active_key(url):
            raise DocumentError(
                f"without an API key the service answers on loopback only, and {bound.getsockname()[0]} is not that:"
                " make a key with `reelprint keys create NAME`, or leave --host away",
                detail="HOST",
            )
        listen(bound)
        announce_when_ready(url_of(bound), stop)
        # Ends children and database by itself.
        Supervisor(specs(settings, url, bound.fileno(), workers), database=database).run(stop)
    finally:
        if database is not None:
            database.stop()


def specs(settings: Settings, database_url: str, listening_fd: int, workers: int) -> list[Spec]:
    """The API and the workers."""
    env = {
        **os.environ,
        "REELPRINT_DATABASE_URL": database_url,
        "REELPRINT_DATA_DIR": str(settings.data_dir.absolute()),
    }
    api = (sys.executable, "-m", "reelprint.api.main", "--fd", str(listening_fd))
    worker = (sys.executable, "-m", "reelprint", "worker")
    return [
        Spec("api", api, env, pass_fds=(listening_fd,)),
        *(Spec(f"worker-{number}", worker, env) for number in range(1, workers + 1)),
    ]


def _database_url(settings: Settings, database: Server | None, stop: CancelToken) -> str:
    # Libraries and PostgreSQL's first start take a second each: side by side.
    threading.Thread(target=_schema, daemon=True).start()
    url = settings.database_url if database is None else database.start(stop)
    if url is None:
        raise TypeError("neither a database of our own nor DATABASE_URL")
    deadline = time.monotonic() + (_DATABASE_WAIT_S if database is None else 0.0)
    while True:
        stop.check()
        try:
            _schema().prepare(url)
            return url
        except Unavailable as error:
            if time.monotonic() > deadline:
                raise
            log.warning("waiting for the database", reason=error.message)
            time.sleep(_AGAIN_S)


def _schema() -> ModuleType:
    return importlib.import_module("reelprint.bootstrap.schema")


def _stop_on_signals() -> CancelToken:
    stop = CancelToken()

    def ask(number: int, _frame: FrameType | None) -> None:
        stop.cancel(signal.Signals(number).name)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, ask)
    return stop
