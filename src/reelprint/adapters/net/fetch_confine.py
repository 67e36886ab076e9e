"""Nothing goes around the proxy: a second lock beside the library's own settings.

yt-dlp is steered by pages that strangers write. Its options send every request through our proxy and its downloaders
for other programs are never chosen; should some part of it open a connection or start a program all the same, Python's
audit events (PEP 578) tell, and the attempt ends as if the system had refused it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOOPBACK = "127.0.0.1"
_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_NAMING = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_STARTING = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "pty.spawn"}
)
_WATCHED = _CONNECTING | _NAMING | _STARTING


class _Here(threading.local):
    """Per thread: the port on 127.0.0.1 that may be connected to, or None where nothing is confined."""

    port: int | None = None


_here = _Here()
_installed = threading.Lock()


@contextmanager
def confined_to(port: int) -> Iterator[None]:
    """In this thread connect to ``port`` on 127.0.0.1 only, look up no name, and start no program.

    Whoever tries gets PermissionError. Threads that are started inside are not confined: yt-dlp has none with one
    fragment at a time.
    """
    if _installed.acquire(blocking=False):
        # For good, since such a hook cannot be taken away; without a port it lets everything pass.
        sys.addaudithook(_hook)
    _here.port = port
    try:
        yield
    finally:
        _here.port = None


def _hook(event: str, args: tuple[object, ...]) -> None:
    if event not in _WATCHED:
        return
    port = _here.port
    if port is None:
        return
    if event in _STARTING:
        raise PermissionError("no program is started while a film is fetched")
    if event in _NAMING:
        if args[0] not in (_LOOPBACK, _LOOPBACK.encode()):
            raise PermissionError("names are looked up by the proxy only")
    elif args[1] != (_LOOPBACK, port):
        raise PermissionError("connections go through the proxy only")
