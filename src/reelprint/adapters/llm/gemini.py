"""Google's Gemini API."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import httpx

from reelprint.adapters.llm.asking import PAUSES_S, Asking, Call
from reelprint.adapters.llm.openai import in_words
from reelprint.adapters.llm.posting import Answered
from reelprint.adapters.llm.reading import Reading, Tokens, count, inner, label

_SECONDS = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s")


class GeminiModel(Asking):
    """A model behind ``base_url``/models/``model``:generateContent. The key goes in a header, never in the URL."""

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str | None = None,
        *,
        timeout_s: float = 60.0,
        pauses_s: tuple[float, ...] = PAUSES_S,
    ) -> None:
        super().__init__(
            _GenerateContent(base_url, model, api_key),
            model=model,
            base_url=base_url,
            api_key=api_key,
            timeout_s=timeout_s,
            pauses_s=pauses_s,
        )


class _GenerateContent:
    forms = 3
    provider = "google"

    def __init__(self, base_url: str, model: str, api_key: str | None) -> None:
        self._base_url, self._model, self._api_key = base_url, model.removeprefix("models/"), api_key

    def call(self, form: int, system: str, user: str, schema: dict[str, Any]) -> Call:
        base = httpx.URL(self._base_url)
        body: dict[str, Any] = {
            "systemInstruction": {"parts": [{"text": system if form == 0 else in_words(system, schema)}]},
            "contents": [{"role": "user", "parts": [{"text": user}]}],
        }
        if form == 0:
            body["generationConfig"] = {"responseMimeType": "application/json", "responseSchema": _open_api(schema)}
        elif form == 1:
            body["generationConfig"] = {"responseMimeType": "application/json"}
        return Call(
            url=base.copy_with(path=f"{base.path.rstrip('/')}/models/{quote(self._model, safe='')}:generateContent"),
            headers={"x-goog-api-key": self._api_key} if self._api_key is not None else {},
            body=body,
        )

    def read(self, data: Any) -> Reading:
        parts = inner(data, "candidates", 0, "content", "parts")
        told = [
            part["text"]
            for part in (parts if isinstance(parts, list) else ())
            if isinstance(part, dict) and isinstance(part.get("text"), str) and part.get("thought") is not True
        ]
        text: str | None = "".join(told) or None
        problem, ending = "", inner(data, "candidates", 0, "finishReason")
        if ending == "MAX_TOKENS":
            text, problem = None, "an answer that was cut off"
        elif inner(data, "promptFeedback", "blockReason") or ending in ("SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST"):
            text, problem = None, "the model refuses"
        return Reading(text, label(inner(data, "modelVersion")), _tokens(data), problem)

    def refuses_key(self, answered: Answered) -> bool:
        """A wrong key is a 400 like a form that is not understood; the reason tells them apart."""
        details = inner(answered.data, "error", "details")
        reasons = [inner(detail, "reason") for detail in details] if isinstance(details, list) else []
        said = inner(answered.data, "error", "message")
        return "API_KEY_INVALID" in reasons or (isinstance(said, str) and "api key" in said.lower())

    def wished_pause_s(self, data: Any) -> float | None:
        """RetryInfo of an error: ``"retryDelay": "34s"``."""
        details = inner(data, "error", "details")
        for detail in details if isinstance(details, list) else ():
            delay = inner(detail, "retryDelay")
            found = _SECONDS.fullmatch(delay) if isinstance(delay, str) else None
            if found:
                return float(found.group(1))
        return None


def _open_api(schema: Any) -> Any:
    """A JSON schema in the words that Gemini knows: it always refuses what it was not told of, and does not say so."""
    if isinstance(schema, dict):
        return {name: _open_api(value) for name, value in schema.items() if name != "additionalProperties"}
    return [_open_api(value) for value in schema] if isinstance(schema, list) else schema


def _tokens(data: Any) -> Tokens | None:
    used = inner(data, "usageMetadata")
    given, made = count(inner(used, "promptTokenCount")), count(inner(used, "candidatesTokenCount"))
    thought = count(inner(used, "thoughtsTokenCount")) or 0
    if given is None:
        return None
    # An answer without text (blocked, or thoughts only) counts no candidates at all.
    return Tokens(given, (made or 0) + thought, count(inner(used, "cachedContentTokenCount")) or 0)
