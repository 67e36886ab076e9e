"""Requests to one server: the key, what is asked again and for how long, errors as ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from typing import Any

import httpx

from reelprint import __version__
from reelprint.client.errors import ApiError, NoServer
from reelprint.core.errors import DocumentError

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 5.0
_BUSY = 503
_SLOW_DOWN = 429
_LOCAL = ("localhost", "127.0.0.1", "::1")


class Transport:
    """HTTP to ``/api/v1`` at ``base_url``; ``patience_s``: how long a request is repeated while the server is away or
    too busy.
    """

    def __init__(self, base_url: str, key: str | None, *, patience_s: float, timeout_s: float) -> None:
        self.base_url = base_url.rstrip("/")
        self.patience_s = patience_s
        self._root = "/api/v1"
        headers = {"User-Agent": f"reelprint-client/{__version__}", "Accept": "application/json"}
        if key is not None:
            if not key or not key.isascii() or not key.isprintable() or " " in key:
                raise DocumentError("the API key is not one: it has to be printable ASCII without spaces", detail="key")
            headers["Authorization"] = f"Bearer {key}"
        self._http = httpx.Client(
            headers=headers,
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, 5.0)),
            follow_redirects=False,
            # A proxy of the environment cannot reach this machine's own server.
            trust_env=_host(self.base_url) not in _LOCAL,
        )

    def below(self, root: str) -> Transport:
        """The same connections, to what is below another path."""
        other = copy(self)
        other._root = root
        return other

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool | None = None,
        patience_s: float | None = None,
        body: Callable[[], Mapping[str, Any]] = dict,
        **sent: Any,
    ) -> Any:
        """The JSON that ``path`` answers with.

        A request that never reached the server, or that it put off (429), is asked again in any case; one that may
        have reached it only when it is ``repeatable`` (default: everything but POST). ``body`` makes what is sent anew
        for every try; ``sent`` goes to httpx as it is. Raises ApiError and NoServer.
        """
        again = method != "POST" if repeatable is None else repeatable
        patience = Patience(self.patience_s if patience_s is None else patience_s)
        while True:
            try:
                response = self._http.request(method, self._url(path), **body(), **sent)
            except httpx.TransportError as error:
                unsent = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
                if not (again or unsent) or not patience.wait():
                    raise self.lost(error) from None
                continue
            if response.is_success:
                return _document(response)
            failure = ApiError.of(response)
            if not _put_off(failure, again) or not patience.wait(failure.retry_after_s):
                raise failure

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str], *, read_s: float) -> Iterator[httpx.Response]:
        """An answer whose body is read in pieces, each of which may take ``read_s``.

        Raises ApiError when it is no success; errors of httpx are left as they are: whoever reads knows how to go on.
        """
        timeout = httpx.Timeout(read_s, connect=5.0)
        with self._http.stream("GET", self._url(path), headers=dict(headers), timeout=timeout) as response:
            if not response.is_success:
                response.read()
                raise ApiError.of(response)
            yield response

    def lost(self, error: Exception) -> NoServer:
        """What a broken connection is told as."""
        return NoServer(f"no answer from {self.base_url}: {error or type(error).__name__}", detail=repr(error))

    def _url(self, path: str) -> str:
        return f"{self.base_url}{self._root}{path}"


class Patience:
    """Pauses that grow, until the time is up."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self.renew()

    def renew(self) -> None:
        """Start over: something went on."""
        self.extend()
        self._pause_s = _FIRST_PAUSE_S

    def extend(self) -> None:
        """More time, and no shorter pauses: the server is there, but nothing went on."""
        self._until = time.monotonic() + self._patience_s

    def wait(self, wish_s: float | None = None) -> bool:
        """Pause, at least as long as the server wished; False, at once, when that would take too long."""
        pause_s = max(self._pause_s, wish_s or 0.0)
        if time.monotonic() + pause_s > self._until:
            return False
        time.sleep(pause_s)
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        return True


def _put_off(failure: ApiError, again: bool) -> bool:
    if failure.status == _SLOW_DOWN:
        return True
    # The request of ours that broke is still being worked on. Errors of the clips family have no code.
    worked_on = failure.code in ("IDEMPOTENCY_CONFLICT", "HTTP_409")
    return again and (failure.status == _BUSY or worked_on)


def _host(base_url: str) -> str:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise DocumentError(f"the server's address is no URL: {error}", detail="server") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise DocumentError("the server's address has to look like http://localhost:8000", detail="server")
    return url.host


def _document(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        raise ApiError(
            response.status_code, "BAD_ANSWER", "the server answered with something that is no JSON"
        ) from None
