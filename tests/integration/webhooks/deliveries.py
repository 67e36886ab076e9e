"""Deliveries kept in memory, with the promises of ``adapters/db/webhooks.py``; its own tests are with the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from reelprint.adapters.db.secrets import JobSecrets
from reelprint.core.webhooks import Delivery, DeliveryState, WebhookAttempt

PAYLOAD: dict[str, Any] = {
    "type": "job.completed",
    "timestamp": "2026-03-01T12:00:00Z",
    "job_id": "job_0123456789ab",
    "status": "completed",
    "progress_percent": 100,
    "output_video_url": "http://localhost:8000/api/v1/jobs/job_0123456789ab/output",
    "processing_time_seconds": 12.5,
}


class Deliveries:
    """``db.webhooks`` with one delivery."""

    def __init__(self, url: str, payload: dict[str, Any] = PAYLOAD) -> None:
        now = datetime.now(UTC)
        self.row = Delivery(
            delivery_id="msg_0123456789ab",
            job_id="job_0123456789ab",
            owner="local",
            url=url,
            payload=payload,
            created_at=now,
            next_at=now,
        )
        self.claimed_until: datetime | None = None

    async def claim(self, delivery_id: str) -> Delivery | None:
        await asyncio.sleep(0)
        now = datetime.now(UTC)
        due = self.row.next_at is not None and self.row.next_at <= now
        free = self.claimed_until is None or self.claimed_until < now
        if delivery_id != self.row.delivery_id or self.row.state != "pending" or not due or not free:
            return None
        self.claimed_until = now + timedelta(seconds=30)
        return self.row

    async def record(
        self, delivery_id: str, attempt: WebhookAttempt, state: DeliveryState, next_at: datetime | None
    ) -> None:
        assert delivery_id == self.row.delivery_id
        attempts = (*self.row.attempts, attempt)
        self.row = self.row.model_copy(update={"attempts": attempts, "state": state, "next_at": next_at})
        self.claimed_until = None

    def make_due(self) -> None:
        """What time does, and what redelivery does."""
        self.row = self.row.model_copy(update={"state": "pending", "next_at": datetime.now(UTC)})


class Values:
    """``db.values``: the first one to ask makes the value."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get_or_create(self, name: str, make: Callable[[], str]) -> str:
        return self.kept.setdefault(name, make())


class Secrets:
    """``db.secrets``: what the job brought with it."""

    def __init__(self, secrets: JobSecrets) -> None:
        self._secrets = secrets

    async def of_job(self, job_id: str) -> JobSecrets:
        return self._secrets


def store(deliveries: Deliveries, values: Values | None = None, own: str | None = None) -> Any:
    """What ``deliver`` takes for the database; ``own``: the job's own secret."""
    secrets = Secrets(JobSecrets(webhook_secret=own))
    return SimpleNamespace(webhooks=deliveries, values=values or Values(), secrets=secrets)
