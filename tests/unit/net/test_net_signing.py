"""Receivers verify with the library of the specification."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from reelprint.adapters.net.signing import checked_secret, new_secret, signed_headers

BODY = '{"type":"job.completed","text":"ü"}'.encode()


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5, minutes=30))])
def test_the_librarys_own_verifier_takes_a_signature(zone: timezone) -> None:
    secret = new_secret()
    headers = signed_headers(secret, "msg_0123456789ab", datetime.now(zone), BODY)
    assert set(headers) == {"webhook-id", "webhook-timestamp", "webhook-signature"}
    assert headers["webhook-id"] == "msg_0123456789ab"
    assert abs(int(headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 5
    assert Webhook(secret).verify(BODY, headers) == {"type": "job.completed", "text": "ü"}


@pytest.mark.parametrize("change", ["body", "id", "timestamp", "secret", "age"])
def test_anything_changed_is_noticed(change: str) -> None:
    secret, body, at = new_secret(), BODY, datetime.now(UTC)
    if change == "age":
        at -= timedelta(minutes=6)
    headers = signed_headers(secret, "msg_1", at, body)
    if change == "body":
        body += b" "
    elif change == "id":
        headers["webhook-id"] = "msg_2"
    elif change == "timestamp":
        headers["webhook-timestamp"] = str(int(headers["webhook-timestamp"]) + 1)
    elif change == "secret":
        secret = new_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers)


def test_secrets_that_we_make_are_random_and_long_enough() -> None:
    made = {new_secret() for _ in range(20)}
    assert len(made) == 20
    for secret in made:
        assert checked_secret(secret) == secret
        assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"))) <= 64


def test_a_secret_without_padding_is_taken_and_signs_alike() -> None:
    key = secrets.token_bytes(32)
    padded = "whsec_" + base64.b64encode(key).decode()
    bare = padded.rstrip("=")
    assert bare != padded
    at = datetime.now(UTC)
    assert signed_headers(checked_secret(bare), "msg_1", at, BODY) == signed_headers(padded, "msg_1", at, BODY)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "abc", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_ab-_", "whsec_a", "whsec_hello world"]
)
def test_what_is_no_secret_is_said_before_anything_is_signed(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        checked_secret(secret)
