"""Which addresses the service can have, and who reaches it there."""

from __future__ import annotations

import socket

import pytest

from reelprint.core.errors import DocumentError
from reelprint.serve.listening import bind, is_loopback, listen, url_of


def test_a_port_in_use_is_said_at_once() -> None:
    with bind("127.0.0.1", 0) as first:
        listen(first)
        with pytest.raises(DocumentError, match=r"port \d+ on 127.0.0.1 is in use"):
            bind("127.0.0.1", first.getsockname()[1])
    with pytest.raises(DocumentError, match="cannot listen on"):
        bind("203.0.113.7", 0)
    with pytest.raises(DocumentError, match=r"cannot listen on no\.such\.host\.invalid"):
        bind("no.such.host.invalid", 0)


@pytest.mark.parametrize(
    ("host", "loopback", "url"),
    [
        ("127.0.0.1", True, "http://127.0.0.1:"),
        ("localhost", True, "http://127.0.0.1:"),
        ("127.9.9.9", True, "http://127.9.9.9:"),
        ("::1", True, "http://[::1]:"),
        ("0.0.0.0", False, "http://127.0.0.1:"),
        ("::", False, "http://[::1]:"),
        ("0", False, "http://127.0.0.1:"),
        ("2130706433", True, "http://127.0.0.1:"),
    ],
)
def test_which_addresses_only_this_machine_reaches(host: str, loopback: bool, url: str) -> None:
    if ":" in host and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    with bind(host, 0) as bound:
        assert is_loopback(bound) is loopback
        assert url_of(bound).startswith(url)
