"""Jobs: create, look, list, cancel, result."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from reelprint.adapters.db.jobs import Repeat
from reelprint.api import examples, ids
from reelprint.api.answers import bare, success
from reelprint.api.asked import job_asked_for
from reelprint.api.auth import owner_of
from reelprint.api.bodies import read_json
from reelprint.api.docs import RETRY_AFTER, header, json_body, reply
from reelprint.api.errors import NotYet
from reelprint.api.etags import etag_of, has_it
from reelprint.api.given import Owner, Parts
from reelprint.api.pages import PageNumber, PageSize, known_page
from reelprint.api.schemas import JobDetailResponse, JobList, JobRequest, JobResponse, Success
from reelprint.api.service import PREFIX, base_url_of, request_id_of, service_of
from reelprint.api.views import job_shown, result_shown
from reelprint.core.errors import DocumentError
from reelprint.core.jobs import LIVE, JobKind, JobStatus, JobView

#: When to ask again for a job that is under way, in seconds.
_POLL_S = 5
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")

router = APIRouter(tags=["jobs"])


@router.post(
    "/jobs",
    summary="Create a job",
    openapi_extra=json_body(JobRequest, examples.JOB_REQUESTS),
    **reply(
        Success[JobResponse],
        examples.enveloped("Job created", examples.JOB_QUEUED),
        headers={"Location": header("where the job is"), "Retry-After": RETRY_AFTER},
        errors=(404, 408, 409, 413, 415, 429),
    ),
)
async def create_job(
    request: Request,
    owner: Owner,
    service: Parts,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=255,
            pattern="^[!-~]+$",
            description="a repeated request with the same key and body gets the first answer (for 24 hours)",
        ),
    ] = None,
) -> Response:
    """Restyle footage, or only extract a style.

    | body has | the job |
    |---|---|
    | `video_id` and a style | extracts (or takes) the style, applies it, renders |
    | `template_video_id` without `video_id` | extracts the template's style, and ends there |
    | `config.mode` "extract" | the same, of the job's template, else the video's default template, else the video |
    | `video_id` without any style | renders the video cleaned up: levels and loudness; the edit stays |

    At most one of `template_video_id`, `config.style_id`, `config.style_json` and `config.preset` names the style; when
    none does, the video's default template is used if it has one. A saved style is taken as it is now.
    """
    repeat_key = checked_key(idempotency_key)
    asked = await read_json(request, JobRequest)
    repeat = None if repeat_key is None else Repeat(repeat_key, _digest(asked))
    if repeat is not None and (first := await service.db.jobs.first_answer(owner, repeat)) is not None:
        # What the first request named may be gone by now.
        return _created(first)
    job = await job_asked_for(
        asked, service, owner=owner, base_url=base_url_of(request), request_id=request_id_of(request)
    )
    view = await service.db.jobs.create(job, max_queued=service.settings.max_queued_jobs, repeat=repeat)
    return _created(view)


def _created(view: JobView) -> Response:
    headers = {"Location": f"{PREFIX}/jobs/{view.job_id}"} | _polling(view)
    return success("Job created", job_shown(view), headers)


@router.get(
    "/jobs",
    summary="List jobs",
    **reply(JobList, examples.JOB_LIST),
)
async def list_jobs(
    owner: Owner,
    service: Parts,
    page: PageNumber = 1,
    page_size: PageSize = 10,
    status: Annotated[JobStatus | None, Query(description="only jobs with this status")] = None,
    kind: Annotated[JobKind | None, Query(description="only jobs of this family")] = None,
) -> Response:
    """Your jobs, newest first. A page past the end is empty."""
    jobs, total = await service.db.jobs.page(owner, known_page(page), page_size, status, kind)
    return bare({"jobs": [job_shown(job) for job in jobs], "total": total, "page": page, "page_size": page_size})


@router.get(
    "/jobs/{job_id}",
    summary="Look at a job",
    **reply(
        Success[JobResponse],
        examples.enveloped("The job is being processed", examples.JOB_PROCESSING),
        headers={"ETag": header("changes with the job"), "Retry-After": RETRY_AFTER},
        more={304: {"description": "Nothing has changed since the answer with the ETag in If-None-Match"}},
        errors=(404,),
    ),
)
async def get_job(
    request: Request,
    job_id: str,
    if_none_match: Annotated[
        str | None, Header(alias="If-None-Match", description="an ETag that was received before")
    ] = None,
) -> Response:
    """Status and progress, and why it failed if it did. While the job is under way, `Retry-After` says when to ask
    again; `events` tells without asking.
    """
    # The most frequent request by far: not through the framework's dependencies, which take longer than the answer.
    view = await service_of(request).db.jobs.view(owner_of(request), ids.job_id(job_id))
    answer = success(_says(view), job_shown(view), _polling(view))
    etag = etag_of(bytes(answer.body))
    if has_it(if_none_match, etag):
        return Response(status_code=304, headers={"ETag": etag} | _polling(view))
    answer.headers["ETag"] = etag
    return answer


@router.get(
    "/jobs/{job_id}/result",
    summary="Get a job's result",
    **reply(
        Success[JobDetailResponse],
        examples.enveloped("The job is completed", examples.JOB_RESULT),
        errors=(404, 409),
    ),
)
async def get_result(job_id: str, owner: Owner, service: Parts) -> Response:
    """The measured style and where the film is, once the job has ended. A failed job tells what it has."""
    job = await service.db.jobs.get(owner, ids.job_id(job_id))
    if job.status in LIVE:
        raise not_completed(job.view)
    return success(_says(job.view), result_shown(job))


@router.post(
    "/jobs/{job_id}/cancel",
    summary="Cancel a job",
    **reply(
        Success[JobResponse],
        examples.enveloped("The job is cancelled", examples.JOB_CANCELLED),
        errors=(404, 409),
    ),
)
async def cancel_job(job_id: str, owner: Owner, service: Parts) -> Response:
    """Stop a job. One that runs stops within 2 seconds, its encoder included."""
    view = await service.db.jobs.cancel(owner, ids.job_id(job_id))
    return success(_says(view), job_shown(view))


def not_completed(view: JobView) -> NotYet:
    """The answer to whoever wants the result of a job that is under way."""
    message = f"{_says(view)}: there is no result yet"
    return NotYet(message, code="JOB_NOT_COMPLETED", detail=view.status, retry_after_s=_POLL_S)


def _polling(view: JobView) -> dict[str, str]:
    return {"Retry-After": str(_POLL_S)} if view.status in LIVE else {}


def _says(view: JobView) -> str:
    match view.status:
        case "queued":
            return "The job waits for a worker"
        case "processing":
            return "The job is being processed"
        case "failed":
            return "The job has failed"
        case ended:
            return f"The job is {ended}"


def checked_key(key: str | None) -> str | None:
    """An Idempotency-Key as it was sent. Raises DocumentError."""
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        raise DocumentError("an Idempotency-Key has 1 to 255 visible ASCII characters", detail="Idempotency-Key")
    return key


def _digest(asked: JobRequest) -> str:
    """SHA-256 of what was asked for, whatever the order of its fields and spaces."""
    plain = json.dumps(asked.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()
