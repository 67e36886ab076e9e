"""HTTP requests to URLs that strangers gave us.

The name is looked up here, its addresses are checked, and the connection goes to exactly an address that was checked:
an answer of DNS that changes between check and connect changes nothing. TLS still verifies the name. Redirects are
never followed and proxies of the environment never used, since both would let somebody else choose the address.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpcore

from reelprint.adapters.net.addresses import Network, permitted
from reelprint.adapters.net.urls import Address, Target, parse_target
from reelprint.core.errors import ReelprintError

Resolver = Callable[[str, int], Awaitable[Sequence[Address]]]
"""Host name and port to its addresses, the one to be tried first in front. Raises OSError."""

_TRIED_ADDRESSES = 4
_ADDRESS_S = 3.0
_READ_BYTES = 4096
_READ_S = 1.0


class NoAnswer(ReelprintError):
    """No connection, no answer in time, or an answer that is no HTTP."""


@dataclass(frozen=True)
class Answer:
    """What came back: the HTTP status, and the milliseconds until it was there."""

    status_code: int
    duration_ms: int


@dataclass(frozen=True)
class Exchange:
    """An answer whose body is still to be read. Header names are in lower case; ``chunks`` is as sent, undecoded."""

    status_code: int
    headers: dict[str, str]
    chunks: AsyncIterator[bytes]


class GuardedHttp:
    """Requests that reach public addresses and those inside ``allow``, nothing else.

    ``ssl_context`` says which certificates count; default: the system's and those of certifi.
    """

    def __init__(
        self,
        allow: Sequence[Network] = (),
        *,
        resolve: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._allow = allow
        self._resolve = resolve or look_up
        self._ssl_context = ssl_context

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float = 10.0) -> Answer:
        """Send ``body`` and wait ``timeout_s`` in all for the status, name look-up included.

        A few KiB of the answer's body are read for a second at most, so that the receiver may finish its sentence;
        what it says is not kept. Raises AddressRefused and NoAnswer.
        """
        began = time.monotonic()
        async with self.exchange("POST", url, headers, body, timeout_s=timeout_s) as exchange:
            answer = Answer(exchange.status_code, round(1000 * (time.monotonic() - began)))
            with suppress(TimeoutError, NoAnswer):
                async with asyncio.timeout(min(_READ_S, max(0.0, timeout_s - (time.monotonic() - began)))):
                    size = 0
                    async for chunk in exchange.chunks:
                        size += len(chunk)
                        if size >= _READ_BYTES:
                            break
        return answer

    @asynccontextmanager
    async def exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        timeout_s: float = 10.0,
    ) -> AsyncIterator[Exchange]:
        """One request on a connection of its own: until the status and headers are there, ``timeout_s`` may pass.

        Every wait for more of the body may take ``timeout_s`` again; whoever reads it sets limits on size and on the
        time in all. A redirect is an answer like any other: whoever wants to follow it asks again with the new URL,
        which is checked again. Raises AddressRefused and NoAnswer, while the body is read as well.
        """
        target = parse_target(url)
        backend = GuardedBackend(self._allow, resolve=self._resolve)
        trust = self._ssl_context
        if trust is None and target.scheme == "https":
            trust = await asyncio.to_thread(_certificates)
        pool = httpcore.AsyncConnectionPool(
            ssl_context=trust, max_connections=1, max_keepalive_connections=0, network_backend=backend
        )
        async with pool:
            with _translated():
                request = _request(method, target, headers, body, timeout_s)
                async with asyncio.timeout(timeout_s) as limit:
                    response = await pool.handle_async_request(request)
                    limit.reschedule(None)
            try:
                yield Exchange(response.status, _headers(response), _chunks(response))
            finally:
                await response.aclose()


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connections of httpcore, each to an address that was checked a moment ago."""

    def __init__(
        self,
        allow: Sequence[Network] = (),
        *,
        resolve: Resolver | None = None,
        inner: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allow = allow
        self._resolve = resolve or look_up
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first permitted address of ``host`` that takes the connection."""
        addresses = permitted(await self._addresses(host, port), self._allow)[:_TRIED_ADDRESSES]
        *others, last = addresses
        for address in others:
            # An address that does not answer leaves time for the next one.
            wait_s = _ADDRESS_S if timeout is None else min(_ADDRESS_S, timeout)
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._inner.connect_tcp(str(address), port, wait_s, local_address, socket_options)
        return await self._inner.connect_tcp(str(last), port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> Sequence[Address]:
        try:
            return [ipaddress.ip_address(host)]
        except ValueError:
            return await self._resolve(host, port)


async def look_up(host: str, port: int) -> Sequence[Address]:
    """The system's resolver. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ipaddress.ip_address(item[4][0]) for item in found))


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Made once: loading them takes some tenths of a second."""
    return httpcore.default_ssl_context()


def _request(
    method: str, target: Target, headers: Mapping[str, str], body: bytes | None, timeout_s: float
) -> httpcore.Request:
    url = httpcore.URL(scheme=target.scheme, host=str(target.host), port=target.port, target=target.path)
    own = {"Host": target.authority, "User-Agent": "reelprint", "Accept": "*/*", "Connection": "close"}
    if body is not None:
        own["Content-Length"] = str(len(body))
    limits = dict.fromkeys(("connect", "read", "write", "pool"), timeout_s)
    return httpcore.Request(
        method, url, headers=list({**own, **headers}.items()), content=body, extensions={"timeout": limits}
    )


def _headers(response: httpcore.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}


async def _chunks(response: httpcore.Response) -> AsyncIterator[bytes]:
    with _translated():
        async for chunk in response.aiter_stream():
            yield chunk


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of httpcore, TLS and the system become NoAnswer; ours pass."""
    try:
        yield
    except (TimeoutError, httpcore.TimeoutException):
        raise NoAnswer("no answer in time") from None
    except socket.gaierror as error:
        raise NoAnswer("the host name cannot be resolved", detail=str(error)) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError, UnicodeError) as error:
        raise NoAnswer(f"no connection or no HTTP: {error}", detail=repr(error)) from None
