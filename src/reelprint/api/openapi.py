"""The OpenAPI description: what the routes say of themselves, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from reelprint import __version__
from reelprint.api import clips_examples, examples
from reelprint.api.auth import OPEN
from reelprint.api.clips_schemas import ProcessRequest
from reelprint.api.docs import ERRORS, PLAIN_ERRORS, unpack
from reelprint.api.notice_schemas import WebhookPayload
from reelprint.api.schemas import ErrorEnvelope, JobEvent, JobRequest, Plain, StyleRequest
from reelprint.api.service import PREFIX

_ABOUT = """Restyle footage after a template, measure the template's style (its Style DNA), or cut a long film into
captioned clips.

**Two families**: everything below `/api/v1` (style jobs), and `/api/process`, `/api/status` and `/videos` (clips jobs).
Clips jobs are jobs as well: `/api/v1/jobs` lists, cancels and follows them by the same id.

**Answers** below `/api/v1` have the envelope `{"success", "message", "data"}`; lists are bare; errors are
`{"success": false, "message", "error": {"code", "detail"}}`. Programs look at `error.code`.
The clips family answers with bare JSON, and errors are `{"detail": "..."}`.
Times are ISO 8601 UTC ending in `Z`.

**Keys**: `Authorization: Bearer rp_...`, made with `reelprint keys create NAME`. A key owns what it makes; another's
videos, jobs and styles are 404. Before the first key is made, only this machine is served.

**Limits**: requests per minute and key (RATE_LIMIT_PER_MINUTE; each API process counts for itself), jobs that wait
(MAX_QUEUED_JOBS); both answer 429 with `Retry-After`.

**Requests** may carry `X-Request-ID`; it comes back and is in the logs. JSON bodies may have 16 MiB.

This description is all there is: no page of this server loads anything from elsewhere.
"""
_EVERYWHERE = (400, 401, 403, 429, 500, 503)
_EVERYWHERE_OPEN = (400, 500, 503)
_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_TAGS = {
    "videos": "Upload films, in one request or resumable (tus 1.0).",
    "jobs": "What is to be done with films, and how it goes.",
    "results": "The files of finished jobs.",
    "clips": "Long films in, short captioned clips out.",
    "webhooks": "Notices of jobs that ended.",
    "styles": "Styles kept under a name.",
    "service": "How the server is.",
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole document of an application's routes."""
    document = get_openapi(
        title="Reelprint",
        version=__version__,
        openapi_version="3.1.0",
        description=_ABOUT,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
        license_info={"name": "Apache 2.0", "identifier": "Apache-2.0"},
        separate_input_output_schemas=True,
    )
    components = document["components"]
    schemas = components["schemas"]
    schemas |= _schemas()
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "description": "an API key; not needed before the first one is made",
        }
    }
    components["responses"] = {f"Error{status}": _error(status) for status in ERRORS}
    components["responses"] |= {f"Plain{status}": _error(status, plain=True) for status in ERRORS}
    for path, operation in _operations(document):
        unpack(operation)
        _complete(path, operation)
    document["webhooks"] = _webhooks()
    return document


def _schemas() -> dict[str, Any]:
    """What bodies and events refer to, which the framework does not see."""
    shown = [(kind, "serialization") for kind in (ErrorEnvelope, Plain, JobEvent, WebhookPayload)]
    read = [(kind, "validation") for kind in (JobRequest, StyleRequest, ProcessRequest)]
    _, found = models_json_schema([*read, *shown], ref_template="#/components/schemas/{model}")  # type: ignore[list-item]
    definitions: dict[str, Any] = found["$defs"]
    return definitions


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield path, methods[method]


def _complete(path: str, operation: dict[str, Any]) -> None:
    """Say whether a key is needed, and which errors there are."""
    is_open = path in OPEN
    operation["security"] = [] if is_open else [{"key": []}, {}]
    responses = operation["responses"]
    kind = "Error" if path.startswith(PREFIX) else "Plain"
    wanted = {int(status) for status in responses if status.isdecimal() and int(status) in ERRORS}
    wanted |= set(_EVERYWHERE_OPEN if is_open else _EVERYWHERE)
    # The framework announces 422 for path parameters too; ours take any text, and what is no id is 404.
    ours = responses.get("422", {}).get("description") == ERRORS[422][0]
    takes = any(parameter["in"] != "path" for parameter in operation.get("parameters", ()))
    if takes or ours or "requestBody" in operation:
        wanted.add(422)
    else:
        wanted.discard(422)
    for status in wanted:
        responses[str(status)] = {"$ref": f"#/components/responses/{kind}{status}"}
    if "422" in responses and 422 not in wanted:
        del responses["422"]
    for answer in responses.values():
        if "$ref" not in answer:
            answer.setdefault("headers", {})["X-Request-ID"] = {
                "description": "the id of this request in the logs",
                "schema": {"type": "string"},
            }
    operation["responses"] = dict(sorted(responses.items()))
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter that may be left out: left out it is not null, it is not there."""
    choices: list[dict[str, Any]] = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) != 1:
        return schema
    return {name: value for name, value in schema.items() if name != "anyOf"} | choices[0]


def _error(status: int, *, plain: bool = False) -> dict[str, Any]:
    description, code, message, detail = ERRORS[status]
    example: dict[str, Any] = {"success": False, "message": message, "error": {"code": code, "detail": detail}}
    schema = "ErrorEnvelope"
    if plain:
        description, message = PLAIN_ERRORS.get(status, (description, message))
        example, schema = {"detail": message}, "Plain"
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}
    answer: dict[str, Any] = {"description": description, "content": {"application/json": content}}
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string", "const": "Bearer"}}}
    if status in (429, 503):
        retry = {"description": "seconds after which to try again", "schema": {"type": "string", "pattern": "^[0-9]+$"}}
        answer["headers"] = {"Retry-After": retry}
    return answer


def _webhooks() -> dict[str, Any]:
    """The requests that we make (Standard Webhooks)."""
    headers = {
        "webhook-id": "the same in every attempt: a notice with an id that was seen before is a repetition",
        "webhook-timestamp": "when this attempt was made, in seconds since 1970; refuse old ones",
        "webhook-signature": "`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body` with the secret's bytes",
    }
    parameters = [
        {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
        for name, text in headers.items()
    ]
    endings: dict[str, dict[str, Any]] = {
        "completed": {"a style job": examples.WEBHOOK, "a clips job": clips_examples.WEBHOOK},
        "failed": {"a style job": examples.WEBHOOK_FAILED},
        "cancelled": {"a style job": examples.WEBHOOK_CANCELLED},
    }
    answer = {"2XX": {"description": "Taken. Anything else, or nothing within 10 s, is tried again for about 24 hours"}}
    return {
        f"job.{ending}": {
            "post": {
                "operationId": f"on_job_{ending}",
                "summary": f"A job is {ending}" if ending != "failed" else "A job has failed",
                "tags": ["webhooks"],
                "security": [],
                "parameters": parameters,
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/WebhookPayload"},
                            "examples": {name: {"value": value} for name, value in shown.items()},
                        }
                    },
                },
                "responses": answer,
            }
        }
        for ending, shown in endings.items()
    }
