"""Which language model a job is to use: settings and a request's key in, a plain document out.

Light: the worker, which has no model of its own, puts the document into the job that its child runs.
"""

from __future__ import annotations

from reelprint.core.clips import LanguageModelAsked
from reelprint.settings import Settings


def asked_from(settings: Settings, gemini_key: str | None) -> LanguageModelAsked | None:
    """The model of one job: Gemini when the request brought a key, else the configured one, else none."""
    if gemini_key and gemini_key.strip():
        return LanguageModelAsked(
            kind="gemini",
            base_url=settings.gemini_base_url,
            model=settings.gemini_model,
            api_key=gemini_key.strip(),
            timeout_s=settings.llm_timeout_s,
        )
    if settings.llm_base_url is None:
        return None
    key = settings.llm_api_key.get_secret_value().strip() if settings.llm_api_key is not None else ""
    return LanguageModelAsked(
        kind="openai",
        base_url=settings.llm_base_url,
        model=settings.llm_model,
        api_key=key or None,
        timeout_s=settings.llm_timeout_s,
    )
