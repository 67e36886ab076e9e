"""Which addresses requests must not reach, whatever URL leads to them.

After the IANA special-purpose registries: of IPv6 only global unicast is public at all. An IPv6 address that carries an
IPv4 address through to somebody (mapped, NAT64, 6to4) is judged by that one; Teredo and NAT64 prefixes of a local
network are refused whole.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from reelprint.adapters.net.urls import Address, parse_target
from reelprint.core.errors import AddressRefused

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_REFUSED: tuple[tuple[Network, str], ...] = tuple(
    (ipaddress.ip_network(text), why)
    for text, why in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "metadata"),  # Azure's, on an address that looks public
        ("169.254.0.0/16", "link-local"),  # most clouds' metadata among them
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),  # Oracle's metadata among them
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),  # the broadcast address among them
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("64:ff9b:1::/48", "local NAT64"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "documentation"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LOOPBACK: tuple[Address, ...] = (ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1"))


def parse_networks(text: str) -> tuple[Network, ...]:
    """CIDR blocks or single addresses, separated by commas or spaces. Raises ValueError."""
    return tuple(ipaddress.ip_network(part, strict=False) for part in text.replace(",", " ").split())


def refusal(address: Address, allow: Sequence[Network] = ()) -> str | None:
    """Why an address must not be reached, or None when it may be: it is public, or inside an allowed block."""
    carried = _carried(address)
    if _inside(address, allow) or (carried is not None and _inside(carried, allow)):
        return None
    judged = address if carried is None else carried
    for network, why in _REFUSED:
        if judged in network:
            return why
    return "reserved" if judged.version == 6 and judged not in _GLOBAL_UNICAST else None


def permitted(addresses: Iterable[Address], allow: Sequence[Network] = ()) -> list[Address]:
    """The addresses of one host that may be connected to, in their order.

    One refused address refuses the host, since names that mix public and internal addresses are made to get past
    checks. But where the settings allow one of its addresses, the allowed ones are taken and the others left: a name
    such as localhost has an IPv4 and an IPv6 address, and allowing one of them is meant to be enough.

    Raises AddressRefused, also when there is no address at all.
    """
    found = list(addresses)
    allowed = [address for address in found if refusal(address) is not None and refusal(address, allow) is None]
    if allowed:
        return allowed
    for address in found:
        why = refusal(address)
        if why is not None:
            # The message is shown to whoever gave the URL: it does not tell what our network looks like.
            raise AddressRefused("the host leads to an address that must not be reached", detail=f"{address}: {why}")
    if not found:
        raise AddressRefused("the host has no address")
    return found


def check_target(url: str, allow: Sequence[Network] = (), *, field: str = "webhook_url") -> None:
    """Refuse a URL that can be seen to lead where requests must not go; no name is looked up.

    Raises AddressRefused, its detail naming ``field``, for what ``parse_target`` refuses, for a literal refused
    address in any spelling, and for localhost. A name that only resolves to such an address is refused when a request
    is sent to it.
    """
    try:
        host = parse_target(url).host
        if not isinstance(host, str):
            permitted([host], allow)
        elif _is_localhost(host) and not any(_inside(address, allow) for address in _LOOPBACK):
            raise AddressRefused("the host is this machine")
    except AddressRefused as error:
        raise AddressRefused(f"{field}: {error.message}", detail=f"{field}: {error.detail}") from None


def _is_localhost(name: str) -> bool:
    return name.endswith((".localhost", ".localhost.localdomain")) or name in (
        "localhost",
        "localhost.localdomain",
        "ip6-localhost",
        "ip6-loopback",
    )


def _carried(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that packets to an IPv6 address end up at."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def _inside(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
