"""``/videos/{job_id}/{name}``: the films of clips, their pictures and captions, for the owner of the job."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from reelprint.api import ids
from reelprint.api.docs import file_reply, header
from reelprint.api.files import serve
from reelprint.api.given import Owner, Parts
from reelprint.core.clips_shown import CLIP_TYPES, clip_files
from reelprint.core.errors import NotFound

_BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
_KINDS: dict[str, Any] = {
    kind: {"type": "string"} if kind in ("text/vtt", "application/x-subrip") else _BINARY
    for kind in CLIP_TYPES.values()
}
_PARTS: dict[int, dict[str, Any]] = {
    206: {
        "description": "The requested range",
        "headers": {"Content-Range": header("which bytes")},
        "content": {kind: {"schema": schema} for kind, schema in _KINDS.items()},
    },
    304: {"description": "Nothing has changed since the answer with the ETag in If-None-Match"},
}
_HEADERS = {
    "ETag": header("changes when the file does"),
    "Accept-Ranges": header("bytes"),
    "Content-Disposition": header("a name for the file"),
}

router = APIRouter(tags=["clips"])


@router.head("/videos/{job_id}/{name}", include_in_schema=False, name="get_clip_file_head")
@router.get(
    "/videos/{job_id}/{name}",
    summary="Fetch a file of a clip",
    response_class=Response,
    **file_reply("The file", _KINDS, headers=_HEADERS, more=_PARTS, errors=(404, 416)),
)
async def get_clip_file(request: Request, job_id: str, name: str, owner: Owner, service: Parts) -> Response:
    """A clip's film (.mp4), picture (.jpg) or captions (.srt, .vtt), with ranges; addresses are in the job's result."""
    clips = await service.db.clips.done(owner, ids.clips_job_id(job_id))
    keys = {filename: key for clip in clips for filename, key in clip_files(clip)}
    if name not in keys:
        raise NotFound("there is no such file", detail=name[:80])
    kind = CLIP_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")
    return await serve(service.storage, keys[name], request, kind, name)
