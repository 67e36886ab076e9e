"""One child that is started again whenever it ends."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from reelprint.adapters.process import Child
from reelprint.core.errors import ProcessFailed

#: A life shorter than this was no life: the next start waits, longer each time.
_SHORT_LIFE_S = 3.0
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 10.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Spec:
    """A child to keep: its name in the logs, what to run, its whole environment (None: ours), sockets handed on."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] | None = None
    pass_fds: tuple[int, ...] = ()


class Kept:
    """A child after a Spec. Use it from one thread that lives as long as the child shall."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._child: Child | None = None
        self._pause_s = 0.0
        self._due = 0.0

    @property
    def pid(self) -> int | None:
        """Its process number, while there is a process."""
        return self._child.pid if self._child is not None else None

    def tend(self) -> None:
        """Start it if it is not there: at once after a life of some seconds, else after a pause that grows to 10 s."""
        now = time.monotonic()
        if self._child is not None:
            code = self._child.poll()
            if code is None:
                return
            self._lost(now - self._child.started, _how(code))
        if now >= self._due:
            try:
                self._child = Child(self.spec.argv, env=self.spec.env, pass_fds=self.spec.pass_fds)
            except ProcessFailed as error:
                self._lost(0.0, error.message)
            else:
                log.info("child started", child=self.spec.name, child_pid=self._child.pid)

    def _lost(self, lived_s: float, how: str) -> None:
        self._child = None
        self._pause_s = (
            0.0 if lived_s >= _SHORT_LIFE_S else min(_LONGEST_PAUSE_S, max(_FIRST_PAUSE_S, self._pause_s * 2))
        )
        self._due = time.monotonic() + self._pause_s
        log.warning(
            "child ended, starting it again",
            child=self.spec.name,
            how=how,
            lived_s=round(lived_s, 1),
            pause_s=self._pause_s,
        )

    def ask_to_end(self) -> None:
        """SIGTERM."""
        if self._child is not None:
            self._child.send(signal.SIGTERM)

    def ended(self) -> bool:
        """Whether there is no process any more."""
        return self._child is None or self._child.poll() is not None

    def kill(self) -> None:
        """SIGKILL to it and to its group, and wait for the end."""
        if self._child is not None and self._child.poll() is None:
            log.warning("child does not end in time and is killed", child=self.spec.name)
            try:
                self._child.terminate(0.0, signal.SIGKILL)
            except ProcessFailed as error:
                log.error("child does not end", child=self.spec.name, reason=error.message)


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
