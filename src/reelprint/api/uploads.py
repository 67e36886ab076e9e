"""``POST /api/v1/videos/upload``: a form with a film in it, read while it comes."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from reelprint.adapters.intake.incoming import too_large
from reelprint.adapters.intake.multipart import MAX_REST_BYTES, FormReader
from reelprint.api import ids
from reelprint.api.admission import FIELDS, check_field, intake_of, label
from reelprint.api.answers import success
from reelprint.api.arriving import Arriving
from reelprint.api.auth import owner_of
from reelprint.api.docs import reply
from reelprint.api.errors import failure_of
from reelprint.api.examples import enveloped
from reelprint.api.forms import Form
from reelprint.api.schemas import Success
from reelprint.api.service import request_id_of, service_of
from reelprint.api.videos import EXAMPLE, VideoData, video_data
from reelprint.core.errors import ReelprintError, ServiceError
from reelprint.core.videos import Video

router = APIRouter(tags=["videos"])

_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "the film: mp4, mov, avi, mkv or webm, by content; its name is only a label",
                        },
                        "template_video_id": {
                            "type": "string",
                            "pattern": "^(vid_[0-9a-f]{12})?$",
                            "description": "the default template for jobs on this video",
                        },
                        "webhook_url": {
                            "type": "string",
                            "format": "uri",
                            "maxLength": 2048,
                            "description": "the default webhook for jobs on this video",
                        },
                    },
                },
                "encoding": {"file": {"contentType": "video/*, application/octet-stream"}},
            }
        },
    }
}


@router.post(
    "/videos/upload",
    summary="Upload a film",
    openapi_extra=_FORM,
    **reply(Success[VideoData], enveloped("Video uploaded", EXAMPLE), errors=(404, 408, 413)),
)
async def upload(request: Request) -> Response:
    """Streamed: the server's memory does not grow with the file, and a refused or broken upload leaves nothing behind.

    For large files over bad connections there is resumable upload by the tus protocol under `/api/v1/videos/tus`.
    """
    body = Arriving(request)
    try:
        video = await _receive(request, body)
    except ReelprintError as error:
        answer = failure_of(error, request_id_of(request)).response(request.url.path)
        if not await body.drain():
            # What is still coming belongs to this request; nothing sensible can follow it on this connection.
            answer.headers["Connection"] = "close"
        return answer
    return success("Video uploaded", video_data(video))


async def _receive(request: Request, body: Arriving) -> Video:
    intake, service, owner = intake_of(request), service_of(request), owner_of(request)
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise _missing("send the film as part `file` of a multipart/form-data body")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:18]) > intake.max_bytes + MAX_REST_BYTES:
        raise too_large(intake.max_bytes)

    async def check(name: str, value: str) -> None:
        await check_field(service, owner, name, value)

    async with intake.receive() as incoming:
        form = Form(FIELDS, incoming, check)
        reader = FormReader(content_type)
        async for chunk in body.chunks():
            for event in reader.feed(chunk):
                await form.take(event)
        reader.finish()
        filename = form.filename()
        if filename is None:
            raise _missing("the form has no part `file`")
        return await intake.admit(incoming, ids.new_id("vid"), label(owner, filename, form.fields))


def _missing(message: str) -> ServiceError:
    error = ServiceError(message, code="MISSING_FIELD", detail="file")
    error.status = 422
    return error
