"""A URL that somebody gave us, taken apart once.

Whoever checks and whoever connects use the parts made here, never the text again: two parsers that read one text
differently are how such checks are passed by. What is ambiguous (backslashes, percent signs in a host, a number that is
no plain dotted quad) is refused instead of interpreted; nobody's honest URL has it.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

import idna

from reelprint.core.errors import AddressRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST = 2048
"""Characters of the longest URL that is taken."""

_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_BRACKETED = re.compile(r"\[[^\[\]]*\](:[0-9]*)?")
_DOTS = str.maketrans(dict.fromkeys("\u3002\uff0e\uff61", "."))
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"


@dataclass(frozen=True)
class Target:
    """Where a request goes. ``host`` is an address, or a name in ASCII (lower case, without the last dot)."""

    scheme: str
    host: Address | str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The ``Host`` header."""
        host = f"[{self.host}]" if isinstance(self.host, ipaddress.IPv6Address) else str(self.host)
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def parse_target(url: str) -> Target:
    """Take an http(s) URL apart; a fragment is dropped.

    Raises AddressRefused for anything else, for credentials in it, and for spellings that have two readings.
    """
    if len(url) > LONGEST:
        raise AddressRefused(f"the URL is longer than {LONGEST} characters")
    if any(ord(char) <= 0x20 or ord(char) == 0x7F or char == "\\" for char in url):
        raise AddressRefused("the URL contains spaces, control characters or backslashes")
    try:
        parts = urlsplit(url)
        port = parts.port
        written = parts.hostname or ""
    except ValueError as error:
        raise AddressRefused(f"not a URL: {error}") from None
    if parts.scheme not in _PORTS:
        raise AddressRefused("the URL has to start with http:// or https://")
    if "@" in parts.netloc:
        raise AddressRefused("the URL carries credentials; leave them out")
    bracketed = "[" in parts.netloc
    if bracketed and not _BRACKETED.fullmatch(parts.netloc):
        raise AddressRefused("the URL has more than an address around its brackets")
    if port == 0:
        raise AddressRefused("port 0 cannot be reached")
    return Target(parts.scheme, _host(written, bracketed), port or _PORTS[parts.scheme], _path(parts))


def _host(written: str, bracketed: bool) -> Address | str:
    if "%" in written:
        raise AddressRefused("the host contains a percent sign")
    if bracketed:
        try:
            return ipaddress.IPv6Address(written)
        except ValueError:
            raise AddressRefused(f"[{written}] is no IPv6 address") from None
    name = _ascii(written).removesuffix(".")
    if not name:
        raise AddressRefused("the URL names no host")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        try:
            return ipaddress.IPv4Address(name)
        except ValueError:
            raise AddressRefused(f"{written}: write an address as four decimal numbers") from None
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise AddressRefused(f"{written} is no host name")
    return name


def _ascii(written: str) -> str:
    """The host as DNS knows it. Raises AddressRefused when it has no such form or could be read as an address."""
    if written.isascii():
        return written
    digits = "".join(
        str(unicodedata.decimal(char, char)) for char in unicodedata.normalize("NFKC", written.translate(_DOTS))
    )
    try:
        name = idna.encode(written, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise AddressRefused(f"{written} is no host name") from None
    if digits.isascii() and digits != name:
        # Digits of another script that some reader would take for an address, and DNS for a name.
        raise AddressRefused(f"{written}: write the host in ASCII")
    return name


def _path(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=_PATH_SAFE)
    return f"{path}?{quote(parts.query, safe=_PATH_SAFE + '?')}" if parts.query else path
