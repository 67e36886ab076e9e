"""One attempt at a time until the receiver takes it: what arrives, what is recorded, when it comes again."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import time
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import structlog
from standardwebhooks import Webhook, WebhookVerificationError

from reelprint.adapters.db import webhooks as rows
from reelprint.adapters.net.guarded import GuardedHttp
from reelprint.adapters.net.signing import new_secret
from reelprint.core.webhooks import signing_secret
from reelprint.settings import Settings
from reelprint.worker.webhooks import LIMIT_S, deliver
from tests.integration.webhooks.deliveries import PAYLOAD, Deliveries, Values, store
from tests.unit.net.receivers import Receiver, Reply, answering, dripping_headers, receiver, silent

SECRET = new_secret()


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("WEBHOOK_ALLOW", "127.0.0.0/8")
    return Settings()


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


async def sent(reply: Reply, settings: Settings, times: int = 1, **how: Any) -> tuple[Deliveries, Receiver]:
    """Make ``times`` attempts, each as soon as the one before has failed."""
    async with receiver(reply) as seen:
        deliveries = Deliveries(f"http://127.0.0.1:{seen.port}/hook?token=word")
        db = store(deliveries)
        for index in range(times):
            if index:
                deliveries.make_due()
            await deliver(deliveries.row.delivery_id, db, settings, **how)
        return deliveries, seen


def test_a_delivery_arrives_signed_and_whole(settings: Settings) -> None:
    deliveries, seen = run(sent(answering(200), settings))
    (request,) = seen.requests
    assert request.line == "POST /hook?token=word HTTP/1.1"
    assert request.headers["content-type"] == "application/json"
    assert Webhook(SECRET).verify(request.body, request.headers) == PAYLOAD
    assert request.headers["webhook-id"] == "msg_0123456789ab"
    row = deliveries.row
    assert (row.state, row.next_at) == ("delivered", None)
    (attempt,) = row.attempts
    assert (attempt.number, attempt.status_code, attempt.error) == (1, 200, None)
    assert attempt.duration_ms is not None
    assert abs(attempt.at - datetime.now(UTC)) < timedelta(seconds=10)


def test_a_jobs_own_secret_signs_its_webhook_also_when_sent_again(settings: Settings) -> None:
    own = signing_secret("plain words")

    async def twice() -> Receiver:
        async with receiver(answering(200)) as seen:
            deliveries = Deliveries(f"http://127.0.0.1:{seen.port}/hook")
            for _ in range(2):
                await deliver(deliveries.row.delivery_id, store(deliveries, own=own), settings)
                deliveries.make_due()
            return seen

    seen = run(twice())
    assert len(seen.requests) == 2
    for request in seen.requests:
        assert Webhook(b"plain words").verify(request.body, request.headers) == PAYLOAD
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(request.body, request.headers)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_enough(settings: Settings, status: int) -> None:
    deliveries, _ = run(sent(answering(status, body=b""), settings))
    assert deliveries.row.state == "delivered"


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 400, 401, 404, 410, 429, 500, 502, 503, 504])
def test_any_other_answer_is_a_failure_and_comes_again(settings: Settings, status: int) -> None:
    deliveries, seen = run(sent(answering(status, "Location: http://127.0.0.1:1/", "Retry-After: 9999"), settings))
    row = deliveries.row
    assert len(seen.requests) == 1
    assert row.state == "pending"
    assert row.attempts[0].status_code == status
    assert str(status) in str(row.attempts[0].error)
    assert row.next_at is not None
    assert timedelta(seconds=3) < row.next_at - datetime.now(UTC) < timedelta(seconds=6)


def test_every_attempt_carries_the_same_id_and_body_and_its_own_time(settings: Settings) -> None:
    async def work() -> None:
        async with receiver(answering(500)) as seen:
            deliveries = Deliveries(f"http://127.0.0.1:{seen.port}/")
            db = store(deliveries)
            await deliver("msg_0123456789ab", db, settings)
            await asyncio.sleep(1.1)
            deliveries.make_due()
            await deliver("msg_0123456789ab", db, settings)
            first, second = seen.requests
            assert first.headers["webhook-id"] == second.headers["webhook-id"]
            assert first.body == second.body
            assert int(second.headers["webhook-timestamp"]) > int(first.headers["webhook-timestamp"])
            for request in seen.requests:
                Webhook(SECRET).verify(request.body, request.headers)

    run(work())


def test_the_schedule_ends_in_failed_and_redelivery_sends_again(settings: Settings) -> None:
    async def work() -> None:
        reply = answering(500)

        async def told(writer: asyncio.StreamWriter) -> None:
            await reply(writer)

        async with receiver(told) as seen:
            deliveries = Deliveries(f"http://127.0.0.1:{seen.port}/")
            db = store(deliveries)
            waits: list[float] = []
            for number in range(1, 12):
                deliveries.make_due()
                await deliver("msg_0123456789ab", db, settings)
                row = deliveries.row
                assert [attempt.number for attempt in row.attempts] == list(range(1, number + 1))
                if row.next_at is not None:
                    waits.append((row.next_at - datetime.now(UTC)).total_seconds())
            assert (row.state, row.next_at) == ("failed", None)
            assert len(waits) == 10
            assert all(later > earlier for earlier, later in pairwise(waits))
            assert 21 * 3600 < sum(waits) < 27 * 3600

            await deliver("msg_0123456789ab", db, settings)
            assert len(seen.requests) == 11, "what has failed for good is left alone"

            reply = answering(200)
            deliveries.make_due()
            await deliver("msg_0123456789ab", db, settings)
            assert deliveries.row.state == "delivered"
            assert deliveries.row.attempts[-1].number == 12
            assert {request.headers["webhook-id"] for request in seen.requests} == {"msg_0123456789ab"}

    run(work())


def test_what_is_not_due_or_already_delivered_is_left_alone(settings: Settings) -> None:
    async def work() -> None:
        async with receiver(answering(200)) as seen:
            deliveries = Deliveries(f"http://127.0.0.1:{seen.port}/")
            db = store(deliveries)
            later = datetime.now(UTC) + timedelta(minutes=5)
            deliveries.row = deliveries.row.model_copy(update={"next_at": later})
            await deliver("msg_0123456789ab", db, settings)
            await deliver("msg_unknown", db, settings)
            assert (seen.connections, deliveries.row.attempts) == (0, ())
            deliveries.make_due()
            for _ in range(3):
                await deliver("msg_0123456789ab", db, settings)
            assert len(seen.requests) == 1

    run(work())


def test_two_workers_with_the_same_hint_send_once(settings: Settings) -> None:
    async def work() -> None:
        async with receiver(answering(200)) as seen:
            deliveries = Deliveries(f"http://127.0.0.1:{seen.port}/")
            db = store(deliveries)
            await asyncio.gather(*(deliver("msg_0123456789ab", db, settings) for _ in range(8)))
            assert len(seen.requests) == 1

    run(work())


def test_a_claim_outlasts_an_attempt() -> None:
    assert LIMIT_S == 10
    assert rows._CLAIM_S > 2 * LIMIT_S


@pytest.mark.parametrize("reply", [silent, dripping_headers])
def test_a_receiver_that_never_answers_costs_the_limit_and_is_tried_again(settings: Settings, reply: Reply) -> None:
    began = time.monotonic()
    deliveries, _ = run(sent(reply, settings, limit_s=0.4))
    assert time.monotonic() - began < 8
    (attempt,) = deliveries.row.attempts
    assert (attempt.status_code, deliveries.row.state) == (None, "pending")
    assert attempt.error
    assert 300 < (attempt.duration_ms or 0) < 2000


def test_a_name_that_leads_to_a_refused_address_fails_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name server may come to its senses; so the schedule goes on, and a later attempt arrives."""
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("WEBHOOK_ALLOW", "127.0.0.1/32")
    answers = ["10.0.0.1", "127.0.0.2", "127.0.0.1"]

    async def resolve(_host: str, _port: int) -> Sequence[Any]:
        return [ipaddress.ip_address(answers.pop(0))]

    async def work() -> None:
        async with receiver(answering(200)) as seen:
            deliveries = Deliveries(f"http://hooks.example:{seen.port}/")
            db = store(deliveries)
            settings = Settings()
            http = GuardedHttp(settings.webhook_allow, resolve=resolve)
            for number in (1, 2):
                deliveries.make_due()
                await deliver("msg_0123456789ab", db, settings, http=http)
                assert deliveries.row.state == "pending"
                assert deliveries.row.next_at is not None
                assert len(deliveries.row.attempts) == number
                attempt = deliveries.row.attempts[-1]
                assert attempt.status_code is None
                assert "must not be reached" in str(attempt.error)
                assert "10.0.0.1" not in str(attempt.error)
            assert seen.connections == 0
            deliveries.make_due()
            await deliver("msg_0123456789ab", db, settings, http=http)
            assert deliveries.row.state == "delivered"

    run(work())


