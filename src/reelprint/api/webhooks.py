"""The notice of a job's end: how it went, and sending it again."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from reelprint.api import examples, ids
from reelprint.api.answers import success
from reelprint.api.docs import reply
from reelprint.api.given import Owner, Parts
from reelprint.api.jobs import not_completed
from reelprint.api.schemas import Success, WebhookStatus
from reelprint.api.views import delivery_shown
from reelprint.core.jobs import LIVE

router = APIRouter(tags=["webhooks"])


@router.get(
    "/jobs/{job_id}/webhooks",
    summary="List webhook attempts",
    **reply(Success[WebhookStatus], examples.enveloped("Webhook attempts", examples.DELIVERY), errors=(404,)),
)
async def list_attempts(job_id: str, owner: Owner, service: Parts) -> Response:
    """The notice of a job's end and every attempt to deliver it; `webhook_id` is the same in all of them."""
    delivery = await service.db.webhooks.of_job(owner, ids.job_id(job_id))
    message = "Webhook attempts" if delivery is not None else "There is no webhook of this job"
    return success(message, delivery_shown(job_id, delivery))


@router.post(
    "/jobs/{job_id}/webhooks/redeliver",
    summary="Send the webhook again",
    **reply(
        Success[WebhookStatus],
        examples.enveloped("The webhook is sent again", examples.DELIVERY),
        errors=(404, 409),
    ),
)
async def redeliver(job_id: str, owner: Owner, service: Parts) -> Response:
    """Send the notice again now, under the same `webhook-id`, whether it had arrived or not."""
    view = await service.db.jobs.view(owner, ids.job_id(job_id))
    if view.status in LIVE:
        raise not_completed(view)
    delivery = await service.db.webhooks.redeliver(owner, job_id)
    return success("The webhook is sent again", delivery_shown(job_id, delivery))
