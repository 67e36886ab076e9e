"""Prices come from the list inside the package, never from a guess and never from the network."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading

import pytest

from reelprint.adapters.llm.prices import price
from reelprint.adapters.llm.reading import Tokens

OPENAI, GEMINI, LOCAL = (
    "https://api.openai.com/v1",
    "https://generativelanguage.googleapis.com/v1beta",
    "http://10.0.0.5/v1",
)
USED = Tokens(1_000_000, 1_000_000)


def usd(model: str, url: str, *, answered: str | None = None, provider: str | None = None) -> float | None:
    return price(USED, asked=model, answered=answered, base_url=url, provider=provider).usd


def test_listed_models_at_their_makers() -> None:
    assert usd("gpt-4o-mini", OPENAI) == pytest.approx(0.75)
    assert usd("gemini-2.5-flash", GEMINI, provider="google") == pytest.approx(2.8)
    assert usd("my-deployment", OPENAI, answered="gpt-4o-mini-2024-07-18") == pytest.approx(0.75)


def test_a_makers_model_elsewhere_has_the_makers_list_price_and_says_so() -> None:
    found = price(USED, asked="gpt-4o-mini", answered=None, base_url=LOCAL, provider=None)
    assert found.usd == pytest.approx(0.75) and "10.0.0.5 may charge otherwise" in found.note


@pytest.mark.parametrize(
    ("model", "url"),
    [
        ("mistral-small-latest", LOCAL),
        ("deepseek-chat", "http://localhost:11434/v1"),
        ("llama3.2", LOCAL),
        ("gpt-oss-20b", LOCAL),
        ("gpt-4o-mini", "https://api.groq.com/openai/v1"),
        ("no-such-model", OPENAI),
    ],
)
def test_anything_else_has_none(model: str, url: str) -> None:
    found = price(USED, asked=model, answered=None, base_url=url, provider=None)
    assert found.usd is None and model in found.note


def test_cached_tokens_are_cheaper_and_never_more_than_all() -> None:
    def told(tokens: Tokens) -> float:
        found = price(tokens, asked="gpt-4o-mini", answered=None, base_url=OPENAI, provider=None).usd
        assert found is not None
        return found

    assert told(Tokens(1000, 0, cached=500)) == pytest.approx(0.75 * told(Tokens(1000, 0)))
    assert told(Tokens(1000, 0, cached=5000)) == pytest.approx(0.5 * told(Tokens(1000, 0)))


def test_nothing_is_fetched_and_no_thread_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("the network was used")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    threads = set(threading.enumerate())
    assert usd("gpt-4o", OPENAI) is not None
    assert set(threading.enumerate()) == threads


def test_the_list_is_loaded_only_when_a_price_is_asked_for() -> None:
    code = (
        "import sys, reelprint.adapters.llm.models, reelprint.bootstrap.language;"
        "sys.exit('genai_prices' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_worker_reads_what_is_asked_for_without_an_http_client() -> None:
    code = "import sys, reelprint.bootstrap.language; sys.exit('httpx' in sys.modules or 'av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
