"""The files of a finished job."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from reelprint.api import ids
from reelprint.api.docs import file_reply, header
from reelprint.api.files import serve
from reelprint.api.given import Owner, Parts
from reelprint.api.jobs import not_completed
from reelprint.bootstrap.service import Service
from reelprint.core.errors import NotFound
from reelprint.core.jobs import LIVE, Job, JobOutput

_BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
_TEXT: dict[str, Any] = {"type": "string"}
_FILM_TYPES = ("video/mp4", "video/quicktime", "video/webm")
_SUFFIXES = {"video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm"}
_HEADERS = {
    "ETag": header("changes when the file does"),
    "Accept-Ranges": header("bytes"),
    "Content-Disposition": header("a name for the file"),
}

router = APIRouter(tags=["results"])

Endpoint = Callable[..., Awaitable[Response]]


def _file(path: str, summary: str, description: str, kinds: dict[str, Any]) -> Callable[[Endpoint], Endpoint]:
    """GET for a file with ranges, and HEAD beside it."""
    parts: dict[int, dict[str, Any]] = {
        206: {
            "description": "The requested range",
            "headers": {"Content-Range": header("which bytes")},
            "content": {kind: {"schema": schema} for kind, schema in kinds.items()},
        },
        304: {"description": "Nothing has changed since the answer with the ETag in If-None-Match"},
    }
    documented = file_reply(description, kinds, headers=_HEADERS, more=parts, errors=(404, 409, 416))

    def add(endpoint: Endpoint) -> Endpoint:
        router.head(path, include_in_schema=False, name=f"{endpoint.__name__}_head")(endpoint)
        return router.get(path, summary=summary, response_class=Response, **documented)(endpoint)

    return add


@_file("/jobs/{job_id}/output", "Fetch the film", "The film", dict.fromkeys(_FILM_TYPES, _BINARY))
async def get_output(request: Request, job_id: str, owner: Owner, service: Parts) -> Response:
    """The film of a completed job, in the format that was asked for; with ranges. An extraction has none: 404."""
    job, output = await _finished(job_id, owner, service)
    kind = output.film_type or "video/mp4"
    return await _served(request, service, job, output.film, kind, f"{job.job_id}.{_SUFFIXES.get(kind, 'mp4')}")


@_file("/jobs/{job_id}/style.cube", "Fetch the grade", "A 3D LUT in the .cube format", {"text/plain": _TEXT})
async def get_cube(request: Request, job_id: str, owner: Owner, service: Parts) -> Response:
    """The grade as a 3D LUT."""
    job, output = await _finished(job_id, owner, service)
    return await _served(request, service, job, output.cube, "text/plain", f"{job.job_id}.cube")


@_file(
    "/jobs/{job_id}/timeline.otio",
    "Fetch the edit",
    "OpenTimelineIO, which is JSON",
    {"application/json": {"type": "object"}},
)
async def get_timeline(request: Request, job_id: str, owner: Owner, service: Parts) -> Response:
    """The edit decisions as an OpenTimelineIO document, for editing programs. An extraction has none: 404."""
    job, output = await _finished(job_id, owner, service)
    return await _served(request, service, job, output.timeline, "application/json", f"{job.job_id}.otio")


@_file("/jobs/{job_id}/report", "Fetch the report", "The picture", {"image/png": _BINARY, "image/svg+xml": _TEXT})
async def get_report(
    request: Request,
    job_id: str,
    owner: Owner,
    service: Parts,
    format: Annotated[
        Literal["png", "svg"] | None, Query(description="instead of what `Accept` says; PNG when nothing is said")
    ] = None,
) -> Response:
    """The Style DNA as a picture."""
    job, output = await _finished(job_id, owner, service)
    if (format or _preferred(request)) == "svg":
        answer = await _served(request, service, job, output.report_svg, "image/svg+xml", f"{job.job_id}.svg")
    else:
        answer = await _served(request, service, job, output.report_png, "image/png", f"{job.job_id}.png")
    answer.headers.append("Vary", "Accept")
    return answer


async def _finished(job_id: str, owner: str, service: Service) -> tuple[Job, JobOutput]:
    """Raises NotFound (no such job, or one that ended without files), Conflict (JOB_NOT_COMPLETED)."""
    job = await service.db.jobs.get(owner, ids.job_id(job_id))
    if job.status in LIVE:
        raise not_completed(job.view)
    if job.kind == "clips":
        raise NotFound("this job makes clips: they are in its status", detail=f"/api/status/{job.job_id}")
    if job.output is None:
        raise NotFound(f"the job is {job.status}: there are no files of it", detail=job.status)
    return job, job.output


async def _served(
    request: Request, service: Service, job: Job, key: str | None, media_type: str, filename: str
) -> Response:
    if key is None:
        raise NotFound(f"a job of this kind ({job.task}) has no such file", detail=job.task)
    return await serve(service.storage, key, request, media_type, filename)


def _preferred(request: Request) -> Literal["png", "svg"]:
    """What ``Accept`` likes best of PNG and SVG; PNG when it does not say."""
    best: dict[str, float] = {"image/png": 0.0, "image/svg+xml": 0.0}
    for part in request.headers.get("accept", "").split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if kind in best:
            quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
            best[kind] = _number(quality)
    return "svg" if best["image/svg+xml"] > best["image/png"] else "png"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
