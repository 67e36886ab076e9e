"""The only way out for a library that opens connections itself: a forward proxy of our own, for one fetch.

It listens on 127.0.0.1 and serves only whoever knows its credential, which is made for it and told to nobody else. Each
connection goes to an address that was checked a moment ago (``adapters/net/addresses.py``), never to a name; what
comes back is counted. On cancel, on too many bytes and when the time is up everything that is open is cut, so that
whoever waits for data sees it at once.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import ipaddress
import secrets
import socket
import struct
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit

import httpcore

from reelprint.adapters.net.addresses import Network, permitted
from reelprint.adapters.net.fetch_rules import check_port
from reelprint.adapters.net.guarded import GuardedBackend, Resolver
from reelprint.adapters.net.proxy_heads import LONGEST_HEAD, answer, asked, closing
from reelprint.adapters.net.urls import Address, Target, parse_target
from reelprint.core.errors import AddressRefused, FetchFailed, FileTooLarge, ReelprintError
from reelprint.core.progress import CancelToken

_POLL_S = 0.1
_HEAD_S = 10.0
_CONNECT_S = 10.0
_IDLE_S = 60.0
_STOP_S = 5.0
_CHUNK_BYTES = 128 * 1024


class FetchProxy:
    """A proxy that runs, in a thread of its own, while it is entered.

    ``max_bytes``: what all answers together may bring. ``time_limit_s``: how long it serves.
    ``url`` is what clients are given, the credential included.
    """

    def __init__(
        self,
        cancel: CancelToken,
        *,
        allow: Sequence[Network],
        max_bytes: int,
        time_limit_s: float,
        resolve: Resolver | None = None,
    ) -> None:
        self._cancel, self._allow, self._resolve = cancel, allow, resolve or _look_up
        self._left_bytes, self._time_limit_s = max_bytes, time_limit_s
        token = secrets.token_urlsafe(24)
        self._credential = b"Basic " + base64.b64encode(f"fetch:{token}".encode())
        self._token = token
        self._ready = threading.Event()
        self._leave = threading.Event()
        self._open: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="fetch-proxy", daemon=True)
        self.port = 0
        self.fault: ReelprintError | None = None
        """Why everything was cut"""
        self.refused: AddressRefused | None = None
        """The first address that was asked for and must not be reached"""
        self.trouble = ""
        """The last connection that did not come about, in words"""

    def __enter__(self) -> FetchProxy:
        self._thread.start()
        self._ready.wait()
        if self.fault is not None:
            raise self.fault
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._leave.set()
        self._thread.join(_STOP_S)

    @property
    def url(self) -> str:
        return f"http://fetch:{self._token}@127.0.0.1:{self.port}"

    def check(self) -> None:
        """Raise Cancelled, FileTooLarge or FetchFailed if everything was, or is about to be, cut for that reason."""
        self._cancel.check()
        if self.fault is not None:
            raise self.fault

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self.fault = FetchFailed(f"the proxy for fetching cannot listen: {error.strerror}", detail=repr(error))
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=LONGEST_HEAD)
        try:
            self.port = server.sockets[0].getsockname()[1]
            self._ready.set()
            deadline = time.monotonic() + self._time_limit_s
            while not self._leave.is_set() and not self._cancel.cancelled and self.fault is None:
                if time.monotonic() > deadline:
                    self.fault = FetchFailed(f"the film did not arrive within {self._time_limit_s:g} s")
                await asyncio.sleep(_POLL_S)
        finally:
            server.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        try:
            await self._serve_one(reader, writer)
            writer.close()
        except (Exception, asyncio.CancelledError):
            # An abrupt end: one that looks like the end of an answer would pass for a whole film.
            _reset(writer)

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_HEAD_S):
            head = await reader.readuntil(b"\r\n\r\n")
        request = asked(head)
        if not hmac.compare_digest(request.credential, self._credential):
            await _say(writer, answer(407, "Proxy Authentication Required"))
            return
        try:
            target = parse_target(request.url)
            stream = await self._connect(target)
        except AddressRefused as error:
            self.refused = self.refused or error
            await _say(writer, answer(403, "Refused"))
            return
        except (OSError, UnicodeError, httpcore.NetworkError, httpcore.TimeoutException) as error:
            self.trouble = _in_words(urlsplit(request.url).hostname, error)
            await _say(writer, answer(502, "No Connection"))
            return
        try:
            if request.tunnel:
                await _say(writer, b"HTTP/1.1 200 Connected\r\n\r\n")
            else:
                await stream.write(request.forwarded(target), _IDLE_S)
            await self._relay(reader, writer, stream, rewrite=not request.tunnel)
        finally:
            await stream.aclose()

    async def _connect(self, target: Target) -> httpcore.AsyncNetworkStream:
        """Connect to an address that was checked: the name is looked up once, here."""
        addresses = [target.host] if not isinstance(target.host, str) else await self._look_up(target)
        chosen = permitted(addresses, self._allow)
        check_port(chosen, target.port, self._allow)

        async def known(_host: str, _port: int) -> Sequence[Address]:
            return chosen

        backend = GuardedBackend(self._allow, resolve=known)
        return await backend.connect_tcp(str(target.host), target.port, _CONNECT_S)

    async def _look_up(self, target: Target) -> Sequence[Address]:
        async with asyncio.timeout(_CONNECT_S):
            return await self._resolve(str(target.host), target.port)

    async def _relay(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        stream: httpcore.AsyncNetworkStream,
        *,
        rewrite: bool,
    ) -> None:
        """Pass bytes on in both directions until either side ends."""
        up = asyncio.create_task(_up(reader, stream))
        down = asyncio.create_task(self._down(writer, stream, rewrite=rewrite))
        try:
            done, _ = await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (up, down):
                task.cancel()
            await asyncio.gather(up, down, return_exceptions=True)

    async def _down(self, writer: asyncio.StreamWriter, stream: httpcore.AsyncNetworkStream, *, rewrite: bool) -> None:
        data = await closing(stream, _IDLE_S) if rewrite else b""
        while True:
            self._left_bytes -= len(data)
            if self._left_bytes < 0:
                self.fault = self.fault or FileTooLarge("the URL gives more bytes than a film may have")
                raise self.fault
            writer.write(data)
            await writer.drain()
            data = await stream.read(_CHUNK_BYTES, _IDLE_S)
            if not data:
                return


async def _up(reader: asyncio.StreamReader, stream: httpcore.AsyncNetworkStream) -> None:
    while data := await reader.read(_CHUNK_BYTES):
        await stream.write(data, _IDLE_S)


async def _say(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _in_words(host: str | None, error: Exception) -> str:
    if isinstance(error, socket.gaierror | UnicodeError):
        return f"the host {host} cannot be found"
    if isinstance(error, TimeoutError | httpcore.TimeoutException):
        return f"{host} does not answer"
    return f"no connection to {host}"


async def _look_up(host: str, port: int) -> Sequence[Address]:
    """The system's resolver in a thread that nobody waits for: it cannot be stopped, and we can."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[Sequence[Address]] = loop.create_future()

    def tell(addresses: Sequence[Address], failure: Exception | None) -> None:
        if found.cancelled():
            return
        if failure is None:
            found.set_result(addresses)
        else:
            found.set_exception(failure)

    def ask() -> None:
        addresses: list[Address] = []
        failure: Exception | None = None
        try:
            items = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(ipaddress.ip_address(item[4][0]) for item in items))
        except (OSError, UnicodeError) as error:
            failure = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(tell, addresses, failure)

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    return await found
