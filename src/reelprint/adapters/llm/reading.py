"""Reading what language models send: JSON out of prose, counts that may be lies, names for logs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_MOST_TOKENS = 100_000_000
_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL | re.IGNORECASE)
_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL | re.IGNORECASE)
_LABEL_LENGTH = 80


@dataclass(frozen=True)
class Tokens:
    """What one call used. ``cached`` of the ``input`` tokens were cheaper, if the server says so."""

    input: int
    output: int
    cached: int = 0


@dataclass(frozen=True)
class Reading:
    """One answer, read. ``problem`` says why there is no ``text``; ``tokens`` is None when they were not counted."""

    text: str | None
    model: str | None
    tokens: Tokens | None
    problem: str = ""


def json_object(text: str) -> dict[str, Any] | None:
    """The JSON object in a model's text: alone, in a code fence, or between the outermost braces; None without one."""
    plain = _THOUGHTS.sub("", text).strip()
    fenced = _FENCED.search(plain)
    outer = plain[plain.find("{") : plain.rfind("}") + 1]
    for candidate in (plain, fenced.group(1) if fenced else "", outer):
        try:
            found = json.loads(candidate, parse_constant=_refused)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    return None


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def count(value: object) -> int | None:
    """A count of tokens, or None when it cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_TOKENS:
        return None
    return value


def inner(value: object, *path: str | int) -> Any:
    """What stands at a path of keys and indices in parsed JSON, None where there is nothing."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def label(text: object) -> str | None:
    """A name from outside as it may stand in a log: printable, one line, short; None when nothing is left."""
    if not isinstance(text, str):
        return None
    plain = "".join(char for char in text if char.isprintable())
    return plain.strip()[:_LABEL_LENGTH] or None


def host(url: str) -> str:
    """The host of a URL for logs and notes, without user, password or query."""
    try:
        return label(urlsplit(url).hostname) or "its server"
    except ValueError:
        return "its server"
