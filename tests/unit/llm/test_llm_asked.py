"""Which model a job uses, by settings and the request's key."""

from __future__ import annotations

import pytest

from reelprint.bootstrap.language import asked_from
from reelprint.settings import Settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LLM_BASE_URL", "LLM_MODEL", "LLM_API_KEY", "LLM_TIMEOUT_S", "GEMINI_BASE_URL", "GEMINI_MODEL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"REELPRINT_{name}", raising=False)


def test_without_settings_and_key_there_is_none() -> None:
    assert asked_from(Settings(), None) is None
    assert asked_from(Settings(), "  ") is None


def test_a_key_in_the_request_means_gemini(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_BASE_URL", "http://127.0.0.1:1/v1")
    asked = asked_from(Settings(), "AIza1 ")
    assert asked is not None
    assert (asked.kind, asked.model, asked.api_key) == ("gemini", "gemini-2.5-flash", "AIza1")
    assert asked.base_url == "https://generativelanguage.googleapis.com/v1beta"
    assert "AIza1" not in repr(asked)


def test_the_configured_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELPRINT_LLM_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("LLM_MODEL", "qwen3")
    monkeypatch.setenv("LLM_TIMEOUT_S", "7.5")
    asked = asked_from(Settings(), None)
    assert asked is not None
    assert (asked.kind, asked.base_url, asked.model) == ("openai", "http://127.0.0.1:1/v1", "qwen3")
    assert (asked.api_key, asked.timeout_s) == (None, 7.5)
    monkeypatch.setenv("LLM_API_KEY", "sk-1")
    asked = asked_from(Settings(), None)
    assert asked is not None and asked.api_key == "sk-1" and "sk-1" not in repr(asked)
