"""``GET /api/status/{job_id}``: what polling clients of clips jobs see."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from reelprint.adapters.db.clips import ClipsState
from reelprint.api import clips_examples, ids
from reelprint.api.answers import bare
from reelprint.api.auth import owner_of
from reelprint.api.clips_schemas import ClipsStatus
from reelprint.api.docs import reply
from reelprint.api.service import service_of
from reelprint.core.clips_shown import clip_path, result_shown
from reelprint.core.jobs import TERMINAL

router = APIRouter(tags=["clips"])


@router.get(
    "/status/{job_id}",
    summary="Look at a clips job",
    **reply(ClipsStatus, clips_examples.STATUS, errors=(404,)),
)
async def get_clips_status(request: Request, job_id: str) -> Response:
    """Status, log and clips. Each clip appears when its files are whole; those that are there never change. A job that
    failed or was cancelled keeps the clips that it had. Jobs are forgotten some time after their end: 404 then.

    The first line of the log is `Job <id> queued.`, the second `Job started by worker.`, the last of a success `Process
    finished successfully.`; a failure ends with `Process failed with exit code 1` and `Execution error: <reason>`, a
    cancelled job with `Job cancelled.` Events, cancelling and webhook attempts are under `/api/v1/jobs/{job_id}`.
    """
    # Asked for often: not through the framework's dependencies, which take longer than the answer.
    state = await service_of(request).db.clips.state(owner_of(request), ids.clips_job_id(job_id))
    return bare(_shown(job_id, state))


def _shown(job_id: str, state: ClipsState) -> dict[str, Any]:
    there = state.clips or state.status in TERMINAL
    result = result_shown(state.clips, state.cost, lambda name: clip_path(job_id, name)) if there else None
    return {"status": state.status, "logs": list(state.logs), "result": result}
