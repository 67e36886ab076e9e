"""The body of a long upload, as it arrives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from reelprint.core.errors import ServiceError

#: A client that sends nothing for so long is gone, even if its connection does not know it.
_SILENCE_S = 60.0
_DRAIN_BYTES = 64 * 1024 * 1024
_DRAIN_S = 2.0


def impatient(receive: Receive, silence_s: float = _SILENCE_S) -> Receive:
    """The same messages, and the client's leaving when nothing comes for so long."""

    async def next_message() -> Message:
        try:
            async with asyncio.timeout(silence_s):
                return await receive()
        except TimeoutError:
            return {"type": "http.disconnect"}

    return next_message


class Arriving:
    """Chunks of a request's body; knows when it is whole."""

    def __init__(self, request: Request, silence_s: float = _SILENCE_S) -> None:
        self._request = request
        self._silence_s = silence_s
        self._stream = request.stream()
        self._whole = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes as they come. Raises ServiceError (408) after a minute of silence, ClientDisconnect."""
        while True:
            try:
                async with asyncio.timeout(self._silence_s):
                    chunk = await anext(self._stream)
            except TimeoutError:
                error = ServiceError("the upload stopped arriving", code="REQUEST_TIMEOUT", detail="body")
                error.status = 408
                raise error from None
            except StopAsyncIteration:
                self._whole = True
                return
            if chunk:
                yield chunk

    async def drain(self) -> bool:
        """Before a refusal: take some of what is still under way, and say whether that was all.

        Most clients look for an answer only when they have sent everything; if the connection is closed under them
        before, they never see it. Who asks before sending (``Expect: 100-continue``) has not sent anything.
        """
        if self._whole:
            return True
        if self._request.headers.get("expect", "").lower() == "100-continue":
            return False
        deadline = time.monotonic() + _DRAIN_S
        left = _DRAIN_BYTES
        try:
            async with asyncio.timeout(_DRAIN_S):
                async for chunk in self._stream:
                    left -= len(chunk)
                    if left < 0 or time.monotonic() > deadline:
                        return False
        except (TimeoutError, ClientDisconnect):
            return False
        self._whole = True
        return True
