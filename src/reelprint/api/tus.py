"""Resumable upload by the tus 1.0 protocol, under ``/api/v1/videos/tus``: creation, expiration, termination.

The protocol is tuspyserver's. Around it: what it checks too late or not at all (size, headers, who asks) is checked
before; its uploads are kept in our storage; what it says about itself (OPTIONS) and about an upload (HEAD) is ours,
since it offers extensions that hold whole bodies in memory, and asks clients for optional metadata.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Any, Literal

from fastapi import APIRouter, Depends, Header
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from tuspyserver import create_tus_router
from tuspyserver.router import TusAPIRoute

from reelprint.api.arriving import impatient
from reelprint.api.schemas import ErrorEnvelope
from reelprint.api.service import PREFIX, base_url_of
from reelprint.api.tus_uploads import BYTES, Uploads
from reelprint.bootstrap.service import Service

_PATH = "/videos/tus"
_ONE = f"{_PATH}/{{uuid}}"

Endpoint = Callable[..., Awaitable[Response]]

_DESCRIBED = {
    "POST": ("announce_upload", "Announce a resumable upload (tus)", (404, 412, 413)),
    "PATCH": ("continue_upload", "Send the next bytes of a resumable upload (tus)", (404, 409, 410, 411, 412, 415)),
    "HEAD": ("look_at_upload", "How much of a resumable upload has arrived (tus)", (404, 410, 412)),
    "DELETE": ("give_up_upload", "Give a resumable upload up (tus)", (404, 410, 412)),
    "OPTIONS": ("look_at_tus", "Version, extensions and limits of resumable upload (tus)", ()),
}
#: Headers that the guard looks at, or that belong to HTTP: nothing for the description of the API.
_HIDDEN = frozenset(("content_length", "content_type", "upload_concat", "upload_defer_length"))
_LENGTH = "upload_length"  # of a POST only
_PARAMETERS: dict[str, tuple[Any, Any]] = {
    "tus_resumable": (Literal["1.0.0"], Header(description="version of the protocol")),
    "upload_length": (int, Header(ge=0, description="bytes of the whole file")),
    "upload_offset": (int, Header(ge=0, description="where these bytes belong: as many as have arrived")),
    "upload_metadata": (
        str | None,
        Header(
            default=None,
            description="pairs of a name and a value in base64, separated by commas: `filename`, and as in the form "
            "upload `template_video_id` and `webhook_url`",
        ),
    ),
}
_BODY = {
    "requestBody": {"required": True, "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}},
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


def tus_router(service: Service) -> APIRouter:
    """The routes of one application, to be included under PREFIX."""
    uploads = Uploads(service)
    # The library awaits what its types call plain functions.
    hooks: dict[str, Any] = {
        "pre_create_dep": uploads.before_creation,
        "file_dep": _new_upload_id,
        "upload_complete_dep": uploads.after_last_bytes,
    }
    library = create_tus_router(
        prefix=_PATH,
        max_size=uploads.max_bytes,
        days_to_keep=math.ceil(service.settings.unfinished_upload_hours / 24),
        storage=uploads.parts,
        **hooks,
    )
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
            openapi_extra=_BODY if method == "PATCH" else None,
            responses=more,
        )

    add(_ONE, uploads.show, "HEAD", 200)
    for path in (_PATH, f"{_PATH}/", _ONE):
        add(path, uploads.offer, "OPTIONS", 204)
    for route in library.routes:
        if isinstance(route, APIRoute) and route.status_code is not None and route.methods:
            method = min(route.methods)
            if method in ("POST", "PATCH", "DELETE"):
                hidden = _HIDDEN if method == "POST" else _HIDDEN | {_LENGTH}
                add(route.path, _corrected(route.endpoint, hidden), method, route.status_code)
    return router


async def _new_upload_id() -> Callable[[dict[str, str]], dict[str, str]]:
    """Dependency of the library: names uploads, as our storage expects them to be called."""
    return lambda _metadata: {"uid": uuid.uuid4().hex}


def _corrected(endpoint: Endpoint, unseen: frozenset[str]) -> Endpoint:
    """An endpoint of the library that takes what we offer, and gives links that clients can follow."""
    wanted = signature(endpoint)
    hidden = [name for name in wanted.parameters if name in unseen]

    @wraps(endpoint)
    async def corrected(*args: Any, **kwargs: Any) -> Response:
        request: Request | None = kwargs.get("request")
        for name in hidden:
            given = request.headers.get(name.replace("_", "-")) if request is not None and name != _LENGTH else None
            kwargs[name] = int(given) if name == "content_length" and given is not None else given
        response = await endpoint(*args, **kwargs)
        if "location" in response.headers and request is not None:
            upload_id = response.headers["location"].rpartition("/")[2]
            response.headers["Location"] = f"{base_url_of(request)}{PREFIX}{_PATH}/{upload_id}"
        return response

    shown = [_described(parameter) for name, parameter in wanted.parameters.items() if name not in hidden]
    corrected.__signature__ = wanted.replace(parameters=shown)  # type: ignore[attr-defined] # what the framework reads
    return corrected


def _described(parameter: Parameter) -> Parameter:
    """A parameter as clients should see it.

    PATCH takes its body in a dependency, which has a switch for the library's own use that no client should see, and
    which would wait for a silent client for ever.
    """
    if parameter.name in _PARAMETERS:
        annotation, default = _PARAMETERS[parameter.name]
        return parameter.replace(annotation=annotation, default=default)
    if parameter.name != "_" or "post_request" not in signature(parameter.default.dependency).parameters:
        return parameter
    take = parameter.default.dependency

    async def take_body(request: Request, uuid: str) -> object:
        heard = Request(request.scope, impatient(request.receive))
        return await take(request=heard, uuid=uuid, post_request=False)

    return parameter.replace(default=Depends(take_body))
