"""One JSON request to a language model's API: bounded in time and size, and given up when the work is cancelled."""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import json
import ssl
import time
import zlib
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import httpx

from reelprint import __version__
from reelprint.core.progress import CancelToken

#: The longest answer that is read; a page of JSON with the texts of 24 moments has some 30 KiB.
MOST_BYTES = 2 * 1024 * 1024
_CONNECT_S = 10.0
_POLL_S = 0.1
_GIVING_UP_S = 0.5
_AS_SENT = ("", "identity")

Result = TypeVar("Result")


@dataclass(frozen=True)
class Answered:
    """What came back. ``data`` is the JSON of the body, None when it is none."""

    status: int
    headers: Mapping[str, str]
    data: Any

    @property
    def is_json(self) -> bool:
        """Whether the server calls it JSON."""
        kind = self.headers.get("content-type", "").split(";")[0].strip().lower()
        return kind == "application/json" or kind.endswith("+json")


class Broken(Exception):
    """No whole answer. ``how``: ``unsent`` (no connection, so nothing was asked), ``late``, ``lost`` on the way, or
    ``unreadable`` (too large, or in an encoding that was not asked for).
    """

    def __init__(self, how: Literal["unsent", "late", "lost", "unreadable"], message: str) -> None:
        super().__init__(message)
        self.how = how


def post_json(
    url: httpx.URL, headers: Mapping[str, str], body: Mapping[str, Any], *, until_s: float, cancel: CancelToken
) -> Answered:
    """Send ``body`` and read the whole answer, both before ``until_s`` (``time.monotonic``).

    Redirects are answers like any other. Raises Broken, and Cancelled within a second of the cancel; the connection is
    closed in every case. Messages name neither the URL nor the headers, since both can carry a key.
    """
    cancel.check()
    return _in_a_loop(_watched(url, headers, body, until_s, cancel))


def _in_a_loop(work: Coroutine[Any, Any, Result]) -> Result:
    """Like ``asyncio.run``, but without waiting for threads: a name look-up that hangs ends when it likes."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=_GIVING_UP_S))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _watched(
    url: httpx.URL, headers: Mapping[str, str], body: Mapping[str, Any], until_s: float, cancel: CancelToken
) -> Answered:
    task = asyncio.ensure_future(_posted(url, headers, body))
    while not task.done():
        left_s = until_s - time.monotonic()
        if left_s <= 0 or cancel.cancelled:
            task.cancel()
            await asyncio.wait({task}, timeout=_GIVING_UP_S)
            cancel.check()
            raise Broken("late", "no answer in time")
        await asyncio.wait({task}, timeout=min(_POLL_S, left_s))
    return task.result()


async def _posted(url: httpx.URL, headers: Mapping[str, str], body: Mapping[str, Any]) -> Answered:
    own = {
        "User-Agent": f"reelprint/{__version__}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
    }
    # Whoever waits for this keeps the time; httpx only has to notice addresses that never connect.
    timeout = httpx.Timeout(None, connect=_CONNECT_S)
    try:
        async with (
            httpx.AsyncClient(
                verify=_certificates(), timeout=timeout, follow_redirects=False, trust_env=not _is_local(url.host)
            ) as client,
            client.stream("POST", url, headers={**own, **headers}, content=json.dumps(body).encode()) as response,
        ):
            raw = await _body(response)
            return Answered(response.status_code, dict(response.headers), _parsed(raw))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol) as error:
        raise Broken("unsent", f"no connection ({type(error).__name__})") from None
    except httpx.TransportError as error:
        raise Broken("lost", f"the connection broke ({type(error).__name__})") from None
    except (OSError, ValueError, httpx.InvalidURL) as error:
        # Host names and proxies that cannot be written as such are noticed only when a connection is made.
        raise Broken("unsent", f"no connection ({type(error).__name__})") from None


async def _body(response: httpx.Response) -> bytes:
    raw = bytearray()
    async for chunk in response.aiter_raw():
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise Broken("unreadable", f"an answer of more than {MOST_BYTES // 1024} KiB")
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in _AS_SENT:
        return bytes(raw)
    if encoding not in ("gzip", "deflate"):
        raise Broken("unreadable", "an answer in an encoding that was not asked for")
    # Some gateways compress unasked; what a small body unfolds to is limited like any other.
    try:
        unpacked = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(bytes(raw), MOST_BYTES + 1)
    except zlib.error:
        raise Broken("unreadable", "an answer that cannot be unpacked") from None
    if len(unpacked) > MOST_BYTES:
        raise Broken("unreadable", f"an answer of more than {MOST_BYTES // 1024} KiB")
    return unpacked


def _parsed(raw: bytes) -> Any:
    """The JSON of a body, None when it is none. Deep nesting ends in RecursionError, which is no JSON for us."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Made once: loading them takes some hundredths of a second."""
    return httpx.create_ssl_context()


def _is_local(host: str) -> bool:
    """A proxy of the environment cannot reach this machine's own server."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
