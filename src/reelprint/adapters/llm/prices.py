"""What calls cost, by the price list that comes inside ``genai-prices``: nothing is ever fetched.

A price is known for a model at an API of a provider in the list. Behind any other address (a gateway, this machine) it
is known only for models that nobody but their maker serves, at the maker's list price. Anything else has no price:
neither a neighbour's nor zero is taken in its place.
"""

from __future__ import annotations

import functools
import importlib
import re
from dataclasses import dataclass
from typing import Any

from reelprint.adapters.llm.reading import Tokens, host

_ONLY_THEIR_MAKERS = (
    ("openai", re.compile(r"(gpt-\d|o\d|chatgpt-)", re.IGNORECASE)),
    ("google", re.compile(r"gemini-", re.IGNORECASE)),
    ("anthropic", re.compile(r"claude-", re.IGNORECASE)),
)


@dataclass(frozen=True)
class Price:
    """US dollars and where the figure is from; None with the reason when it is not known."""

    usd: float | None
    note: str


def price(tokens: Tokens | None, *, asked: str, answered: str | None, base_url: str, provider: str | None) -> Price:
    """The price of one call.

    ``asked`` and ``answered``: the model's name as it was asked for and as the answer says. ``provider``: whose API it
    is by its protocol, None for one that many speak.
    """
    named = answered or asked
    where = host(base_url)
    if tokens is None:
        return Price(None, f"{where} did not count the tokens")
    # Versions of a model (`gpt-4o-mini-2024-07-18`) are sometimes not listed beside it.
    for name in dict.fromkeys((named, asked) if named.startswith(asked) else (named,)):
        if provider is not None:
            usd = _listed(name, tokens, provider_id=provider)
        else:
            usd = _listed(name, tokens, provider_api_url=base_url)
        if usd is not None:
            return Price(usd, f"list price of {name}")
        maker = next((maker for maker, pattern in _ONLY_THEIR_MAKERS if pattern.match(name)), None)
        usd = _listed(name, tokens, provider_id=maker) if maker is not None and not _has_prices(base_url) else None
        if usd is not None:
            return Price(usd, f"its maker's list price of {name}; {where} may charge otherwise")
    return Price(None, f"no price is known for {named} at {where}")


def _listed(model: str, tokens: Tokens, **where: str) -> float | None:
    library = _library()
    cached = min(tokens.cached, tokens.input)
    usage = library.Usage(
        input_tokens=tokens.input, output_tokens=tokens.output, **({"cache_read_tokens": cached} if cached else {})
    )
    try:
        return float(library.calc_price(usage, model_ref=model, **where).total_price)
    except (LookupError, ValueError):
        return None


def _has_prices(base_url: str) -> bool:
    """Whether the address is one of a listed provider: then its own list counts, also where it lacks a model."""
    return any(re.match(provider.api_pattern, base_url) for provider in _providers())


@functools.cache
def _library() -> Any:
    """Loaded when the first price is asked for: the list is large."""
    return importlib.import_module("genai_prices")


@functools.cache
def _providers() -> tuple[Any, ...]:
    return tuple(importlib.import_module("genai_prices.data_snapshot").get_snapshot().providers)
