"""Deliveries: one a job, claimed by one worker at a time, arranged again until they are done."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reelprint.adapters.db.store import Store
from reelprint.core.errors import Conflict, NotFound
from reelprint.core.jobs import JobOutput
from reelprint.core.webhooks import WebhookAttempt
from tests.integration.db.conftest import new_job
from tests.integration.db.test_jobs import sql

URL = "https://example.com/hook"


async def ended(store: Store) -> tuple[str, str]:
    job = new_job(webhook_url=URL)
    await store.jobs.create(job, max_queued=100)
    await store.attempts.start(job.job_id, "w1")
    await store.attempts.complete(job.job_id, 1, {}, JobOutput(film="outputs/a/1/film.mp4"))
    delivery = await store.webhooks.of_job("local", job.job_id)
    assert delivery is not None
    return job.job_id, delivery.delivery_id


def attempt(number: int, status_code: int | None) -> WebhookAttempt:
    return WebhookAttempt(number=number, at=datetime.now(UTC), status_code=status_code, duration_ms=3)


def test_a_job_that_ends_has_one_delivery_and_its_queue_entry(with_store: Any) -> None:
    async def work(store: Store) -> None:
        job_id, delivery_id = await ended(store)
        assert not await store.attempts.complete(job_id, 1, {}, JobOutput())
        rows = await sql(store, "SELECT delivery_id FROM deliveries")
        assert [row[0] for row in rows] == [delivery_id]
        entries = await sql(store, "SELECT args FROM procrastinate_jobs WHERE task_name = 'deliver_webhook'")
        assert [row[0] for row in entries] == [{"subject": delivery_id}]

    with_store(work)


def test_two_workers_never_send_one_delivery_at_once(with_store: Any) -> None:
    async def work(store: Store) -> None:
        _, delivery_id = await ended(store)
        claims = await asyncio.gather(*(store.webhooks.claim(delivery_id) for _ in range(5)))
        assert len([claim for claim in claims if claim is not None]) == 1

    with_store(work)


def test_a_failed_attempt_arranges_the_next_and_a_good_one_ends_it(with_store: Any) -> None:
    async def work(store: Store) -> None:
        job_id, delivery_id = await ended(store)
        await store.webhooks.claim(delivery_id)
        later = datetime.now(UTC) + timedelta(seconds=60)
        await store.webhooks.record(delivery_id, attempt(1, 500), "pending", later)
        assert await store.webhooks.claim(delivery_id) is None, "not due yet"
        await sql(store, "UPDATE deliveries SET next_at = now() - interval '1 minute'")
        assert await store.webhooks.claim(delivery_id) is not None
        await store.webhooks.record(delivery_id, attempt(2, 204), "delivered", None)
        assert await store.webhooks.claim(delivery_id) is None, "done"
        found = await store.webhooks.of_job("local", job_id)
        assert found is not None and found.state == "delivered"
        assert [(one.number, one.status_code) for one in found.attempts] == [(1, 500), (2, 204)]

    with_store(work)


def test_redelivery_keeps_the_id(with_store: Any) -> None:
    async def work(store: Store) -> None:
        job_id, delivery_id = await ended(store)
        await store.webhooks.claim(delivery_id)
        with pytest.raises(Conflict):
            await store.webhooks.redeliver("local", job_id)
        await store.webhooks.record(delivery_id, attempt(1, 204), "delivered", None)
        with pytest.raises(NotFound):
            await store.webhooks.redeliver("somebody else", job_id)
        assert (await store.webhooks.redeliver("local", job_id)).delivery_id == delivery_id
        claimed = await store.webhooks.claim(delivery_id)
        assert claimed is not None and claimed.delivery_id == delivery_id and len(claimed.attempts) == 1

    with_store(work)


def test_an_overdue_delivery_gets_its_queue_entry_back(with_store: Any) -> None:
    async def work(store: Store) -> None:
        _, delivery_id = await ended(store)
        await sql(store, "DELETE FROM procrastinate_jobs")
        await sql(store, "UPDATE deliveries SET next_at = now() - interval '1 minute'")
        await store.webhooks.hint_due()
        entries = await sql(store, "SELECT args FROM procrastinate_jobs WHERE task_name = 'deliver_webhook'")
        assert [row[0] for row in entries] == [{"subject": delivery_id}]

    with_store(work)


def test_a_job_without_a_webhook_has_nothing_to_send(with_store: Any) -> None:
    async def work(store: Store) -> None:
        job = new_job()
        await store.jobs.create(job, max_queued=100)
        await store.jobs.cancel("local", job.job_id)
        assert await store.webhooks.of_job("local", job.job_id) is None
        with pytest.raises(Conflict) as raised:
            await store.webhooks.redeliver("local", job.job_id)
        assert raised.value.code == "NO_WEBHOOK"

    with_store(work)
