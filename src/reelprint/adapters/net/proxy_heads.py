"""Heads of HTTP messages as a forward proxy reads and rewrites them.

Every plain request gets a connection of its own, told so to both sides: a second request on it could be meant for
another host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore

from reelprint.adapters.net.urls import Target

LONGEST_HEAD = 64 * 1024
_HOP_BY_HOP = {b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"te", b"upgrade"}
#: Some old servers end their lines with a line feed only.
_END = re.compile(rb"\r?\n\r?\n")
#: "100 Continue" and the like: nobody waits for it.
_INTERIM = re.compile(rb"HTTP/1\.\d 1\d\d")
_READ_BYTES = 16 * 1024


@dataclass(frozen=True)
class Asked:
    """What a client asks of the proxy, not judged yet. ``url``: scheme, host and port that it wants to be led to."""

    method: str
    url: str
    path: str
    fields: tuple[tuple[bytes, bytes], ...]
    """name in lower case, and the whole line"""

    @property
    def credential(self) -> bytes:
        """What it brings to prove that it may."""
        return b"".join(line.partition(b":")[2].strip() for name, line in self.fields if name == b"proxy-authorization")

    @property
    def tunnel(self) -> bool:
        """Whether bytes are passed on as they are, both ways."""
        return self.method == "CONNECT"

    def forwarded(self, target: Target) -> bytes:
        """The head to send on."""
        kept = [line for name, line in self.fields if name not in _HOP_BY_HOP and name != b"host"]
        own = [f"{self.method} {self.path} HTTP/1.1".encode(), f"Host: {target.authority}".encode()]
        return b"\r\n".join([*own, *kept, b"Connection: close", b"", b""])


def asked(head: bytes) -> Asked:
    """Read the head of a request. Raises ValueError for what no client of a proxy sends."""
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    method, uri, version = first.decode("ascii").split(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError("not HTTP/1")
    fields = tuple((line.partition(b":")[0].strip().lower(), line) for line in lines)
    if method == "CONNECT":
        return Asked(method, f"https://{uri}/", "", fields)
    parts = urlsplit(uri)
    if parts.scheme != "http":
        raise ValueError("only http is passed on in the clear")
    path = parts._replace(scheme="", netloc="", fragment="").geturl()
    return Asked(method, f"{parts.scheme}://{parts.netloc}/", path if path.startswith("/") else f"/{path}", fields)


async def closing(stream: httpcore.AsyncNetworkStream, timeout_s: float) -> bytes:
    """Read the head of an answer and return it, with the bytes that came after it, as one that ends its connection.

    Raises ValueError for what is no HTTP, and httpcore's errors.
    """
    data = b""
    while True:
        end = _END.search(data)
        if end is not None:
            head, rest = data[: end.start()], data[end.end() :]
            if not _INTERIM.match(head):
                break
            data = rest
            continue
        if len(data) > LONGEST_HEAD:
            raise ValueError("the head of the answer does not end")
        more = await stream.read(_READ_BYTES, timeout_s)
        if not more:
            raise ValueError("the answer has no head")
        data += more
    first, *lines = (line.removesuffix(b"\r") for line in head.split(b"\n"))
    if not first.startswith(b"HTTP/1."):
        raise ValueError("the answer is no HTTP")
    kept = [line for line in lines if line.partition(b":")[0].strip().lower() not in _HOP_BY_HOP]
    return b"\r\n".join([first, *kept, b"Connection: close", b"", rest])


def answer(status: int, reason: str) -> bytes:
    """An answer of the proxy itself."""
    return f"HTTP/1.1 {status} {reason}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
