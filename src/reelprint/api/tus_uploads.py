"""Resumable uploads (tus 1.0): what is checked before the library acts, and what becomes of a finished one."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, Literal
from weakref import WeakValueDictionary

from fastapi import Header
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reelprint.adapters.intake.incoming import too_large
from reelprint.adapters.intake.intake import Intake
from reelprint.adapters.intake.parts import UploadParts, owner_now, valid
from reelprint.api.admission import FIELDS, check_field, intake_of, label
from reelprint.api.auth import owner_of
from reelprint.bootstrap.service import Service
from reelprint.core.errors import Conflict, DocumentError, FileTooLarge, MediaError, NotFound, ServiceError

VERSION = "1.0.0"
BYTES = "application/offset+octet-stream"
_EXTENSIONS = "creation,expiration,termination"
_MAX_FIELD_CHARACTERS = 4096


class Uploads:
    """The uploads of one application."""

    def __init__(self, service: Service) -> None:
        self.parts = UploadParts(service.storage, service.settings.unfinished_upload_hours)
        self.max_bytes = service.settings.max_file_size_bytes
        self._service = service
        self._finishing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __deepcopy__(self, _memo: object) -> Uploads:
        # The library copies its options at every request, hooks included.
        return self

    async def guard(self, request: Request) -> None:
        """Before everything else: whose uploads are seen, and whether the headers make sense."""
        owner_now.set(owner_of(request))
        method, headers = request.method, request.headers
        if method == "OPTIONS":
            return
        if headers.get("tus-resumable") != VERSION:
            raise HTTPException(412, f"Tus-Resumable has to be {VERSION}", {"Tus-Version": VERSION})
        if method == "POST":
            self._check_creation(request)
        elif not valid(request.path_params["uuid"]):
            raise _unknown()
        if method == "PATCH":
            if headers.get("content-type") != BYTES:
                raise HTTPException(415, f"Content-Type has to be {BYTES}")
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

    async def show(
        self,
        uuid: str,
        tus_resumable: Annotated[Literal["1.0.0"], Header(description="version of the protocol")],  # noqa: ARG002
    ) -> Response:
        """Offset and length of an upload; the video it became, once it is finished."""
        info = await self.parts.read_info(uuid)
        if info is None:
            raise _unknown()
        if parsedate_to_datetime(info["expires"]) < datetime.now(UTC):
            raise HTTPException(410, "this upload has expired")
        headers = {
            "Tus-Resumable": VERSION,
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
            "Tus-Resumable": VERSION,
            "Tus-Version": VERSION,
            "Tus-Extension": _EXTENSIONS,
            "Tus-Max-Size": str(self.max_bytes),
        }
        return Response(status_code=204, headers=headers)


def _encoded(name: str, value: str) -> str:
    return f"{name} {base64.b64encode(value.encode()).decode()}" if value else name


def _unknown() -> NotFound:
    return NotFound("there is no such upload", detail="upload id")
