"""Resumable upload by the tus 1.0 protocol, under ``/api/v1/videos/tus``: creation, expiration, termination.

The protocol is tuspyserver's. Around it: what it checks too late or not at all (size, headers, who asks) is checked
before; its uploads are kept in our storage; what it says about itself (OPTIONS) and about an upload (HEAD) is ours,
since it offers extensions that hold whole bodies in memory, and asks clients for optional metadata.
"""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import wraps
from typing import Any
from weakref import WeakValueDictionary

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from tuspyserver import create_tus_router
from tuspyserver.router import TusAPIRoute

from reelprint.adapters.intake.incoming import too_large
from reelprint.adapters.intake.intake import Intake
from reelprint.adapters.intake.parts import UploadParts, owner_now, valid
from reelprint.api.admission import FIELDS, check_field, intake_of, label
from reelprint.api.auth import owner_of
from reelprint.api.schemas import ErrorEnvelope
from reelprint.api.service import PREFIX, base_url_of
from reelprint.bootstrap.service import Service
from reelprint.core.errors import Conflict, DocumentError, FileTooLarge, MediaError, NotFound, ServiceError

_VERSION = "1.0.0"
_EXTENSIONS = "creation,expiration,termination"
_BYTES = "application/offset+octet-stream"
_PATH = "/videos/tus"
_ONE = f"{_PATH}/{{uuid}}"
_MAX_FIELD_CHARACTERS = 4096

Endpoint = Callable[..., Awaitable[Response]]


_DESCRIBED = {
    "POST": ("announce_upload", "Announce a resumable upload (tus)", (404, 412, 413)),
    "PATCH": ("continue_upload", "Send the next bytes of a resumable upload (tus)", (404, 409, 410, 411, 412, 415)),
    "HEAD": ("look_at_upload", "How much of a resumable upload has arrived (tus)", (404, 410, 412)),
    "DELETE": ("give_up_upload", "Give a resumable upload up (tus)", (404, 410, 412)),
    "OPTIONS": ("look_at_tus", "Version, extensions and limits of resumable upload (tus)", ()),
}
_ERRORS = {
    404: "No such upload, or another owner's",
    409: "Upload-Offset is not where the upload stands: ask with HEAD",
    410: "The upload has expired",
    411: "Content-Length is missing",
    412: "Not version 1.0.0 of tus",
    413: "FILE_TOO_LARGE: over MAX_FILE_SIZE_MB, exact to the byte",
    415: "Content-Type is not application/offset+octet-stream",
}


class _Uploads:
    """What our routes and the library's have in common."""

    def __init__(self, service: Service) -> None:
        self.parts = UploadParts(service.storage, service.settings.unfinished_upload_hours)
        self.max_bytes = service.settings.max_file_size_bytes
        self._service = service
        self._finishing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def guard(self, request: Request) -> None:
        """Before everything else: whose uploads are seen, and whether the headers make sense."""
        owner_now.set(owner_of(request))
        method, headers = request.method, request.headers
        if method == "OPTIONS":
            return
        if headers.get("tus-resumable") != _VERSION:
            raise HTTPException(412, f"Tus-Resumable has to be {_VERSION}", {"Tus-Version": _VERSION})
        if method == "POST":
            self._check_creation(request)
        elif not valid(request.path_params["uuid"]):
            raise _unknown()
        if method == "PATCH":
            if headers.get("content-type") != _BYTES:
                raise HTTPException(415, f"Content-Type has to be {_BYTES}")
            if not headers.get("upload-offset", "").isdecimal():
                raise HTTPException(400, "Upload-Offset has to say where the bytes belong")
            if "content-length" not in headers:
                raise HTTPException(411, "Content-Length is missing")

    def _check_creation(self, request: Request) -> None:
        headers = request.headers
        if "upload-concat" in headers or "upload-defer-length" in headers:
            raise DocumentError("this tus extension is not offered; see OPTIONS", detail="Upload-Concat")
        if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            raise DocumentError("announce the upload without a body, then send it with PATCH", detail="body")
        length = headers.get("upload-length")
        if length is None:
            error = ServiceError("Upload-Length is missing", code="MISSING_FIELD", detail="Upload-Length")
            error.status = 422
            raise error
        if not (length.isascii() and length.isdecimal()):
            raise DocumentError("Upload-Length is no number of bytes", detail="Upload-Length")
        if len(length) > 18 or int(length) > self.max_bytes:
            raise too_large(self.max_bytes)

    async def before_creation(self, request: Request) -> Callable[[dict[str, str], dict[str, Any]], Awaitable[None]]:
        """Dependency of the library: checks what is announced."""

        async def check(metadata: dict[str, str], _upload: dict[str, Any]) -> None:
            for name in FIELDS:
                value = metadata.get(name, "")
                if len(value) > _MAX_FIELD_CHARACTERS:
                    raise DocumentError(f"{name} is too long", detail=name)
                if value:
                    await check_field(self._service, owner_of(request), name, value)

        return check

    async def after_last_bytes(
        self, request: Request, response: Response
    ) -> Callable[[str, dict[str, str]], Awaitable[None]]:
        """Dependency of the library: makes a video of an upload."""

        async def finish(upload_id: str, metadata: dict[str, str]) -> None:
            lock = self._finishing.setdefault(upload_id, asyncio.Lock())
            async with lock:
                video_id = await self._finish(intake_of(request), upload_id, owner_of(request), metadata)
            response.headers["Video-Id"] = video_id

        return finish

    async def _finish(self, intake: Intake, upload_id: str, owner: str, metadata: dict[str, str]) -> str:
        info = await self.parts.read_info(upload_id)
        if info is None:
            raise _unknown()
        if info.get("video_id"):
            return str(info["video_id"])  # a client that did not hear the answer asks again
        pieces = await self.parts.pieces(upload_id)
        async with intake.receive() as incoming:
            for piece in pieces:
                async for data in self._service.storage.stream(piece.key):
                    await incoming.write(data)
            if incoming.size_bytes != info["size"]:
                raise Conflict("the upload is not complete", detail="Upload-Offset")
            said = label(owner, metadata.get("filename") or metadata.get("name") or "", metadata)
            try:
                # Of the upload's id: whoever finishes it a second time, in whatever process, makes the same video.
                video = await intake.admit(incoming, f"vid_{upload_id[:12]}", said, repeatable=True)
            except (MediaError, FileTooLarge):
                await self.parts.delete(upload_id)
                raise
        await self.parts.finish(upload_id, video.video_id)
        return video.video_id

    async def show(self, uuid: str) -> Response:
        """Offset and length of an upload; the video it became, once it is finished."""
        info = await self.parts.read_info(uuid)
        if info is None:
            raise _unknown()
        if parsedate_to_datetime(info["expires"]) < datetime.now(UTC):
            raise HTTPException(410, "this upload has expired")
        headers = {
            "Tus-Resumable": _VERSION,
            "Upload-Offset": str(info["offset"]),
            "Upload-Length": str(info["size"]),
            "Upload-Expires": info["expires"],
            "Cache-Control": "no-store",
        }
        if info["metadata"]:
            headers["Upload-Metadata"] = ",".join(_encoded(name, value) for name, value in info["metadata"].items())
        if info.get("video_id"):
            headers["Video-Id"] = info["video_id"]
        return Response(headers=headers)

    async def offer(self) -> Response:
        """What this server can do."""
        headers = {
            "Tus-Resumable": _VERSION,
            "Tus-Version": _VERSION,
            "Tus-Extension": _EXTENSIONS,
            "Tus-Max-Size": str(self.max_bytes),
        }
        return Response(status_code=204, headers=headers)


