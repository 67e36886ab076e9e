"""A request goes to an address that was checked, for ten seconds at most, and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import ssl
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from reelprint.adapters.net.addresses import parse_networks
from reelprint.adapters.net.guarded import Answer, GuardedBackend, GuardedHttp, NoAnswer, Resolver, look_up
from reelprint.adapters.net.urls import Address
from reelprint.core.errors import AddressRefused
from tests.unit.net.receivers import (
    Reply,
    answering,
    babbling,
    dripping_body,
    dripping_headers,
    flooding,
    hanging_up,
    receiver,
    silent,
)

LOOPBACK = parse_networks("127.0.0.0/8")
PUBLIC = ipaddress.ip_address("93.184.216.34")
HOME = ipaddress.ip_address("127.0.0.1")


def resolves_to(*answers: Sequence[Address]) -> Resolver:
    """A resolver that gives the answers one after another, the last one for ever."""
    left = list(answers)

    async def resolve(_host: str, _port: int) -> Sequence[Address]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


class Recorder(httpcore.AsyncNetworkBackend):
    """Connects to nothing and remembers where it was told to go; ``dead`` addresses do not answer."""

    def __init__(self, *dead: str) -> None:
        self.asked: list[tuple[str, float | None]] = []
        self._dead = dead

    async def connect_tcp(self, host: str, port: int, timeout: float | None = None, *_: Any) -> Any:
        self.asked.append((host, timeout))
        if host in self._dead:
            raise httpcore.ConnectTimeout
        return httpcore.AsyncNetworkStream()


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


async def post_to(reply: Reply, *, limit_s: float = 5.0, http: GuardedHttp | None = None, path: str = "/") -> Any:
    async with receiver(reply) as seen:
        http = http or GuardedHttp(LOOPBACK)
        began = time.monotonic()
        try:
            answer = await http.post(f"http://127.0.0.1:{seen.port}{path}", {"X-Own": "1"}, b"body", limit_s)
        except NoAnswer as error:
            return error, seen, time.monotonic() - began
        return answer, seen, time.monotonic() - began


def test_a_post_arrives_as_it_was_given() -> None:
    answer, seen, _ = run(post_to(answering(204, body=b""), path="/a%20b?c=d"))
    assert answer.status_code == 204
    assert 0 <= answer.duration_ms < 5000
    (request,) = seen.requests
    assert request.line == "POST /a%20b?c=d HTTP/1.1"
    assert request.body == b"body"
    assert request.headers["x-own"] == "1"
    assert request.headers["host"] == f"127.0.0.1:{seen.port}"


def test_a_loopback_address_is_refused_and_not_even_connected_to() -> None:
    async def work() -> None:
        async with receiver(answering(200)) as seen:
            for http, host in (
                (GuardedHttp(), "127.0.0.1"),
                (GuardedHttp(parse_networks("10.0.0.0/8")), "127.0.0.1"),
                (GuardedHttp(resolve=resolves_to([HOME])), "hooks.example"),
                (GuardedHttp(resolve=resolves_to([PUBLIC, HOME])), "hooks.example"),
                (GuardedHttp(), "localhost"),
            ):
                with pytest.raises(AddressRefused):
                    await http.post(f"http://{host}:{seen.port}/", {}, b"")
            assert seen.connections == 0

    run(work())


def test_rebinding_changes_nothing_the_address_that_was_checked_is_connected_to() -> None:
    """A name server answers the check with a public address and everybody after it with loopback."""

    async def work() -> None:
        inner = Recorder()
        backend = GuardedBackend(resolve=resolves_to([PUBLIC], [HOME]), inner=inner)
        await backend.connect_tcp("rebinding.example", 80)
        assert inner.asked == [(str(PUBLIC), None)]
        with pytest.raises(AddressRefused):
            await backend.connect_tcp("rebinding.example", 80)
        assert inner.asked == [(str(PUBLIC), None)]

    run(work())


def test_every_request_is_checked_again() -> None:
    async def work() -> None:
        async with receiver(answering(200, "Connection: keep-alive")) as seen:
            http = GuardedHttp(LOOPBACK, resolve=resolves_to([HOME], [ipaddress.ip_address("10.0.0.1")]))
            url = f"http://hooks.example:{seen.port}/"
            assert (await http.post(url, {}, b"")).status_code == 200
            with pytest.raises(AddressRefused):
                await http.post(url, {}, b"")
            assert seen.connections == 1

    run(work())


def test_an_address_that_does_not_answer_leaves_time_for_the_next() -> None:
    async def work() -> None:
        inner = Recorder("2606:4700::1111")
        found = [ipaddress.ip_address("2606:4700::1111"), PUBLIC]
        await GuardedBackend(resolve=resolves_to(found), inner=inner).connect_tcp("hooks.example", 80, timeout=10)
        assert inner.asked == [("2606:4700::1111", 3.0), (str(PUBLIC), 10)]
        inner = Recorder(*(str(address) for address in found))
        with pytest.raises(httpcore.ConnectTimeout):
            await GuardedBackend(resolve=resolves_to(found), inner=inner).connect_tcp("hooks.example", 80, timeout=1)
        assert [wait_s for _, wait_s in inner.asked] == [1, 1]

    run(work())


def test_the_host_header_is_the_name() -> None:
    async def work() -> None:
        async with receiver(answering(200)) as seen:
            http = GuardedHttp(LOOPBACK, resolve=resolves_to([HOME]))
            await http.post(f"http://Hooks.Example.:{seen.port}/", {}, b"")
            assert seen.requests[0].headers["host"] == f"hooks.example:{seen.port}"

    run(work())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    async def work() -> None:
        async with receiver(answering(200)) as trap:
            reply = answering(status, f"Location: http://127.0.0.1:{trap.port}/")
            answer, _, _ = await post_to(reply)
            assert answer.status_code == status
            assert trap.connections == 0

    run(work())


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        async with receiver(answering(200)) as proxy:
            for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            monkeypatch.delenv("NO_PROXY", raising=False)
            monkeypatch.delenv("no_proxy", raising=False)
            answer, seen, _ = await post_to(answering(200))
            assert answer.status_code == 200
            assert (seen.connections, proxy.connections) == (1, 0)

    run(work())


@pytest.mark.parametrize("reply", [silent, dripping_headers])
def test_an_answer_that_does_not_come_ends_at_the_limit(reply: Reply) -> None:
    error, _, took_s = run(post_to(reply, limit_s=0.4))
    assert isinstance(error, NoAnswer)
    assert "in time" in error.message
    assert 0.3 < took_s < 2


def test_looking_up_the_name_counts_as_well() -> None:
    async def slowly(_host: str, _port: int) -> Sequence[Address]:
        await asyncio.sleep(30)
        return [HOME]

    async def work() -> None:
        began = time.monotonic()
        with pytest.raises(NoAnswer, match="in time"):
            await GuardedHttp(LOOPBACK, resolve=slowly).post("http://hooks.example/", {}, b"", 0.3)
        assert time.monotonic() - began < 8

    run(work())


@pytest.mark.parametrize("reply", [dripping_body, flooding])
def test_the_status_is_the_answer_and_a_body_without_end_is_left_alone(reply: Reply) -> None:
    answer, _, took_s = run(post_to(reply, limit_s=8))
    assert isinstance(answer, Answer)
    assert answer.status_code == 200
    assert answer.duration_ms < 1000
    assert took_s < 3


@pytest.mark.parametrize("reply", [hanging_up, babbling])
def test_what_is_no_http_is_no_answer(reply: Reply) -> None:
    error, _, _ = run(post_to(reply))
    assert isinstance(error, NoAnswer)


def test_a_closed_port_and_an_unknown_name_are_no_answer() -> None:
    async def unknown(_host: str, _port: int) -> Sequence[Address]:
        raise OSError("no such name")

    async def work() -> None:
        async with receiver(silent) as gone:
            pass
        for http, host in ((GuardedHttp(LOOPBACK), "127.0.0.1"), (GuardedHttp(LOOPBACK, resolve=unknown), "x.example")):
            with pytest.raises(NoAnswer):
                await http.post(f"http://{host}:{gone.port}/", {}, b"", 2)

    run(work())


def test_the_systems_resolver_knows_this_machine() -> None:
    assert HOME in run(look_up("127.0.0.1", 80))


def test_a_body_can_be_read_in_pieces_by_whoever_fetches() -> None:
    async def work() -> None:
        async with receiver(answering(200, "X-Kind: film", body=b"film" * 5000)) as seen:
            url = f"http://127.0.0.1:{seen.port}/film.mp4"
            async with GuardedHttp(LOOPBACK).exchange("GET", url, {}, timeout_s=5) as exchange:
                assert exchange.status_code == 200
                assert exchange.headers["x-kind"] == "film"
                assert b"".join([chunk async for chunk in exchange.chunks]) == b"film" * 5000
            assert seen.requests[0].line == "GET /film.mp4 HTTP/1.1"

    run(work())


def test_a_body_that_stops_is_no_answer_for_whoever_fetches() -> None:
    async def stalls(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfilm")
        await writer.drain()
        await asyncio.sleep(30)

    async def work() -> None:
        async with receiver(stalls) as seen:
            url = f"http://127.0.0.1:{seen.port}/"
            async with GuardedHttp(LOOPBACK).exchange("GET", url, {}, timeout_s=0.3) as exchange:
                with pytest.raises(NoAnswer):
                    async for _ in exchange.chunks:
                        pass

    run(work())


# TLS: the name is verified although the connection goes to an address


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for hooks.example with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


async def post_tls(certificate: Path, host: str, trusted: bool) -> tuple[int, list[str | None]]:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate)
    names: list[str | None] = []
    served.sni_callback = lambda _socket, name, _context: names.append(name)
    trust = ssl.create_default_context(cafile=str(certificate)) if trusted else None
    async with receiver(answering(200), tls=served) as seen:
        http = GuardedHttp(LOOPBACK, resolve=resolves_to([HOME]), ssl_context=trust)
        with contextlib.suppress(NoAnswer):
            return (await http.post(f"https://{host}:{seen.port}/", {}, b"")).status_code, names
        return 0, names


def test_tls_asks_for_the_name_and_verifies_it(certificate: Path) -> None:
    assert run(post_tls(certificate, "hooks.example", trusted=True)) == (200, ["hooks.example"])
    assert run(post_tls(certificate, "HOOKS.example.", trusted=True)) == (200, ["hooks.example"])


def test_tls_with_the_wrong_name_or_an_unknown_issuer_is_no_answer(certificate: Path) -> None:
    assert run(post_tls(certificate, "other.example", trusted=True))[0] == 0
    assert run(post_tls(certificate, "127.0.0.1", trusted=True))[0] == 0
    assert run(post_tls(certificate, "hooks.example", trusted=False))[0] == 0
