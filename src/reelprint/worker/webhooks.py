"""Sending a webhook: one attempt at a delivery, what came of it, and when the next one is due.

Every answer but 2xx counts as a failure and is tried again until the schedule ends: 410 Gone too, which Standard
Webhooks suggests to take as a wish for silence, because CONTRACT section 3 promises retries after any other answer, and
a webhook belongs to one job, so there is no endpoint to be switched off. Redirects are not followed. A receiver may see
one ``webhook-id`` twice when a worker dies between the answer and the record of it; that is what the id is for.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import structlog

from reelprint.adapters.db.store import Store
from reelprint.adapters.net.guarded import GuardedHttp, NoAnswer
from reelprint.adapters.net.schedule import gap_s
from reelprint.adapters.net.signing import new_secret, signed_headers
from reelprint.core.errors import AddressRefused
from reelprint.core.webhooks import Delivery, DeliveryState, WebhookAttempt
from reelprint.settings import Settings

LIMIT_S = 10.0
"""How long one attempt may take in all. The claim on a delivery lasts longer (``adapters/db/webhooks.py``)."""

log = structlog.get_logger(__name__)


async def deliver(
    delivery_id: str,
    db: Store,
    settings: Settings,
    *,
    http: GuardedHttp | None = None,
    limit_s: float = LIMIT_S,
) -> None:
    """Make one attempt at a delivery if it is due and free; else do nothing. Raises Unavailable."""
    delivery = await db.webhooks.claim(delivery_id)
    if delivery is None:
        return
    own = (await db.secrets.of_job(delivery.job_id)).webhook_secret
    secret = await webhook_secret(db, settings) if own is None else own
    attempt = await _attempt(delivery, secret, http or GuardedHttp(settings.webhook_allow), limit_s)
    state, next_at = _after(delivery, attempt)
    await db.webhooks.record(delivery_id, attempt, state, next_at)
    log.info(
        "webhook sent" if state == "delivered" else "webhook failed",
        delivery_id=delivery_id,
        job_id=delivery.job_id,
        host=urlsplit(delivery.url).hostname,  # paths and queries of such URLs carry secrets
        attempt=attempt.number,
        status_code=attempt.status_code,
        reason=attempt.error,
        duration_ms=attempt.duration_ms,
        next_at=None if next_at is None else next_at.isoformat(),
    )


async def webhook_secret(db: Store, settings: Settings) -> str:
    """What signs the webhooks of jobs that brought no secret: the setting, else one made once for all machines and kept
    in the database.
    """
    if settings.webhook_secret is not None:
        return settings.webhook_secret.get_secret_value()
    return await db.values.get_or_create("webhook_secret", new_secret)


async def _attempt(delivery: Delivery, secret: str, http: GuardedHttp, limit_s: float) -> WebhookAttempt:
    number = delivery.attempts[-1].number + 1 if delivery.attempts else 1
    began = datetime.now(UTC)
    body = json.dumps(delivery.payload, separators=(",", ":"), allow_nan=False).encode("ascii")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "reelprint-webhooks",
        **signed_headers(secret, delivery.delivery_id, began, body),
    }
    try:
        answer = await http.post(delivery.url, headers, body, limit_s)
    except (AddressRefused, NoAnswer) as error:
        took = datetime.now(UTC) - began
        return WebhookAttempt(
            number=number, at=began, error=error.message, duration_ms=round(took / timedelta(milliseconds=1))
        )
    good = 200 <= answer.status_code < 300
    return WebhookAttempt(
        number=number,
        at=began,
        status_code=answer.status_code,
        error=None if good else f"the receiver answered {answer.status_code}",
        duration_ms=answer.duration_ms,
    )


def _after(delivery: Delivery, attempt: WebhookAttempt) -> tuple[DeliveryState, datetime | None]:
    """The state of a delivery after an attempt and, while it is pending, when the next one is due."""
    if attempt.error is None:
        return "delivered", None
    gap = gap_s(attempt.number, delivery.delivery_id)
    if gap is None:
        return "failed", None
    return "pending", datetime.now(UTC) + timedelta(seconds=gap)
