"""Bodies that stop arriving, and what is taken of one that is refused."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from reelprint.api import arriving
from reelprint.api.arriving import Arriving, impatient
from reelprint.core.errors import ServiceError

_PIECE = bytes(1024 * 1024)


def _client(pieces: int, *, then: str) -> Receive:
    """A client that sends so many MiB and then ends, leaves, or is silent; or goes on for ever."""
    sent = 0

    async def receive() -> dict[str, Any]:
        nonlocal sent
        sent += 1
        if sent <= pieces or then == "more":
            return {"type": "http.request", "body": _PIECE, "more_body": True}
        if then == "silence":
            await asyncio.sleep(60)
        return (
            {"type": "http.disconnect"}
            if then == "leave"
            else {"type": "http.request", "body": b"", "more_body": False}
        )

    return receive


def _request(receive: Receive, **headers: str) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": raw}, receive)


def _run(work: Callable[[], Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work(), 30))


async def _count(body: Arriving) -> int:
    return len([chunk async for chunk in body.chunks()])


def test_a_whole_body_needs_no_draining() -> None:
    async def work() -> None:
        body = Arriving(_request(_client(3, then="end")))
        assert await _count(body) == 3
        assert await body.drain()

    _run(work)


def test_silence_is_an_end_with_a_reason() -> None:
    async def work() -> None:
        with pytest.raises(ServiceError) as told:
            await _count(Arriving(_request(_client(1, then="silence")), silence_s=0.1))
        assert (told.value.status, told.value.code) == (408, "REQUEST_TIMEOUT")

    _run(work)


def test_the_rest_of_a_refused_body_is_taken_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    async def drained(receive: Receive, **headers: str) -> bool:
        return await Arriving(_request(receive, **headers)).drain()

    monkeypatch.setattr(arriving, "_DRAIN_S", 0.3)
    assert _run(lambda: drained(_client(60, then="end")))
    assert not _run(lambda: drained(_client(60, then="leave")))
    began = time.monotonic()
    assert not _run(lambda: drained(_client(2, then="silence")))
    assert not _run(lambda: drained(_client(0, then="more")))
    assert not _run(lambda: drained(_client(60, then="end"), expect="100-continue"))
    assert time.monotonic() - began < 3


def test_impatience_takes_silence_for_leaving() -> None:
    async def work() -> None:
        with pytest.raises(ClientDisconnect):
            async for _ in _request(impatient(_client(1, then="silence"), 0.1)).stream():
                pass

    _run(work)
