"""The built-in PostgreSQL: run as a child of ours on a Unix socket, so that it needs no set-up and dies with us."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from reelprint.adapters.db.account import account_for, open_way
from reelprint.adapters.db.cluster import (
    NAME,
    Places,
    choose_socket_folder,
    ensure_cluster,
    environment,
    program,
    read_note,
    url_of,
    write_note,
)
from reelprint.adapters.db.configuration import write_configuration
from reelprint.adapters.db.leftovers import clear
from reelprint.adapters.locks import FileLock
from reelprint.adapters.logs import LineFile
from reelprint.adapters.process import Account, Child, LastLines
from reelprint.core.errors import Unavailable
from reelprint.core.progress import CancelToken

#: How long another command that runs the server for itself is waited for.
_LOCK_WAIT_S = 30.0
#: Replaying the log after a crash takes the longest.
_START_S = 60.0
_POLL_S = 0.04
_ASK_S = 3
_FAST_STOP_S = 3.5
_IMMEDIATE_STOP_S = 1.0
_USERS_WAIT_S = 10.0
_LAST_WORDS_S = 1.0

_log = logging.getLogger(__name__)


class Embedded:
    """The PostgreSQL of one data folder, run by us: started by a thread that lives as long as it (see ``Child``)."""

    def __init__(self, data_dir: Path) -> None:
        self._places = Places(data_dir.absolute())
        self._lock = FileLock(self._places.lock)
        self._child: Child | None = None
        self._said = LastLines()

    def claim(self) -> bool:
        """Take the right to run it, which ``start`` otherwise waits for; False when somebody else has it."""
        return self._lock.try_lock()

    def start(self, cancel: CancelToken | None = None) -> str:
        """Start it, or start it again after it died, and return its URL once it answers queries.

        Makes the data folder and the database at the first start. Raises DocumentError (root without a way to another
        user, a folder of another version or user), Unavailable (it does not come up, or somebody else runs it),
        Cancelled.
        """
        cancel = cancel or CancelToken()
        began = time.monotonic()
        self._places.data_dir.mkdir(parents=True, exist_ok=True)
        if not self._lock.held and not self._lock.lock(_LOCK_WAIT_S, cancel):
            raise Unavailable(f"the database in {self._places.data_dir} is run by {self._lock.holder()}")
        try:
            account = account_for(self._places.database)
            open_way(self._places.database, account)
            open_way(program("postgres"), account)
            ensure_cluster(self._places, account, cancel)
            folder = choose_socket_folder(self._places.database, account)
            clear(self._places.database, folder)
            write_note(self._places, folder)
            self._child = self._launch(folder, account)
            self._await(self._child, folder, cancel)
        except BaseException:
            self.stop()
            raise
        _log.info("database in %s answers after %.2f s", self._places.database, time.monotonic() - began)
        return url_of(folder)

    def alive(self) -> bool:
        """Whether the server's main process is there."""
        return self._child is not None and not self._child.exited

    @property
    def pid(self) -> int | None:
        """Process number of the server, until its end has been read."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def stop(self) -> None:
        """End it within 5 s: clients are dropped, everything is written; if that takes too long, as in a crash."""
        child, self._child = self._child, None
        try:
            if child is not None and not child.exited:
                child.send(signal.SIGINT)
                if child.wait(_FAST_STOP_S) is None:
                    _log.warning(
                        "the database takes too long to stop: ended as in a crash, to recover at its next start"
                    )
                    child.terminate(_IMMEDIATE_STOP_S, signal.SIGQUIT)
        finally:
            self._lock.unlock()

    def _launch(self, folder: Path, account: Account | None) -> Child:
        argv = [str(program("postgres")), "-D", str(self._places.database)]
        argv += ["-c", f"config_file={self._places.configuration}"]
        write_configuration(self._places.configuration, folder)
        to_file = LineFile(self._places.log)
        said = self._said = LastLines()

        def hear(line: str) -> None:
            to_file(line)
            said(line)

        return Child(
            argv,
            on_line=hear,
            on_error_line=hear,
            on_exit=lambda _code: to_file.close(),
            env=environment(),
            cwd=self._places.database,
            account=account,
        )

    def _await(self, child: Child, folder: Path, cancel: CancelToken) -> None:
        """Wait for the first answer; make our database if it is not there."""
        deadline = time.monotonic() + _START_S
        while not self._try_first_query(folder):
            cancel.check()
            if child.exited:
                child.wait(_LAST_WORDS_S)
                raise Unavailable(
                    f"the built-in database does not start: {_reason(self._said)} (more in {self._places.log})",
                    detail=self._said.tail(),
                )
            if time.monotonic() > deadline:
                raise Unavailable(f"the built-in database does not answer; see {self._places.log}")
            time.sleep(_POLL_S)

    @staticmethod
    def _try_first_query(folder: Path) -> bool:
        try:
            with psycopg.connect(url_of(folder, "postgres"), connect_timeout=_ASK_S, autocommit=True) as database:
                found = database.execute("SELECT 1 FROM pg_database WHERE datname = %s", (NAME,)).fetchone()
                if found is None:
                    database.execute(f"CREATE DATABASE {NAME}")
        except psycopg.OperationalError:
            return False
        return True


def _reason(said: LastLines) -> str:
    lines = said.tail().splitlines() or ["it said nothing"]
    return next((line for line in lines if "FATAL:" in line), lines[-1])


def running_url(data_dir: Path) -> str | None:
    """The URL of the PostgreSQL that runs in a data folder, if it answers now."""
    folder = read_note(Places(data_dir.absolute()))
    if folder is None:
        return None
    try:
        with psycopg.connect(url_of(folder), connect_timeout=_ASK_S) as database:
            database.execute("SELECT 1")
    except psycopg.OperationalError:
        return None
    return url_of(folder)


@contextmanager
def running(data_dir: Path, cancel: CancelToken | None = None) -> Iterator[str]:
    """The URL of a data folder's PostgreSQL, for a short command.

    Uses the one that runs; when none does, starts one that runs until the block is left by us and by everybody who
    came to use it meanwhile. Raises what ``Embedded.start`` raises.
    """
    cancel = cancel or CancelToken()
    places = Places(data_dir.absolute())
    places.data_dir.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + _LOCK_WAIT_S
    while True:
        users = FileLock(places.users)
        try:
            if users.try_lock(shared=True) and (url := running_url(data_dir)) is not None:
                yield url
                return
        finally:
            users.unlock()
        server = Embedded(data_dir)
        if server.claim():
            with _for_a_while(server, users, cancel) as url:
                yield url
            return
        cancel.check()
        if time.monotonic() > deadline:
            raise Unavailable(f"the database in {data_dir} is run by another process and does not answer")
        time.sleep(_POLL_S)


@contextmanager
def _for_a_while(server: Embedded, users: FileLock, cancel: CancelToken) -> Iterator[str]:
    url = server.start(cancel)
    try:
        yield url
    finally:
        if not users.lock(_USERS_WAIT_S, CancelToken()):
            _log.warning("the database is stopped although another command still uses it")
        try:
            server.stop()
        finally:
            users.unlock()
