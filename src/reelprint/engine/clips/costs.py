"""What picking came to, from what a language model spent."""

from __future__ import annotations

from reelprint.core.clips import CostAnalysis
from reelprint.core.errors import ModelFailed
from reelprint.core.transcript import Transcript
from reelprint.engine.ports import ModelAnswer

#: Prices are told to a hundred-thousandth of a cent: single calls of small models cost a few of those.
_DIGITS = 7


def local_cost(transcript: Transcript, note: str | None = None) -> CostAnalysis:
    """Without a language model everything is done on this machine."""
    return CostAnalysis(whisper_duration_seconds=round(transcript.speech_s, 3), note=note)


def model_cost(transcript: Transcript, model: str, spent: ModelAnswer | ModelFailed, problem: str = "") -> CostAnalysis:
    """With one: its calls, failed ones included. ``problem``: why its answer was not used.

    ``note`` says that, and why there is no price or where it is from.
    """
    price = spent.price_usd
    notes = [note for note in (problem, spent.price_note) if note]
    return CostAnalysis(
        total_cost=None if price is None else round(price, _DIGITS),
        gemini_api_calls=spent.calls,
        whisper_duration_seconds=round(transcript.speech_s, 3),
        language_model=model,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        note="; ".join(notes) or None,
    )


def told(cost: CostAnalysis) -> str:
    """Calls, tokens and price in a few words."""
    calls = "1 call" if cost.gemini_api_calls == 1 else f"{cost.gemini_api_calls} calls"
    price = "price not known" if cost.total_cost is None else f"${cost.total_cost:.5f}"
    return f"{calls}, {cost.input_tokens} + {cost.output_tokens} tokens, {price}"
