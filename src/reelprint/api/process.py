"""The API process. ``serve`` starts it on a socket that listens already."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Sequence
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI

from reelprint.adapters.db.listening import Listener
from reelprint.adapters.logs import configure
from reelprint.api.app import create_app
from reelprint.api.protocol import Protocol
from reelprint.bootstrap.database import joined_url
from reelprint.bootstrap.service import service
from reelprint.core.errors import ReelprintError
from reelprint.settings import Settings, load_settings

#: How long requests under way may take when the server is told to end; streams of events end at once.
_GRACE_S = 8
_KEEP_ALIVE_S = 30

log = structlog.get_logger(__name__)


class Server(uvicorn.Server):
    """Uvicorn, which waits for open answers before it lets the application end: this one ends the endless ones."""

    def __init__(self, config: uvicorn.Config, listener: Listener) -> None:
        super().__init__(config)
        self._listener = listener
        self._loop: asyncio.AbstractEventLoop | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._listener.close)


def config(app: FastAPI) -> uvicorn.Config:
    """How the server is run."""
    return uvicorn.Config(
        app,
        http=Protocol,
        loop="uvloop",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )


def run(arguments: Sequence[str]) -> int:
    """Answer until SIGTERM or SIGINT; then 0. 1 when it cannot start."""
    given = _parsed(arguments)
    try:
        settings = load_settings()
        configure("api", level=settings.log_level, folder=settings.data_dir / "log")
        parts = service(settings, joined_url(settings))
        sockets = [_socket(given, settings)]
    except (ReelprintError, OSError) as error:
        sys.stderr.write(f"reelprint api: {error}\n")
        return 1
    log.info("api starts", pid=os.getpid(), address=str(sockets[0].getsockname()))
    app = create_app(parts)
    # What is loaded by now stays to the end: the garbage collector need not look through it again and again.
    gc.collect()
    gc.freeze()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        Server(config(app), app.state.listener).run(sockets)
    finally:
        log.info("api ended")
    return 0


def _end(_number: int, _frame: FrameType | None) -> None:
    """Before uvicorn listens to signals, and after: when it has ended in order it sends itself the signal again."""
    sys.exit(0)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="reelprint.api.main", description="The API process of Reelprint.")
    parser.add_argument("--fd", type=int, help="an inherited socket that listens already")
    parser.add_argument("--host", help="address to listen on; default: HOST")
    parser.add_argument("--port", type=int, help="port to listen on; default: PORT")
    return parser.parse_args(arguments)


def _socket(given: argparse.Namespace, settings: Settings) -> socket.socket:
    """Raises OSError when the address cannot be had."""
    if given.fd is not None:
        return socket.socket(fileno=given.fd)
    address = (given.host or settings.host, settings.port if given.port is None else given.port)
    family, kind, protocol, _, place = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(place)
    listening.listen(1024)
    return listening
