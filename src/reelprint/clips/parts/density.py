"""Density: how much is said a second, without fillers and pauses."""

from __future__ import annotations

from reelprint.clips.parts.evidence import scored
from reelprint.clips.speech import Speech
from reelprint.clips.stretches import Stretch
from reelprint.core.clips import ScorePart

#: Content words a second that score 100 before anything is taken off; lively talk has 1.2 to 1.5.
_FULL_RATE = 1.8
#: Taken off for a clip that is all pauses, or all fillers.
_PAUSE_POINTS, _FILLER_POINTS = 60, 300


def density(stretch: Stretch, speech: Speech) -> ScorePart:
    """Content words a second for languages with lists; else the rate of speech against the film's own."""
    first, end = stretch.first_word, stretch.end_word
    pauses = min(1.0, speech.pauses_s(first, end) / stretch.duration_s)
    lost = _PAUSE_POINTS * pauses
    if speech.lists.known:
        rate = speech.contents(first, end) / stretch.duration_s
        fillers = speech.filler_count(first, end) / (end - first)
        lost += _FILLER_POINTS * fillers
        reason = f"{rate:.1f} content words a second, {fillers:.0%} fillers, pauses {pauses:.0%} of the time"
        return scored(100 * rate / _FULL_RATE - lost, reason)
    rate = speech.units(first, end) / stretch.duration_s
    unit = "words" if speech.spaced else "letters"
    usual = speech.film_rate
    against = rate / usual if usual > 0 else 1.0
    reason = (
        f"{rate:.1f} {unit} a second (the film's talk {usual:.1f}), pauses {pauses:.0%} of the time; "
        f"fillers not judged: {speech.lists.lack}"
    )
    return scored(60 * against - lost, reason)
