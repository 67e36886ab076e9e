"""A job's story as server-sent events (WHATWG HTML, 9.2), from any point on, to its end."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from reelprint.adapters.db.events import Event
from reelprint.adapters.db.listening import Listener
from reelprint.api import ids
from reelprint.api.answers import json_bytes
from reelprint.api.auth import still_allowed
from reelprint.api.docs import file_reply
from reelprint.api.given import Owner, Parts
from reelprint.bootstrap.service import Service
from reelprint.core.errors import DocumentError, NotFound, Unavailable
from reelprint.core.jobs import TERMINAL

#: A notice can be lost while PostgreSQL restarts: so often the job is looked at without one.
_LOOK_S = 2.0
#: So often a stream without news says that it is there, for whoever sits between and closes silent connections.
_KEEP_ALIVE_S = 10.0
_ALIVE = b": still there\n\n"
_BATCH = 500
_MOST = 2**63 - 1
_ID = re.compile(r"[0-9]{1,40}")

#: One event. OpenAPI 3.1 has no word for a stream of them; its readers take the schema for each.
EVENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id", "event", "data"],
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$"},
        "event": {"type": "string", "enum": ["status", "progress", "log"]},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": "#/components/schemas/JobEvent"},
        },
    },
}

router = APIRouter(tags=["jobs"])


@router.get(
    "/jobs/{job_id}/events",
    summary="Follow a job",
    response_class=StreamingResponse,
    **file_reply(
        "The events, as they happen",
        {"text/event-stream": EVENT_SCHEMA},
        errors=(404,),
    ),
)
async def follow_job(
    request: Request,
    job_id: str,
    owner: Owner,
    service: Parts,
    last_event_id: Annotated[
        str | None,
        Header(
            alias="Last-Event-ID",
            pattern="^[0-9]{1,40}$",
            description="the events after this one are sent; without it, all",
        ),
    ] = None,
) -> Response:
    """Every change of status, stage and progress, and log lines, as server-sent events with increasing ids: first those
    that have happened already, then each as it happens. The stream ends after the terminal event.

    Events are named `status` (queued, and the end), `progress` and `log`; `data` is JSON (`JobEvent`). Log lines of
    clips jobs come with `status` too. A comment comes every 10 seconds when nothing else does. After a broken
    connection, `Last-Event-ID` brings exactly the rest.
    """
    if last_event_id is not None and not _ID.fullmatch(last_event_id):
        raise DocumentError("Last-Event-ID is no id of an event", detail="Last-Event-ID")
    await service.db.jobs.view(owner, ids.job_id(job_id))  # unknown ones are said so before a stream begins
    listener: Listener = request.app.state.listener
    last_id = min(int(last_event_id or 0), _MOST)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    stream = _stream(request, owner, job_id, last_id, service, listener)
    return StreamingResponse(stream, headers=headers, media_type="text/event-stream")


async def _stream(
    request: Request, owner: str, job_id: str, last_id: int, service: Service, listener: Listener
) -> AsyncIterator[bytes]:
    yield b": events of " + job_id.encode() + b"\n\n"
    spoke_s = time.monotonic()
    with listener.follow(job_id) as news:
        while not listener.closed.is_set():
            news.clear()
            try:
                # Asked before the events: a job that has ended by then has all of them.
                ended = (await service.db.jobs.view(owner, job_id)).status in TERMINAL
                events = await service.db.events.after(job_id, last_id, _BATCH)
            except NotFound:
                return  # removed meanwhile
            except Unavailable:
                # The database has been waited for already; whoever listens waits on.
                yield _ALIVE
                continue
            for event in events:
                last_id, spoke_s = event.id, time.monotonic()
                yield _written(event)
                if event.data.get("status") in TERMINAL:
                    return
            if len(events) == _BATCH:
                continue
            if ended:
                return
            if time.monotonic() - spoke_s >= _KEEP_ALIVE_S:
                if await _revoked(request):
                    return
                spoke_s = time.monotonic()
                yield _ALIVE
            await _wait(news)


async def _revoked(request: Request) -> bool:
    try:
        return not await still_allowed(request)
    except Unavailable:
        return False  # asked again soon


async def _wait(news: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(_LOOK_S):
            await news.wait()
    except TimeoutError:
        return


def _written(event: Event) -> bytes:
    data = json_bytes(event.data)
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.id, _name(event.data).encode(), data)


def _name(data: dict[str, Any]) -> str:
    if data["status"] != "processing":
        return "status"
    return "log" if "log" in data else "progress"
