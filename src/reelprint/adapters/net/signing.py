"""Signatures after the Standard Webhooks specification, so that receivers verify with the library they have."""

from __future__ import annotations

import base64
import binascii
import secrets
from datetime import UTC, datetime

from standardwebhooks import Webhook

PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """A random secret as receivers know it: ``whsec_`` and 32 bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def checked_secret(secret: str) -> str:
    """The secret itself. Raises ValueError when it is not ``whsec_`` and base64."""
    told = "has to be whsec_ and base64 (of 24 to 64 random bytes, say)"
    if not secret.startswith(PREFIX):
        raise ValueError(told)
    encoded = secret.removeprefix(PREFIX)
    try:
        # Libraries skip characters that are no base64, each in its own way: a secret with such would not verify.
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except binascii.Error:
        raise ValueError(told) from None
    if not key:
        raise ValueError(told)
    return secret


def signed_headers(secret: str, delivery_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of one attempt. ``at`` is when it is made; the id is the same for every attempt."""
    moment = at.astimezone(UTC)
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(delivery_id, moment, body.decode("utf-8")),
    }
