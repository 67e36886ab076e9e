"""What a killed PostgreSQL leaves behind: its own processes for a moment, and files that name a process.

PostgreSQL looks after both itself, but it gives up where we can know better: it waits for nobody, and a process number
that was given to another program since (after a reboot, in a container), or that belongs to a dead process whose end
nobody has read, keeps it from starting for ever.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from reelprint.adapters.db.cluster import SOCKET
from reelprint.core.errors import Unavailable

_PROC = Path("/proc")
_POLL_S = 0.02

#: What is sent to those that are still there, and how long they get then. Without a server of their own they leave by
#: themselves, unless they are deep in a query.
_STEPS = ((None, 0.5), (signal.SIGQUIT, 1.0), (signal.SIGKILL, 5.0))
_log = logging.getLogger(__name__)


def clear(database: Path, socket_folder: Path) -> None:
    """End what is left of a killed server. Only for whoever holds the lock on starting it.

    Does nothing where the system has no /proc. Raises Unavailable when processes stay in spite of SIGKILL.
    """
    if not (_PROC / "self" / "cwd").exists():
        return
    for sign, patience_s in _STEPS:
        left = server_processes(database)
        if sign is not None and left:
            _log.warning("%s to processes %s of a database that was killed", sign.name, left)
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, sign)
        deadline = time.monotonic() + patience_s
        while left and time.monotonic() < deadline:
            time.sleep(_POLL_S)
            left = server_processes(database)
    if left:
        raise Unavailable(f"processes {left} of an earlier database do not end")
    for path in (database / "postmaster.pid", socket_folder / f"{SOCKET}.lock"):
        if path.exists() and _names_a_process(path):
            _log.info("removed %s: it names a process that is not the database's", path)
            path.unlink()


def server_processes(database: Path) -> list[int]:
    """Numbers of the PostgreSQL processes that work in a database folder (they all have it as their current folder)."""
    folder = str(database.resolve())
    found = []
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            if (entry / "comm").read_text().strip() == "postgres" and os.readlink(entry / "cwd") == folder:  # noqa: PTH115
                found.append(int(entry.name))
    return found


def _names_a_process(path: Path) -> bool:
    first = path.read_text().split("\n", 1)[0].strip()
    return first.lstrip("-").isdigit() and (_PROC / first.lstrip("-")).exists()
