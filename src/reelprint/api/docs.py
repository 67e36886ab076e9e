"""What routes say about themselves beyond their types: answers with examples, headers, errors, bodies.

Examples go through the framework as text, which ``unpack`` undoes: it takes nulls out of whatever it gets.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

RETRY_AFTER: dict[str, Any] = {
    "description": "seconds after which to ask again; while the job is queued or processing",
    "schema": {"type": "string", "pattern": "^[0-9]+$"},
}

#: Filled in by ``openapi``: the errors of a status, with an example.
ERRORS: dict[int, tuple[str, str, str, str]] = {
    400: ("The request breaks HTTP", "BAD_REQUEST", "the Host header is no host", "Host"),
    401: ("No valid credential", "UNAUTHORIZED", "send a valid API key", "Authorization"),
    403: ("Without any key, only this machine is served", "FORBIDDEN", "make an API key", "Authorization"),
    404: ("Unknown, or another owner's", "JOB_NOT_FOUND", "there is no such job", "job_0123456789ab"),
    408: ("The body took too long", "REQUEST_TIMEOUT", "the body took too long to arrive", "body"),
    409: ("Not in this state", "JOB_NOT_COMPLETED", "The job waits for a worker: there is no result yet", "queued"),
    410: ("Expired", "GONE", "the upload has expired; start it again", "upload id"),
    411: ("How much comes was not said", "LENGTH_REQUIRED", "Content-Length is missing", "Content-Length"),
    412: ("Another version of tus", "PRECONDITION_FAILED", "Tus-Resumable has to be 1.0.0", "Tus-Resumable"),
    413: ("Too large", "FILE_TOO_LARGE", "the file is larger than 1000 MiB", "file"),
    415: ("Not JSON", "UNSUPPORTED_MEDIA_TYPE", "send the body as application/json", "Content-Type"),
    416: ("No such range", "RANGE_NOT_SATISFIABLE", "the file has 1000 bytes", "Range"),
    422: ("Something is wrong with the request", "VALIDATION_ERROR", "config.quality: unknown", "config.quality"),
    429: ("Too many requests, or too many jobs waiting", "RATE_LIMITED", "too many requests; slow down", "rate"),
    500: ("Our fault", "INTERNAL_ERROR", "something went wrong on the server; it has been logged", "request 4f1c"),
    503: ("Not now", "SERVICE_UNAVAILABLE", "the database does not answer", "request 4f1c"),
}  # fmt: skip

#: What differs outside of /api/v1: description and message.
PLAIN_ERRORS: dict[int, tuple[str, str]] = {
    400: ("Something is wrong with the request", "clip_max_seconds: Input should be less than or equal to 180"),
    422: ("Something is wrong with the film that was sent", "the upload is no mp4, mov, avi, mkv or webm"),
}


def header(description: str) -> dict[str, Any]:
    """A header of an answer."""
    return {"description": description, "schema": {"type": "string"}}


def reply(
    model: type[BaseModel],
    example: object,
    *,
    headers: Mapping[str, Any] | None = None,
    more: Mapping[int, dict[str, Any]] | None = None,
    errors: Sequence[int] = (),
) -> dict[str, Any]:
    """Arguments of a route whose answer is JSON. Errors that any route can answer with are added to every one."""
    answer: dict[str, Any] = {
        "model": model,
        "description": (model.__doc__ or "").strip().splitlines()[0] if model.__doc__ else "Success",
        "content": {"application/json": {"example": json.dumps(example)}},
    }
    if headers:
        answer["headers"] = dict(headers)
    return {"responses": {200: answer, **(more or {}), **_errors(errors)}, "response_model": None}


def file_reply(
    description: str,
    kinds: Mapping[str, Any],
    *,
    headers: Mapping[str, Any] | None = None,
    more: Mapping[int, dict[str, Any]] | None = None,
    errors: Sequence[int] = (),
) -> dict[str, Any]:
    """Arguments of a route whose answer is no JSON of ours: media type -> schema."""
    answer: dict[str, Any] = {
        "description": description,
        "content": {kind: {"schema": schema} for kind, schema in kinds.items()},
    }
    if headers:
        answer["headers"] = dict(headers)
    return {"responses": {200: answer, **(more or {}), **_errors(errors)}, "response_model": None}


def json_body(model: type[BaseModel], examples: Mapping[str, object]) -> dict[str, Any]:
    """The body of a route that reads it by ``read_json``."""
    named = {name: {"value": json.dumps(value)} for name, value in examples.items()}
    content = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}, "examples": named}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def unpack(operation: dict[str, Any]) -> None:
    """Make examples of an operation what they were."""
    for place in (operation.get("requestBody", {}), *operation["responses"].values()):
        for kind, content in place.get("content", {}).items():
            if kind != "application/json":
                continue
            if isinstance(content.get("example"), str):
                content["example"] = json.loads(content["example"])
            for example in content.get("examples", {}).values():
                example["value"] = json.loads(example["value"])


def _errors(statuses: Sequence[int]) -> dict[int, dict[str, Any]]:
    return {status: {"description": ERRORS[status][0]} for status in statuses}