def test_without_settings_loopback_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEBHOOK_ALLOW", raising=False)
    deliveries, seen = run(sent(answering(200), Settings()))
    assert seen.connections == 0
    assert deliveries.row.state == "pending"


def test_without_a_secret_one_is_made_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEBHOOK_SECRET", raising=False)
    monkeypatch.setenv("WEBHOOK_ALLOW", "127.0.0.0/8")

    async def work() -> None:
        async with receiver(answering(200)) as seen:
            values = Values()
            for _ in range(2):
                deliveries = Deliveries(f"http://127.0.0.1:{seen.port}/")
                await deliver("msg_0123456789ab", store(deliveries, values), Settings())
            (secret,) = values.kept.values()
            assert len(seen.requests) == 2
            for request in seen.requests:
                Webhook(secret).verify(request.body, request.headers)

    run(work())


def test_texts_of_any_language_survive_the_signature(settings: Settings) -> None:
    payload = {**PAYLOAD, "error": {"stage": None, "message": "日本語 ü \u2028 \"'\\ </script>"}}

    async def work() -> None:
        async with receiver(answering(200)) as seen:
            deliveries = Deliveries(f"http://127.0.0.1:{seen.port}/", payload)
            await deliver("msg_0123456789ab", store(deliveries), settings)
            (request,) = seen.requests
            assert Webhook(SECRET).verify(request.body, request.headers) == payload
            assert json.loads(request.body) == payload

    run(work())


def test_neither_secret_nor_token_of_the_url_is_logged(settings: Settings) -> None:
    with structlog.testing.capture_logs() as logs:
        run(sent(answering(500), settings))
    (line,) = logs
    assert line["delivery_id"] == "msg_0123456789ab"
    assert line["status_code"] == 500
    assert "word" not in str(logs)
    assert SECRET not in str(logs)
