"""The language model that a job asks for."""

from __future__ import annotations

from reelprint.adapters.llm.gemini import GeminiModel
from reelprint.adapters.llm.openai import OpenAiModel
from reelprint.core.clips import LanguageModelAsked
from reelprint.engine.ports import LanguageModel


def language_model(asked: LanguageModelAsked) -> LanguageModel:
    """Make it ready; nothing is sent before the first question."""
    kind = GeminiModel if asked.kind == "gemini" else OpenAiModel
    return kind(asked.base_url, asked.model, asked.api_key, timeout_s=asked.timeout_s)
