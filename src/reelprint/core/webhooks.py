"""Webhook deliveries (CONTRACT section 3): one for a job that ended, tried until the receiver takes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from reelprint.core.document import Document

DeliveryState = Literal["pending", "delivered", "failed"]


class WebhookAttempt(Document):
    """One try: ``status_code`` null when no answer came, then ``error`` says why."""

    number: int = Field(ge=1)
    at: datetime
    status_code: int | None = None
    error: str | None = None
    duration_ms: int | None = None


class Delivery(Document):
    """A notice that is due. ``delivery_id`` is the ``webhook-id`` of every attempt."""

    delivery_id: str
    job_id: str
    owner: str
    url: str
    payload: dict[str, Any]
    state: DeliveryState = "pending"
    created_at: datetime
    next_at: datetime | None = None
    attempts: tuple[WebhookAttempt, ...] = ()
