"""Which URLs films are fetched from. Light enough for the API, which only looks at a URL and never fetches."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from reelprint.adapters.net.addresses import Network, check_target
from reelprint.adapters.net.urls import LONGEST, Address, parse_target
from reelprint.core.errors import AddressRefused, DocumentError

WEB_PORTS = frozenset({80, 443})


def check_fetchable(url: str, allow: Sequence[Network] = ()) -> None:
    """Refuse a URL that can be seen to be no film's address on the web; no name is looked up.

    Raises DocumentError for what is no http(s) URL, and AddressRefused for a host or port that must not be reached:
    a literal private address in any spelling, localhost, a port that is not the web's. A name that only resolves to
    such an address is refused when it is fetched from.
    """
    if len(url) > LONGEST:
        raise _bad(f"it is longer than {LONGEST} characters")
    if any(ord(char) <= 0x20 or ord(char) == 0x7F for char in url):
        raise _bad("it contains spaces or control characters")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise _bad(str(error)) from None
    if parts.scheme not in ("http", "https"):
        raise _bad("it has to start with http:// or https://")
    if not parts.hostname:
        raise _bad("it names no host")
    if "@" in parts.netloc:
        raise _bad("it carries credentials; leave them out")
    check_target(url, allow, field="url")
    target = parse_target(url)
    try:
        # What a name leads to is not known yet: where some networks are open, its port is checked with its addresses.
        if not isinstance(target.host, str) or not allow:
            check_port([] if isinstance(target.host, str) else [target.host], target.port, allow)
    except AddressRefused as error:
        raise AddressRefused(f"url: {error.message}", detail=f"url: {error.detail}") from None


def check_port(addresses: Sequence[Address], port: int, allow: Sequence[Network]) -> None:
    """Ports other than the web's are open in allowed networks only: what listens there may take HTTP for its own
    language. Raises AddressRefused.
    """
    if port in WEB_PORTS:
        return
    if not addresses or not all(any(address in network for network in allow) for address in addresses):
        raise AddressRefused(f"port {port} is not fetched from; the web's are 80 and 443")


def _bad(why: str) -> DocumentError:
    return DocumentError(f"url: {why}", detail=f"url: {why}")
