"""``POST /api/process``: a film, or the address of one, and how its clips are wanted."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from typing import Annotated
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Header
from starlette.requests import Request
from starlette.responses import Response

from reelprint.adapters.db.jobs import Repeat
from reelprint.adapters.db.secrets import JobSecrets
from reelprint.adapters.intake.incoming import too_large
from reelprint.adapters.intake.multipart import MAX_REST_BYTES, FormReader
from reelprint.api import clips_examples, ids
from reelprint.api.admission import intake_of, label
from reelprint.api.answers import bare
from reelprint.api.arriving import Arriving
from reelprint.api.clips_asked import FIELDS, Asker, job_asked_for, request_of_fields, request_of_json
from reelprint.api.clips_bodies import PROCESS_BODY
from reelprint.api.clips_errors import bad_requests
from reelprint.api.clips_schemas import ClipsQueued, ProcessRequest
from reelprint.api.docs import header, reply
from reelprint.api.errors import failure_of
from reelprint.api.forms import Form
from reelprint.api.given import Owner
from reelprint.api.jobs import checked_key
from reelprint.api.service import base_url_of, request_id_of, service_of
from reelprint.bootstrap.service import Service
from reelprint.core.errors import Conflict, DocumentError, NotFound, ReelprintError, ServiceError, Unavailable
from reelprint.core.jobs import Job, JobView
from reelprint.core.videos import Video

_MAX_BODY_BYTES = 1024 * 1024
_MAX_FIELD_BYTES = 16 * 1024
_MAX_FIELDS = 50
_GEMINI_KEY = re.compile(r"[\x21-\x7e]{1,512}")

log = structlog.get_logger(__name__)
router = APIRouter(tags=["clips"])


@router.post(
    "/process",
    summary="Make clips",
    openapi_extra=PROCESS_BODY,
    **reply(
        ClipsQueued,
        clips_examples.QUEUED,
        headers={"Location": header("where the job's status is")},
        errors=(404, 408, 409, 413, 415, 422, 429),
    ),
)
async def process(
    request: Request,
    owner: Owner,
    gemini_key: Annotated[
        str | None,
        Header(
            alias="X-Gemini-Key",
            description="has Gemini choose and write, with this key; it is kept until the job ends, and shown nowhere",
            json_schema_extra={"format": "password"},
        ),
    ] = None,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="a repeated request with the same key and body gets the first answer (for 24 hours): 1 to 255"
            " visible ASCII characters",
        ),
    ] = None,
) -> Response:
    """Cut a long film into short, captioned clips. The film comes with the request (`file`, streamed; it becomes one of
    your videos) or is fetched from `url` when a worker has taken the job: a file, or a page that yt-dlp knows.

    Options stand in `options` or beside it; said twice, differently: 400. So is everything else that is wrong with the
    request; what is wrong with a film that was sent is 422. Without any key, and without a language model in the
    settings, clips are chosen and described by local models alone.
    """
    body = Arriving(request)
    try:
        with bad_requests():
            asker = Asker(owner, base_url_of(request), request_id_of(request), _checked_gemini(gemini_key))
            view = await _job_of(request, body, asker, checked_key(idempotency_key))
    except ReelprintError as error:
        answer = failure_of(error, request_id_of(request)).response(request.url.path)
        if not await body.drain():
            # What is still coming belongs to this request; nothing sensible can follow it on this connection.
            answer.headers["Connection"] = "close"
        return answer
    return bare({"job_id": view.job_id, "status": "queued"}, headers={"Location": f"/api/status/{view.job_id}"})


async def _job_of(request: Request, body: Arriving, asker: Asker, repeat_key: str | None) -> JobView:
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _of_form(request, body, asker, repeat_key)
    text = await _whole(request, body)
    if kind == "application/x-www-form-urlencoded":
        asked = request_of_fields(_decoded(text))
    elif kind in ("", "application/json") or kind.endswith("+json") or not text.strip():
        asked = request_of_json(text)
    else:
        error = ServiceError(
            "send JSON or a form (multipart/form-data)", code="UNSUPPORTED_MEDIA_TYPE", detail="Content-Type"
        )
        error.status = 415
        raise error
    service, repeat = service_of(request), _repeat(repeat_key, asked)
    if repeat is not None and (first := await service.db.jobs.first_answer(asker.owner, repeat)) is not None:
        # What the first request named may be gone by now.
        return first
    job, secrets = await job_asked_for(asked, service, asker, has_file=False)
    return await _created(service, job, secrets, repeat)


async def _of_form(request: Request, body: Arriving, asker: Asker, repeat_key: str | None) -> JobView:
    intake, service = intake_of(request), service_of(request)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:18]) > intake.max_bytes + MAX_REST_BYTES + _MAX_BODY_BYTES:
        raise too_large(intake.max_bytes)
    async with intake.receive() as incoming:
        form = Form(FIELDS, incoming, _check_field, max_field_bytes=_MAX_FIELD_BYTES)
        reader = FormReader(request.headers["content-type"])
        async for chunk in body.chunks():
            for event in reader.feed(chunk):
                await form.take(event)
                if incoming.size_bytes and "url" in form.fields:
                    raise DocumentError("give a film as file, or its address as url; not both", detail="url, file")
        reader.finish()
        asked, filename = request_of_fields(form.fields), form.filename()
        job, secrets = await job_asked_for(asked, service, asker, has_file=filename is not None)
        if filename is None:
            return await _created(service, job, secrets, _repeat(repeat_key, asked))
        video = await intake.admit(incoming, ids.new_id("vid"), label(asker.owner, filename, {}))
    used = False
    try:
        job = job.model_copy(update={"video_id": video.video_id})
        view = await _created(service, job, secrets, _repeat(repeat_key, asked, video.content_hash))
        used = view.job_id == job.job_id
    finally:
        if not used:
            await asyncio.shield(_take_back(service, video))
    return view


async def _created(service: Service, job: Job, secrets: JobSecrets, repeat: Repeat | None) -> JobView:
    most = service.settings.max_queued_jobs
    return await service.db.jobs.create(job, max_queued=most, repeat=repeat, secrets=secrets)


async def _take_back(service: Service, video: Video) -> None:
    """Remove an upload that became no job's. The clean-up finds what cannot be removed now."""
    try:
        await service.db.videos.delete(video.owner, video.video_id)
    except Conflict:
        return  # the job was made after all, and its answer was lost
    except NotFound:
        pass
    except Unavailable as error:
        log.warning("an upload could not be taken back", video_id=video.video_id, reason=error.message)
        return
    await service.storage.delete_async(video.key)


