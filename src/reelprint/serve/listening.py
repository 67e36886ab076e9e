"""The listening socket: bound by the supervisor and handed to the API, so that a restart of it refuses nobody."""

from __future__ import annotations

import errno
import ipaddress
import socket

from reelprint.core.errors import DocumentError

#: Connections that wait while the API starts; the kernel caps it (net.core.somaxconn).
_BACKLOG = 2048


def bind(host: str, port: int) -> socket.socket:
    """A socket bound to an address (port 0: a free one) that does not listen yet.

    Raises DocumentError: port in use, not allowed, or no address of this machine.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise DocumentError(f"cannot listen on {host}: {error.strerror}", detail="HOST") from None
    # "localhost" is both: the old address is the one that every client tries.
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6 and address[0] == "::":
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise _refused(host, port, error) from None
    return bound


def listen(bound: socket.socket) -> None:
    """Let connections come. Raises DocumentError when somebody else was faster."""
    try:
        bound.listen(_BACKLOG)
    except OSError as error:
        raise _refused(_address(bound), bound.getsockname()[1], error) from None


def is_loopback(bound: socket.socket) -> bool:
    """Whether only this machine can reach it."""
    return ipaddress.ip_address(_address(bound)).is_loopback


def url_of(bound: socket.socket) -> str:
    """Where a client on this machine finds it: ``http://127.0.0.1:8000``."""
    address = ipaddress.ip_address(_address(bound))
    if address.is_unspecified:
        address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
    text = f"[{address}]" if address.version == 6 else str(address)
    return f"http://{text}:{bound.getsockname()[1]}"


def _address(bound: socket.socket) -> str:
    return str(bound.getsockname()[0]).partition("%")[0]


def _refused(host: str, port: int, error: OSError) -> DocumentError:
    if error.errno == errno.EADDRINUSE:
        return DocumentError(f"port {port} on {host} is in use; choose another with --port", detail="PORT")
    if error.errno == errno.EACCES:
        return DocumentError(f"port {port} needs rights that this user does not have", detail="PORT")
    return DocumentError(f"cannot listen on {host} port {port}: {error.strerror}", detail="HOST")