async def _new_upload_id() -> Callable[[dict[str, str]], dict[str, str]]:
    """Dependency of the library: names uploads, as our storage expects them to be called."""
    return lambda _metadata: {"uid": uuid.uuid4().hex}


def _corrected(endpoint: Endpoint) -> Endpoint:
    """An endpoint of the library, with links that clients can follow from where they are."""

    @wraps(endpoint)
    async def corrected(*args: Any, **kwargs: Any) -> Response:
        response = await endpoint(*args, **kwargs)
        if "location" in response.headers and "request" in kwargs:
            upload_id = response.headers["location"].rpartition("/")[2]
            response.headers["Location"] = f"{base_url_of(kwargs['request'])}{PREFIX}{_PATH}/{upload_id}"
        return response

    return corrected


def _encoded(name: str, value: str) -> str:
    return f"{name} {base64.b64encode(value.encode()).decode()}" if value else name


def _unknown() -> NotFound:
    return NotFound("there is no such upload", detail="upload id")


def tus_router(service: Service) -> APIRouter:
    """The routes of one application, to be included under PREFIX."""
    uploads = _Uploads(service)
    # The library awaits what its types call plain functions.
    hooks: dict[str, Any] = {
        "pre_create_dep": uploads.before_creation,
        "file_dep": _new_upload_id,
        "upload_complete_dep": uploads.after_last_bytes,
    }
    library = create_tus_router(prefix=_PATH, max_size=uploads.max_bytes, storage=uploads.parts, **hooks)
    router = APIRouter(route_class=TusAPIRoute, tags=["videos"], dependencies=[Depends(uploads.guard)])

    def add(path: str, endpoint: Endpoint, method: str, status: int) -> None:
        name, summary, errors = _DESCRIBED[method]
        # The same under several paths is described once.
        shown = path == (_PATH if method in ("POST", "OPTIONS") else _ONE)
        more: dict[int | str, dict[str, Any]] = {
            code: {"model": ErrorEnvelope, "description": _ERRORS[code]} for code in errors
        }
        router.add_api_route(
            path,
            endpoint,
            name=name,
            methods=[method],
            status_code=status,
            summary=summary,
            include_in_schema=shown,
            response_class=Response,
            responses=more,
        )

    add(_ONE, uploads.show, "HEAD", 200)
    for path in (_PATH, f"{_PATH}/", _ONE):
        add(path, uploads.offer, "OPTIONS", 204)
    for route in library.routes:
        if isinstance(route, APIRoute) and route.status_code is not None and route.methods:
            method = min(route.methods)
            if method in ("POST", "PATCH", "DELETE"):
                add(route.path, _corrected(route.endpoint), method, route.status_code)
    return router
