"""Following a job: server-sent events while they come, polling when they do not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import httpx
from httpx_sse import EventSource
from pydantic import ValidationError

from reelprint.client.errors import ApiError, NoServer
from reelprint.client.models import Job, JobEvent
from reelprint.client.transport import Patience, Transport

OnProgress = Callable[[JobEvent], None]

_READ_S = 60.0
"""Silence on a stream after which it is taken for dead: a job changes, or the server says that it lives, more often."""
_STREAMS_WITHOUT_EVENTS = 3
_AWAY = (429, 502, 503, 504)
"""Answers of a server, or of a proxy before it, that will be back."""


def job_path(job_id: str, *more: str) -> str:
    """The path of a job below /api/v1."""
    return "/".join(["/jobs", quote(job_id, safe=""), *more])


def events(transport: Transport, job_id: str, last_id: str | None, patience_s: float) -> Iterator[JobEvent]:
    """Every event after ``last_id``, each once, up to the one that ends the job.

    A stream that breaks is opened again where it broke, for as long as the server answers and ``patience_s`` longer.
    Raises ApiError and NoServer.
    """
    patience = Patience(patience_s)
    while True:
        fault: Exception = NoServer("the stream of events ended before the job did")
        wish_s = None
        try:
            for event in _stream(transport, job_id, last_id, patience.extend):
                patience.renew()
                last_id = event.id or last_id
                yield event
                if event.ended:
                    return
        except httpx.TransportError as error:
            fault = transport.lost(error)
        except ApiError as error:
            if error.status not in _AWAY:
                raise
            fault, wish_s = error, error.retry_after_s
        if not patience.wait(wish_s):
            raise fault


def watch(transport: Transport, job_id: str, on_progress: OnProgress, *, patience_s: float, poll_s: float) -> None:
    """Return when the job has ended; what is heard on the way goes to ``on_progress``.

    Whenever the stream breaks the job itself is asked; after three streams that brought nothing, only that is done.
    Raises ApiError and NoServer, the latter when the server stayed away for ``patience_s``.
    """
    last_id, streams_left = None, _STREAMS_WITHOUT_EVENTS
    while True:
        if streams_left:
            streams_left -= 1
            try:
                for event in _stream(transport, job_id, last_id, _nothing):
                    last_id, streams_left = event.id or last_id, _STREAMS_WITHOUT_EVENTS
                    on_progress(event)
                    if event.ended:
                        return
            except (httpx.TransportError, ApiError):
                # Whatever it was: if it matters, asking for the job runs into it too, and says so.
                pass
        answer = transport.ask("GET", job_path(job_id), patience_s=patience_s)
        job = Job.within(answer)
        on_progress(JobEvent(status=job.status, current_stage=job.current_stage, progress_percent=job.progress_percent))
        if job.ended:
            return
        time.sleep(poll_s)


def _stream(transport: Transport, job_id: str, last_id: str | None, on_open: Callable[[], None]) -> Iterator[JobEvent]:
    """The events of one connection. Raises ApiError and errors of httpx."""
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
    if last_id is not None:
        headers["Last-Event-ID"] = last_id
    with transport.stream(job_path(job_id, "events"), headers, read_s=_READ_S) as response:
        on_open()
        for message in EventSource(response).iter_sse():
            if message.data:  # a comment that only keeps the connection open has none
                yield _event(message.id, message.json)


def _event(event_id: str, read: Callable[[], Any]) -> JobEvent:
    try:
        return JobEvent.model_validate({**read(), "id": event_id})
    except (ValueError, TypeError, ValidationError) as error:
        raise httpx.RemoteProtocolError(f"an event that is none: {error}") from None


def _nothing() -> None:
    """Ignore it."""
