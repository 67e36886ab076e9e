"""What logs must not show: keys, webhook secrets, tokens and passwords, wherever they turn up."""

from __future__ import annotations

import re

HIDDEN = "***"

#: Fields whose value is hidden whatever it is, with "-" read as "_".
_FIELDS = frozenset(
    ("authorization", "cookie", "set_cookie", "password", "passwd", "secret", "token", "api_key", "x_gemini_key")
)
_FIELD_ENDS = ("_secret", "_password", "_token", "_api_key")

_TEXTS = (
    (re.compile(r"(?<![A-Za-z0-9])rp_[A-Za-z0-9_-]{6,}"), "rp_" + HIDDEN),
    (re.compile(r"whsec_[A-Za-z0-9+/=_-]+"), "whsec_" + HIDDEN),
    (re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE), r"\1 " + HIDDEN),
    # The password of a URL (up to the last @ before the path), of a libpq connection string, of a signed S3 address.
    (re.compile(r"(?<=://)([^\s/:@\"]*):[^\s/\"]+@"), r"\1:" + HIDDEN + "@"),
    (re.compile(r"\b(password|passwd|x-amz-signature|x-amz-credential)=[^\s&\"']+", re.IGNORECASE), r"\1=" + HIDDEN),
)


def hide_in_text(text: str) -> str:
    """``text`` with everything that looks like a secret replaced by stars."""
    for pattern, stars in _TEXTS:
        text = pattern.sub(stars, text)
    return text


def hide_fields(value: object) -> object:
    """A copy of nested dicts and lists in which fields that carry secrets by their name hold stars."""
    if isinstance(value, dict):
        return {name: HIDDEN if inner and _secret(name) else hide_fields(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [hide_fields(inner) for inner in value]
    return value


def _secret(name: object) -> bool:
    text = name.decode("latin-1") if isinstance(name, bytes) else str(name)
    plain = text.lower().replace("-", "_")
    return plain in _FIELDS or plain.endswith(_FIELD_ENDS)
