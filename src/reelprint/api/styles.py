"""Saved styles: keep, list, get, delete, compare."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from reelprint.api import examples, ids
from reelprint.api.answers import bare, success
from reelprint.api.bodies import check_storable, read_json
from reelprint.api.docs import json_body, reply
from reelprint.api.errors import missing
from reelprint.api.given import Owner, Parts
from reelprint.api.jobs import not_completed
from reelprint.api.pages import PageNumber, PageSize, known_page
from reelprint.api.schemas import StyleDeleted, StyleList, StyleRequest, StyleResponse, Success
from reelprint.api.views import style_shown
from reelprint.bootstrap.service import Service
from reelprint.core.compare import Comparison
from reelprint.core.errors import DocumentError
from reelprint.core.jobs import LIVE
from reelprint.core.saved import SavedStyle
from reelprint.core.style import StyleJSON

router = APIRouter(tags=["styles"])


@router.post(
    "/styles",
    summary="Save a style",
    openapi_extra=json_body(StyleRequest, examples.STYLE_REQUESTS),
    **reply(
        Success[StyleResponse],
        examples.enveloped("Style saved", examples.SAVED_STYLE),
        errors=(404, 408, 409, 413, 415),
    ),
)
async def save_style(request: Request, owner: Owner, service: Parts) -> Response:
    """Keep a style under a name, for `config.style_id` of later jobs: that of a job, or one that is given."""
    asked = await read_json(request, StyleRequest)
    check_storable(asked.name, "name")
    style = SavedStyle(
        style_id=ids.new_id("sty"),
        owner=owner,
        name=asked.name,
        style_json=await _style(asked, owner, service),
        created_at=datetime.now(UTC),
    )
    await service.db.styles.create(style)
    return success("Style saved", style_shown(style))


@router.get("/styles", summary="List styles", **reply(StyleList, examples.STYLE_LIST))
async def list_styles(owner: Owner, service: Parts, page: PageNumber = 1, page_size: PageSize = 10) -> Response:
    """Your saved styles, newest first. A page past the end is empty."""
    styles, total = await service.db.styles.page(owner, known_page(page), page_size)
    return bare({"styles": [style_shown(one) for one in styles], "total": total, "page": page, "page_size": page_size})


@router.get(
    "/styles/compare",
    summary="Compare two styles",
    **reply(Success[Comparison], examples.enveloped("Compared", examples.COMPARISON), errors=(404,)),
)
async def compare_styles(
    owner: Owner,
    service: Parts,
    a: Annotated[str, Query(description="style_id of one style")],
    b: Annotated[str, Query(description="style_id of the other")],
) -> Response:
    """Two saved styles side by side, field by field; distances go from 0 (the same) to 1."""
    first = await service.db.styles.get(owner, ids.style_id(a))
    second = await service.db.styles.get(owner, ids.style_id(b))
    comparison = await asyncio.to_thread(_compared, first.style_json, second.style_json)
    return success("Compared", comparison.model_dump(mode="json"))


@router.get(
    "/styles/{style_id}",
    summary="Get a style",
    **reply(Success[StyleResponse], examples.enveloped("Style found", examples.SAVED_STYLE), errors=(404,)),
)
async def get_style(style_id: str, owner: Owner, service: Parts) -> Response:
    """A saved style."""
    return success("Style found", style_shown(await service.db.styles.get(owner, ids.style_id(style_id))))


@router.delete(
    "/styles/{style_id}",
    summary="Delete a style",
    **reply(
        Success[StyleDeleted], examples.enveloped("Style deleted", {"style_id": "sty_0123456789ab"}), errors=(404,)
    ),
)
async def delete_style(style_id: str, owner: Owner, service: Parts) -> Response:
    """Forget a saved style. Jobs that were made with it keep it."""
    await service.db.styles.delete(owner, ids.style_id(style_id))
    return success("Style deleted", {"style_id": style_id})


async def _style(asked: StyleRequest, owner: str, service: Service) -> StyleJSON:
    """Raises DocumentError, NotFound, Conflict (the job has no style yet)."""
    if asked.job_id is None and asked.style_json is None:
        raise missing("job_id", "name a job (job_id) or give a style (style_json)")
    if asked.job_id is not None and asked.style_json is not None:
        raise DocumentError("give job_id or style_json, not both", detail="job_id, style_json")
    if asked.style_json is not None:
        check_storable(asked.style_json.model_dump(), "style_json")
        return asked.style_json
    job = await service.db.jobs.get(owner, ids.job_id(asked.job_id or ""))
    if job.style_json is not None:
        return StyleJSON.model_validate(job.style_json)
    if job.style is not None:
        return job.style
    if job.status in LIVE:
        raise not_completed(job.view)
    raise DocumentError(f"the job is {job.status} and has no style", detail="job_id")


def _compared(first: StyleJSON, second: StyleJSON) -> Comparison:
    # Here and not above: it brings numpy, which nothing else in this process needs.
    from reelprint.style.compare import compare  # noqa: PLC0415

    return compare(first, second)
