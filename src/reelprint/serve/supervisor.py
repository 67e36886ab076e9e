"""Keeps a list of children and a database running until told to stop; then ends them in order and in time."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Protocol

import structlog

from reelprint.core.errors import Cancelled, ReelprintError
from reelprint.core.progress import CancelToken
from reelprint.serve.keeping import Kept, Spec

_POLL_S = 0.1
_END_POLL_S = 0.02
_AGAIN_S = 1.0

#: From SIGTERM to SIGKILL. With up to 5 s for the database after it, all of it stays below 20 s.
GRACE_S = 14.0

log = structlog.get_logger(__name__)


class Server(Protocol):
    """The database, when it is ours to run."""

    def start(self, cancel: CancelToken | None = None) -> str:
        """Start it (again) and return when it answers."""

    def alive(self) -> bool:
        """Whether its process is there."""

    def stop(self) -> None:
        """End it within 5 s."""

    @property
    def pid(self) -> int | None:
        """Its process number, while it is there."""


class Supervisor:
    """Children die with the thread that calls ``run``: it has to be one that lives to the end, the main thread."""

    def __init__(self, specs: Sequence[Spec], *, database: Server | None = None, grace_s: float = GRACE_S) -> None:
        """``database``: started already. ``grace_s``: what children have to end in after SIGTERM."""
        self.children = [Kept(spec) for spec in specs]
        self._database = database
        self._database_due = 0.0
        self._grace_s = grace_s

    def run(self, stop: CancelToken) -> None:
        """Keep everything alive until ``stop`` is set; then end children, then the database, and return."""
        try:
            while not stop.cancelled:
                self._tend_database(stop)
                for child in self.children:
                    child.tend()
                if os.getpid() == 1:
                    self._reap_orphans()
                time.sleep(_POLL_S)
        finally:
            self._end()

    def _tend_database(self, stop: CancelToken) -> None:
        if self._database is None or self._database.alive() or time.monotonic() < self._database_due:
            return
        log.warning("the database is gone, starting it again")
        try:
            self._database.start(stop)
        except Cancelled:
            return
        except (ReelprintError, OSError) as error:
            # A full disk, say: the service stays, and goes on when there is room again.
            self._database_due = time.monotonic() + _AGAIN_S
            log.error("the database does not start", reason=str(error), again_in_s=_AGAIN_S)

    def _end(self) -> None:
        log.info("stopping")
        for child in self.children:
            child.ask_to_end()
        deadline = time.monotonic() + self._grace_s
        while time.monotonic() < deadline and not all(child.ended() for child in self.children):
            time.sleep(_END_POLL_S)
        for child in self.children:
            child.kill()
        if self._database is not None:
            self._database.stop()
        log.info("stopped")

    def _reap_orphans(self) -> None:
        """As process 1 of a container we inherit the children of killed workers, and nobody else reads their ends."""
        ours = {child.pid for child in self.children} | {self._database.pid if self._database else None}
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None or ended.si_pid in ours:
                return
            os.waitpid(ended.si_pid, os.WNOHANG)