async def _check_field(name: str, value: str) -> None:
    """What is wrong with one field is said at once, not after a film of gigabytes."""
    request_of_fields({name: value})


async def _whole(request: Request, body: Arriving) -> bytes:
    large = ServiceError(f"the body is larger than {_MAX_BODY_BYTES // 1024**2} MiB", code="BODY_TOO_LARGE")
    large.status = 413
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:18]) > _MAX_BODY_BYTES:
        raise large
    text = bytearray()
    async for chunk in body.chunks():
        text += chunk
        if len(text) > _MAX_BODY_BYTES:
            raise large
    return bytes(text)


def _decoded(text: bytes) -> dict[str, str]:
    """The fields of a form in the older encoding, which has no room for a film."""
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError:
        raise DocumentError("the form cannot be read", detail="body") from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        shown = name[:80]
        if name not in FIELDS:
            raise DocumentError(f"the form has a field that is not known here: {shown}", detail=f"{shown}: unknown")
        if name in fields:
            raise DocumentError(f"the form has more than one field {shown}", detail=f"{shown}: twice")
        fields[name] = value
    return fields


def _checked_gemini(key: str | None) -> str | None:
    """The key without what surrounds it; empty ones say nothing. Raises DocumentError, which does not repeat it."""
    stripped = (key or "").strip()
    if stripped and not _GEMINI_KEY.fullmatch(stripped):
        raise DocumentError("X-Gemini-Key is no key: 1 to 512 visible ASCII characters", detail="X-Gemini-Key")
    return stripped or None


def _repeat(key: str | None, asked: ProcessRequest, content_hash: str | None = None) -> Repeat | None:
    """The Idempotency-Key with the SHA-256 of what was asked for, its film included."""
    if key is None:
        return None
    plain = json.dumps({"clips": asked.model_dump(mode="json"), "file": content_hash}, sort_keys=True)
    return Repeat(key, hashlib.sha256(plain.encode()).hexdigest())
