"""From a request to a clips job (CONTRACT section 5, ``POST /api/process``)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from reelprint.adapters.db.secrets import JobSecrets
from reelprint.adapters.net.addresses import check_target
from reelprint.adapters.net.fetch_rules import check_fetchable
from reelprint.api import ids
from reelprint.api.bodies import check_storable
from reelprint.api.clips_schemas import ClipsOptions, ProcessRequest
from reelprint.api.errors import invalid
from reelprint.bootstrap.service import Service
from reelprint.core.clip_lengths import options_given
from reelprint.core.clips import ClipOptions, ClipsAsked
from reelprint.core.errors import DocumentError
from reelprint.core.jobs import Job, JobConfig
from reelprint.core.webhooks import signing_secret

FIELDS = tuple(ProcessRequest.model_fields)
"""What a form may hold beside the file."""


@dataclass(frozen=True)
class Asker:
    """Who asks, and how."""

    owner: str
    base_url: str
    request_id: str
    gemini_key: str | None = field(repr=False)


def request_of_json(body: bytes) -> ProcessRequest:
    """A JSON body, read strictly: a number in quotes is no number. Raises ServiceError."""
    if not body.strip():
        return ProcessRequest()
    try:
        return ProcessRequest.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise invalid(error.errors(include_input=False, include_url=False)) from None


def request_of_fields(fields: Mapping[str, str]) -> ProcessRequest:
    """The fields of a form, which are all text; ``options`` is JSON. Raises ServiceError."""
    values: dict[str, Any] = {name: text for name, text in fields.items() if text}
    try:
        if "options" in values:
            values["options"] = _options(values["options"])
        return ProcessRequest.model_validate(values)
    except ValidationError as error:
        raise invalid(error.errors(include_input=False, include_url=False)) from None


async def job_asked_for(
    asked: ProcessRequest, service: Service, asker: Asker, *, has_file: bool
) -> tuple[Job, JobSecrets]:
    """The queued job that a request asks for, without its upload yet, and what is to be kept apart from it.

    Raises DocumentError, AddressRefused, NotFound (the style).
    """
    if (asked.url is not None and asked.url != "") == has_file:
        wrong = "not both" if has_file else "one of them"
        raise DocumentError(f"give a film as file, or its address as url; {wrong}", detail="url, file")
    settings = service.settings
    url = None if has_file else asked.url
    if url is not None:
        check_fetchable(url, settings.ingest_allow)
    if asked.webhook_url is not None:
        check_target(asked.webhook_url, settings.webhook_allow)
    secret = None if asked.webhook_secret is None else signing_secret(asked.webhook_secret)
    said = _merged(asked)
    style_id = said.pop("style_id")
    options = _checked(said)
    style = None
    if style_id is not None:
        style = (await service.db.styles.get(asker.owner, ids.style_id(style_id))).style_json
    now = datetime.now(UTC)
    job = Job(
        job_id=str(uuid.uuid4()),
        owner=asker.owner,
        kind="clips",
        task="clips",
        config=JobConfig(),
        style=style,
        clips=ClipsAsked(url=url, options=options),
        webhook_url=asked.webhook_url,
        base_url=asker.base_url,
        request_id=asker.request_id,
        created_at=now,
        updated_at=now,
    )
    # A secret without a webhook signs nothing.
    return job, JobSecrets(asker.gemini_key, secret if job.webhook_url is not None else None)


def _options(text: str) -> ClipsOptions:
    try:
        return ClipsOptions.model_validate_json(text, strict=True)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise invalid([first | {"loc": ("options", *first["loc"])} for first in found[:1]]) from None


def _merged(asked: ProcessRequest) -> dict[str, Any]:
    """Every option, wherever it stands; the same one twice has to say the same."""
    merged: dict[str, Any] = {}
    for name in ClipsOptions.model_fields:
        beside = getattr(asked, name)
        inside = None if asked.options is None else getattr(asked.options, name)
        if beside is not None and inside is not None and beside != inside:
            raise DocumentError(f"{name} is given twice, and differently", detail=f"{name}, options.{name}")
        merged[name] = inside if beside is None else beside
    return merged


def _checked(said: Mapping[str, Any]) -> ClipOptions:
    check_storable(said.get("prompt"), "prompt")
    try:
        return options_given(said)
    except ValidationError as error:
        # What is wrong with one field was found before: this is about how they fit together.
        message = error.errors(include_input=False, include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise DocumentError(message, detail="clip_min_seconds, clip_max_seconds") from None
