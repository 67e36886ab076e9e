"""The proxy by itself: whom it serves, where it leads, when it cuts."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

import pytest

from reelprint.adapters.net.addresses import parse_networks
from reelprint.adapters.net.proxy import FetchProxy
from reelprint.core.errors import AddressRefused, Cancelled, FetchFailed, FileTooLarge
from reelprint.core.progress import CancelToken
from tests.integration.ingest.site import Site, giving, until


@contextmanager
def proxy(
    *, allow: str = "127.0.0.0/8", max_bytes: int = 10**7, time_limit_s: float = 30.0, cancel: CancelToken | None = None
) -> Iterator[FetchProxy]:
    made = FetchProxy(
        cancel or CancelToken(), allow=parse_networks(allow), max_bytes=max_bytes, time_limit_s=time_limit_s
    )
    with made as running:
        yield running


def credential(running: FetchProxy) -> str:
    parts = urlsplit(running.url)
    token = base64.b64encode(f"{parts.username}:{parts.password}".encode()).decode()
    return f"Proxy-Authorization: Basic {token}\r\n"


def said(running: FetchProxy, request: str) -> bytes:
    """All that comes back for some bytes."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as client:
        client.sendall(request.encode())
        data = b""
        while piece := client.recv(65536):
            data += piece
        return data


@pytest.mark.parametrize("line", ["", "Proxy-Authorization: Basic ZmV0Y2g6d3Jvbmc=\r\n"])
def test_nobody_else_is_served(site: Site, line: str) -> None:
    site.replies["/a"] = giving(b"film")
    with proxy() as running:
        for request in (f"GET {site.url('/a')} HTTP/1.1\r\n", f"CONNECT 127.0.0.1:{site.port} HTTP/1.1\r\n"):
            assert said(running, f"{request}{line}\r\n").startswith(b"HTTP/1.1 407 ")
    assert site.asked == []


def test_a_plain_request_is_passed_on_and_its_connection_ends(site: Site) -> None:
    site.replies["/a%2fb"] = giving(b"film")
    with proxy() as running:
        head = f"GET {site.url('/a%2fb?c=%C3%A4')} HTTP/1.1\r\nHost: elsewhere\r\nProxy-Connection: keep-alive\r\n"
        data = said(running, f"{head}X-Own: 1\r\n{credential(running)}\r\n")
    assert data.startswith(b"HTTP/1.1 200 OK\r\n")
    assert data.endswith(b"film")
    assert b"Connection: close" in data
    assert site.asked == [("/a%2fb?c=%C3%A4", None)]
    assert site.heads[0]["Host"] == f"127.0.0.1:{site.port}"
    assert site.heads[0]["X-Own"] == "1"
    assert not any("proxy" in name.lower() for name in site.heads[0])


def test_a_tunnel_carries_what_it_is_given(site: Site) -> None:
    site.replies["/a"] = giving(b"film")
    with proxy() as running:
        inner = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as client:
            client.sendall(f"CONNECT 127.0.0.1:{site.port} HTTP/1.1\r\n{credential(running)}\r\n".encode())
            assert client.recv(1000).startswith(b"HTTP/1.1 200 ")
            client.sendall(inner.encode())
            data = b""
            while piece := client.recv(65536):
                data += piece
    assert data.endswith(b"film")


def test_answers_of_sloppy_servers(site: Site) -> None:
    """Line feeds alone, and an interim answer before the real one."""

    def sloppy(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.0 200 OK\nKeep-Alive: 5\n\nfilm")

    site.replies["/a"] = sloppy
    with proxy() as running:
        data = said(running, f"GET {site.url('/a')} HTTP/1.1\r\n{credential(running)}\r\n")
    assert data == b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nfilm"


@pytest.mark.parametrize("host", ["10.0.0.1:80", "[::1]:443", "0x7f.0.0.1:80", "localhost:80", "93.184.215.14:25"])
def test_a_tunnel_to_where_nothing_must_go(host: str) -> None:
    with proxy(allow="") as running:
        assert said(running, f"CONNECT {host} HTTP/1.1\r\n{credential(running)}\r\n").startswith(b"HTTP/1.1 403 ")
        assert isinstance(running.refused, AddressRefused)
        running.check()  # one refusal is no reason to cut the rest


@pytest.mark.parametrize(
    "request_line", ["GET https://127.0.0.1/ HTTP/1.1", "GET /a HTTP/1.1", "nonsense", "GET x y z"]
)
def test_what_is_no_request_to_a_proxy_gets_no_answer(request_line: str) -> None:
    with proxy() as running, pytest.raises(ConnectionError):
        said(running, f"{request_line}\r\n{credential(running)}\r\n")


def test_bytes_are_counted_over_all_connections(site: Site) -> None:
    site.replies["/a"] = giving(bytes(400_000))
    with proxy(max_bytes=1_000_000) as running:
        request = f"GET {site.url('/a')} HTTP/1.1\r\n{credential(running)}\r\n"
        assert len(said(running, request)) > 400_000
        assert len(said(running, request)) > 400_000
        with pytest.raises(ConnectionError):
            said(running, request)
        with pytest.raises(FileTooLarge):
            running.check()


def test_a_cut_is_no_end(site: Site) -> None:
    """Whoever reads sees that it was cut, and does not take what it has for all there is."""
    site.replies["/a"] = lambda _request: site.closing.wait(30) and None
    cancel = CancelToken()
    with proxy(cancel=cancel) as running:
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as client:
            client.sendall(f"GET {site.url('/a')} HTTP/1.1\r\n{credential(running)}\r\n".encode())
            until(lambda: bool(site.asked))
            cancel.cancel("enough")
            with pytest.raises(ConnectionError):
                client.recv(1000)
        with pytest.raises(Cancelled):
            running.check()
        with pytest.raises(ConnectionError):
            said(running, "GET / HTTP/1.1\r\n\r\n")


def test_time_is_limited() -> None:
    with proxy(time_limit_s=0.2) as running:
        until(lambda: running.fault is not None)
        with pytest.raises(FetchFailed, match=r"within 0\.2 s"):
            running.check()
