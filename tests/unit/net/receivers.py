"""Servers on 127.0.0.1 that answer as told, badly when told so, and remember what came."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Request:
    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """``connections`` counts every connection, also those on which no whole request came."""

    port: int = 0
    connections: int = 0
    requests: list[Request] = field(default_factory=list)


def answering(status: int, *headers: str, body: bytes = b"ok") -> Reply:
    """A whole answer."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} As Told", f"Content-Length: {len(body)}", *headers, "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()

    return reply


async def silent(_writer: asyncio.StreamWriter) -> None:
    """Never an answer."""
    await asyncio.sleep(60)


async def dripping_headers(writer: asyncio.StreamWriter) -> None:
    """Always a few bytes more, never a whole head."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Drip: 1\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def dripping_body(writer: asyncio.StreamWriter) -> None:
    """The head at once, a body that does not end."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def flooding(writer: asyncio.StreamWriter) -> None:
    """A body as large as the reader lets it be."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")
        await writer.drain()


async def hanging_up(_writer: asyncio.StreamWriter) -> None:
    """The connection ends without an answer."""


async def babbling(writer: asyncio.StreamWriter) -> None:
    """Something that is no HTTP."""
    writer.write(b"220 mail.example ESMTP\r\n")
    await writer.drain()


@asynccontextmanager
async def receiver(reply: Reply, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A server that reads each request and then does as ``reply`` says."""
    seen = Receiver()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                seen.requests.append(await _read(reader))
                await reply(writer)
        finally:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    return Request(head[0], headers, await reader.readexactly(int(headers.get("content-length", 0))))
