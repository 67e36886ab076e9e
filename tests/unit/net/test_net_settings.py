"""The settings of outgoing requests: read as documented, wrong ones said at the start."""

from __future__ import annotations

import pytest

from reelprint.core.errors import DocumentError
from reelprint.settings import load_settings

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(autouse=True)
def _none_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WEBHOOK_SECRET", "WEBHOOK_ALLOW", "INGEST_ALLOW"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"REELPRINT_{name}", raising=False)


def test_nothing_is_allowed_and_no_secret_known_by_default() -> None:
    settings = load_settings()
    assert (settings.webhook_allow, settings.ingest_allow, settings.webhook_secret) == ((), (), None)


@pytest.mark.parametrize("prefix", ["", "REELPRINT_"])
def test_blocks_and_secret_are_read(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    monkeypatch.setenv(f"{prefix}WEBHOOK_ALLOW", "127.0.0.0/8, ::1")
    monkeypatch.setenv(f"{prefix}INGEST_ALLOW", "10.1.2.3")
    monkeypatch.setenv(f"{prefix}WEBHOOK_SECRET", SECRET)
    settings = load_settings()
    assert [str(block) for block in settings.webhook_allow] == ["127.0.0.0/8", "::1/128"]
    assert [str(block) for block in settings.ingest_allow] == ["10.1.2.3/32"]
    assert settings.webhook_secret is not None
    assert settings.webhook_secret.get_secret_value() == SECRET
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEBHOOK_ALLOW", "example.com"),
        ("INGEST_ALLOW", "10.0.0.0/64"),
        ("WEBHOOK_SECRET", "word"),
        ("WEBHOOK_SECRET", "whsec_!"),
    ],
)
def test_what_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(DocumentError, match=name):
        load_settings()
