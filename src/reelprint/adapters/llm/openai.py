"""OpenAI's chat completions, as OpenAI and everybody who copies it understands them."""

from __future__ import annotations

import json
from typing import Any

import httpx

from reelprint.adapters.llm.asking import PAUSES_S, Asking, Call
from reelprint.adapters.llm.posting import Answered
from reelprint.adapters.llm.reading import Reading, Tokens, count, inner, label


class OpenAiModel(Asking):
    """A model behind ``base_url``/chat/completions. ``api_key`` None: the server needs none.

    Asks for the schema first (``json_schema``, strict), for any JSON object when the server refuses that, and in
    words alone when it refuses that too.
    """

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
            _ChatCompletions(base_url, model, api_key),
            model=model,
            base_url=base_url,
            api_key=api_key,
            timeout_s=timeout_s,
            pauses_s=pauses_s,
        )


class _ChatCompletions:
    forms = 3
    provider = None

    def __init__(self, base_url: str, model: str, api_key: str | None) -> None:
        self._base_url, self._model, self._api_key = base_url, model, api_key

    def call(self, form: int, system: str, user: str, schema: dict[str, Any]) -> Call:
        base = httpx.URL(self._base_url)
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [
                {"role": "system", "content": system if form == 0 else in_words(system, schema)},
                {"role": "user", "content": user},
            ],
        }
        if form == 0:
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": schema},
            }
        elif form == 1:
            body["response_format"] = {"type": "json_object"}
        return Call(
            url=base.copy_with(path=f"{base.path.rstrip('/')}/chat/completions"),
            headers={"Authorization": f"Bearer {self._api_key}"} if self._api_key is not None else {},
            body=body,
        )

    def read(self, data: Any) -> Reading:
        model = label(inner(data, "model"))
        message = inner(data, "choices", 0, "message")
        text = inner(message, "content")
        problem = ""
        if inner(data, "choices", 0, "finish_reason") == "length":
            text, problem = None, "an answer that was cut off"
        elif inner(message, "refusal"):
            text, problem = None, "the model refuses"
        return Reading(text if isinstance(text, str) and text else None, model, _tokens(data), problem)

    def refuses_key(self, answered: Answered) -> bool:
        return bool(inner(answered.data, "error", "code") == "invalid_api_key")

    def wished_pause_s(self, data: Any) -> float | None:  # noqa: ARG002 - told in Retry-After
        return None


def in_words(system: str, schema: dict[str, Any]) -> str:
    """Instructions that carry the schema themselves, for servers that take none."""
    told = "Answer with nothing but one JSON object that fits this JSON Schema:"
    return f"{system}\n\n{told}\n{json.dumps(schema, ensure_ascii=False)}"


def _tokens(data: Any) -> Tokens | None:
    given, made = count(inner(data, "usage", "prompt_tokens")), count(inner(data, "usage", "completion_tokens"))
    if given is None or made is None:
        return None
    return Tokens(given, made, count(inner(data, "usage", "prompt_tokens_details", "cached_tokens")) or 0)
