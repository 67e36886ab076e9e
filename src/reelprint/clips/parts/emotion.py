"""Emotion: emotive words, good and bad, and exclamations."""

from __future__ import annotations

from reelprint.clips.parts.evidence import scored
from reelprint.clips.speech import Speech
from reelprint.clips.stretches import Stretch
from reelprint.core.clips import ScorePart

_BASE, _WITHOUT_LIST = 20, 40
#: For every emotive word in a hundred.
_EACH, _MOST = 9.0, 70.0
_EXCLAMATION, _EXCLAMATIONS_MOST = 6.0, 18.0
_NAMED = 4


def emotion(stretch: Stretch, speech: Speech) -> ScorePart:
    """Share of emotive words (English); exclamations in any language."""
    first, end = stretch.first_word, stretch.end_word
    exclaimed = sum(sentence.kind == "exclamation" for sentence in speech.sentences_in(first, end))
    points = min(_EXCLAMATIONS_MOST, _EXCLAMATION * exclaimed)
    calls = "" if not exclaimed else f"{exclaimed} exclamation{'s' * (exclaimed > 1)}"
    if not speech.lists.known:
        told = calls or "no exclamation"
        return scored(_WITHOUT_LIST + points, f"{told}; emotive words not judged: {speech.lists.lack}")
    found = speech.emotive_in(first, end)
    points += min(_MOST, _EACH * 100 * len(found) / (end - first))
    named = list(dict.fromkeys(speech.terms[index].partition("'")[0] for index in found))
    shown = ", ".join(f"“{term}”" for term in named[:_NAMED]) + " …" * (len(named) > _NAMED)
    reasons = [f"emotive words: {shown} ({len(found)} of {end - first} words)" if named else "no emotive words"]
    return scored(_BASE + points, "; ".join([*reasons, *([calls] * bool(calls))]))
