"""Which URLs are refused before any request, in whatever spelling, and which addresses when it is sent."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelprint.adapters.net.addresses import check_target, parse_networks, permitted, refusal
from reelprint.adapters.net.urls import LONGEST, parse_target
from reelprint.core.errors import AddressRefused

LOOPBACK = parse_networks("127.0.0.0/8, ::1")

REFUSED_LITERALS = [
    # plain
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1", "203.0.113.9", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255",
    # numbers
    "2130706433", "017700000001", "0x7f000001", "0X7F000001", "0x7f.0.0.1", "0177.0.0.1", "0177.0x0.0.1", "127.1",
    "127.0.1", "0", "0x0", "00000177.0.0.1", "127.0.0.01", "3232235521", "2852039166",
    # IPv6, IPv4 inside IPv6
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:a9fe:a9fe]",
    "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]",
    "[64:ff9b:1:7f00:0:100::]",
    "[2002:7f00:1::]", "[2002:c0a8:1::1]", "[2002:a9fe:a9fe::]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[2001::7f00:1]", "[fe80::1]", "[febf::1]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[ff0e::1]",
    "[2001:db8::1]", "[3fff::1]", "[100::1]", "[5f00::1]",
    # around them
    "127.0.0.1.", "localhost", "LOCALHOST", "LocalHost.", "a.localhost", "a.b.localhost.", "localhost.localdomain",
    "ip6-localhost", "ip6-loopback",
    # percent signs
    "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "%6cocalhost", "[fe80::1%25eth0]", "[::1%25lo]", "127.0.0.1%00", "%00",
    # other digits, letters and dots
    "１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "127．0｡0。1", "१२७.०.०.१", "१२७。०。०。१", "١٢٧.٠.٠.١",
    "𝟏𝟐𝟕.𝟎.𝟎.𝟏",
    "ｌｏｃａｌｈｏｓｔ", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "loc\u00adalhost", "ⅼocalhost", "ℓocalhost", "０x7f000001",
]  # fmt: skip

NO_TARGETS = [
    "", "x", "example.com", "//example.com", "/path", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
    "javascript:alert(1)", "unix:///run/x.sock", "http:", "http:/", "http://", "http:///path", "http://:80/", "http://?q",
    "https://#x", "http:example.com", "http:/example.com",
    "http://user@example.com/", "http://user:word@example.com/", "http://@example.com/", "http://:@example.com/",
    "http://example.com@127.0.0.1/", "http://127.0.0.1@example.com/", "http://[::1]@example.com/",
    "http://example.com\\@127.0.0.1/", "http://example.com\\.evil.example/", "http:\\\\127.0.0.1\\",
    "http://exam ple.com/", " http://example.com/", "http://example.com/ ", "http://example.com/\n", "http://exa\tmple.com",
    "http://example.com/\x00", "http://\x7fexample.com/", "http://example.com/\r\nHost: x",
    "http://example.com:0/", "http://example.com:65536/", "http://example.com:-1/", "http://example.com:8x/",
    "http://example.com:80:80/", "http://[::1", "http://::1/", "http://[2606:4700::1]evil.example/", "http://[]/",
    "http://evil[2606:4700::1]/", "http://[2606:4700::1]:80evil/", "http://[127.0.0.1]/", "http://[v1.fe80]/",
    "http://a..b/", "http://.example.com/", "http://example.com../", "http://-a.example/", "http://a-.example/",
    "http://exa!mple.com/", "http://a,b/", "http://*/", "http://" + "a" * 64 + ".example/",
    "http://" + ".".join(["a" * 60] * 5) + "/",
    "http://1.2.3/", "http://1.2.3.4.5/", "http://256.1.1.1/", "http://1.2.3.0x", "http://example.0x7f/", "http://8.8.8.08/",
]  # fmt: skip

TARGETS = {
    "https://example.com": ("example.com", 443, "/", "example.com"),
    "HTTP://Example.COM./a/b?c=d#e": ("example.com", 80, "/a/b?c=d", "example.com"),
    "http://example.com:80/": ("example.com", 80, "/", "example.com"),
    "http://example.com:/": ("example.com", 80, "/", "example.com"),
    "https://example.com:8443/x": ("example.com", 8443, "/x", "example.com:8443"),
    "https://bücher.example/ü?q=ä%20b": ("xn--bcher-kva.example", 443, "/%C3%BC?q=%C3%A4%20b", "xn--bcher-kva.example"),
    "http://faß.example/": ("xn--fa-hia.example", 80, "/", "xn--fa-hia.example"),
    "http://a_b.example/": ("a_b.example", 80, "/", "a_b.example"),
    "http://single/": ("single", 80, "/", "single"),
    "http://127.0.0.1.example.com/": ("127.0.0.1.example.com", 80, "/", "127.0.0.1.example.com"),
    "http://notlocalhost/": ("notlocalhost", 80, "/", "notlocalhost"),
    "http://localhost.example.com/": ("localhost.example.com", 80, "/", "localhost.example.com"),
    "http://8.8.8.8:81/": ("8.8.8.8", 81, "/", "8.8.8.8:81"),
    "http://８.８.８.８/": ("8.8.8.8", 80, "/", "8.8.8.8"),
    "http://[2606:4700::1111]:81": ("2606:4700::1111", 81, "/", "[2606:4700::1111]:81"),
    "http://[64:ff9b::8.8.8.8]/": ("64:ff9b::808:808", 80, "/", "[64:ff9b::808:808]"),
    "http://[2002:808:808::1]/": ("2002:808:808::1", 80, "/", "[2002:808:808::1]"),
}


@pytest.mark.parametrize("host", REFUSED_LITERALS)
@pytest.mark.parametrize("around", ["http://{}/", "https://{}:8443/a?b=c"])
def test_a_refused_address_is_refused_in_every_spelling(host: str, around: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        check_target(around.format(host))
    assert refused.value.code == "VALIDATION_ERROR"
    assert "webhook_url" in refused.value.detail


@pytest.mark.parametrize("url", NO_TARGETS)
def test_what_is_no_plain_url_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_target(url)


def test_a_url_may_be_so_long_and_no_longer() -> None:
    url = "https://example.com/" + "a" * (LONGEST - 20)
    assert len(url) == 2048
    check_target(url)
    with pytest.raises(AddressRefused):
        check_target(url + "a")


@pytest.mark.parametrize("url", TARGETS)
def test_a_public_target_is_taken_apart_once(url: str) -> None:
    check_target(url)
    target = parse_target(url)
    assert (str(target.host), target.port, target.path, target.authority) == TARGETS[url]


def test_a_name_is_not_looked_up_when_a_job_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("looked up")

    monkeypatch.setattr(socket, "getaddrinfo", never)
    check_target("http://leads-to-loopback.example/")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::127.0.0.1]", "localhost", "a.localhost"],
)
def test_the_settings_can_allow_an_address(host: str) -> None:
    check_target(f"http://{host}:9000/", LOOPBACK)


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "2130706433", "[::127.0.0.1]", "[fe80::1]"])
def test_allowing_one_block_allows_no_other_address_and_no_odd_spelling(host: str) -> None:
    with pytest.raises(AddressRefused):
        check_target(f"http://{host}/", LOOPBACK)


def test_localhost_is_allowed_only_with_a_loopback_address() -> None:
    with pytest.raises(AddressRefused):
        check_target("http://localhost/", parse_networks("10.0.0.0/8 127.0.0.2"))


def test_the_field_is_named() -> None:
    with pytest.raises(AddressRefused, match=r"^url: "):
        check_target("http://127.0.0.1/", field="url")


@pytest.mark.parametrize("text", ["10.0.0.0/33", "example.com", "10.0.0.0/8;11.0.0.0/8", "127.1"])
def test_a_wrong_block_in_the_settings_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear"):
        parse_networks(text)


def test_blocks_are_separated_by_commas_or_spaces() -> None:
    blocks = parse_networks(" 10.1.2.3/8,::1  fd00::/8 ")
    assert [str(block) for block in blocks] == ["10.0.0.0/8", "::1/128", "fd00::/8"]


# permitted(): the addresses that a name was found to have


def _addresses(*texts: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    return [ipaddress.ip_address(text) for text in texts]


def test_public_addresses_keep_their_order() -> None:
    found = _addresses("2606:4700::1111", "8.8.8.8")
    assert permitted(found) == found


@pytest.mark.parametrize("bad", ["127.0.0.1", "::1", "10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "fe80::1%eth0"])
@pytest.mark.parametrize("first", [True, False])
def test_one_refused_address_refuses_the_name(bad: str, first: bool) -> None:
    found = _addresses(bad, "8.8.8.8") if first else _addresses("8.8.8.8", bad)
    with pytest.raises(AddressRefused) as refused:
        permitted(found)
    assert bad not in refused.value.message, "what our network looks like is not told to strangers"


def test_where_an_address_is_allowed_only_allowed_ones_are_taken() -> None:
    found = _addresses("::1", "127.0.0.1", "8.8.8.8", "10.0.0.1")
    assert permitted(found, parse_networks("127.0.0.0/8")) == _addresses("127.0.0.1")


def test_no_address_is_refused() -> None:
    with pytest.raises(AddressRefused):
        permitted([])


# Laws


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_wherever_it_is_carried(address: ipaddress.IPv4Address) -> None:
    plain = refusal(address)
    number = int(address)
    for carrier in (
        ipaddress.IPv6Address((0xFFFF << 32) | number),
        ipaddress.IPv6Address((0x64FF9B << 96) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1),
    ):
        assert refusal(carrier) == plain
        with_prefix = ipaddress.ip_network(f"{address}/32")
        assert refusal(carrier, [with_prefix]) is None


@given(st.ip_addresses())
def test_what_python_calls_not_global_is_refused(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    carries = address.version == 6 and (
        address.ipv4_mapped is not None
        or address.sixtofour is not None
        or address in ipaddress.ip_network("64:ff9b::/96")
    )
    if not carries and (not address.is_global or address.is_multicast):
        assert refusal(address) is not None


@given(st.text(max_size=30))
def test_any_text_as_a_host_is_a_name_a_public_address_or_refused(text: str) -> None:
    url = f"http://{text}/"
    try:
        check_target(url)
    except AddressRefused:
        return
    host = parse_target(url).host
    if isinstance(host, str):
        assert host.isascii()
        assert not host.rpartition(".")[2].isdigit()
    else:
        assert refusal(host) is None
