"""From what a model heard in a piece to words: made-up ones out, times on the sound.

Whisper takes its word times from cross-attention, which runs ahead of the sound (measured against forced alignment:
70 ms, the same on all material), stretches a first word over the pause before it and cuts a last word short. The voice
detector knows better where a pause begins and ends.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from reelprint.adapters.models.whisper_cuts import Piece
from reelprint.adapters.models.whisper_ear import Heard
from reelprint.adapters.models.whisper_voice import Voiced
from reelprint.core.transcript import Word

_AHEAD_S = 0.06
#: The first and the last word of a stretch reach its ends when they are this near to them.
_REACH_BACK_S, _REACH_ON_S = 0.25, 0.3
#: A word this far from any speech was not said.
_OUT_OF_HEARING_S = 0.3
_SHORTEST_WORD_S = 0.04
#: Words between such pauses are one utterance; a short one of which the model is so unsure is noise.
_UTTERANCE_PAUSE_S, _SHORT_S, _GUESS = 1.0, 1.2, 0.35
#: The same words again and again, faster than a mouth can, or more often than anybody would.
_LONGEST_CIRCLE, _CIRCLES, _TOO_FAST_S, _ENDLESS = 12, 3, 0.12, 12
#: Scripts that are written without spaces.
_UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "yue", "km", "bo"})


@dataclass
class _Placed:
    text: str
    start_s: float
    end_s: float
    probability: float
    joined: bool
    stretch: int = -1


def circles(heard: Sequence[Heard]) -> bool:
    """Whether the model went round in circles."""
    return _uncircled(heard) != list(heard)


def words(heard: Sequence[Heard], piece: Piece, language: str) -> list[Word]:
    """Words in seconds of the film, in order, without overlap, inside the piece."""
    spelled = _spelled(_uncircled(heard), piece.start_s, language)
    placed = _apart([word for word in spelled if _place(word, piece.voiced)])
    _reach(placed, piece.voiced)
    return [
        Word(
            text=word.text, start_s=round(word.start_s, 3), end_s=round(word.end_s, 3),
            probability=min(1.0, max(0.0, word.probability)), joined=word.joined,
        )
        for word in _roomy(_plausible(placed))
    ]  # fmt: skip


def _spelled(heard: Sequence[Heard], offset_s: float, language: str) -> list[_Placed]:
    """Punctuation that stands alone goes to the word before it, or away; times become the film's."""
    found: list[_Placed] = []
    for one in heard:
        text = one.text.strip()
        # at the start of a piece the model leaves the space out now and then
        joined = not one.text.startswith(" ") and (bool(found) or language in _UNSPACED)
        if any(sign.isalnum() for sign in text):
            start_s, end_s = (offset_s + time_s + _AHEAD_S for time_s in (one.start_s, one.end_s))
            found.append(_Placed(text, start_s, max(start_s, end_s), one.probability, joined))
        elif joined and found:
            found[-1].text += text
    return found


def _place(word: _Placed, voiced: Sequence[Voiced]) -> bool:
    """Put a word into the stretch of speech that it shares most with, or is nearest to; False: there is none."""
    shares = [min(word.end_s, one.end_s) - max(word.start_s, one.start_s) for one in voiced]
    best = max(range(len(voiced)), key=lambda number: shares[number], default=-1)
    if best < 0 or shares[best] < -_OUT_OF_HEARING_S:
        return False
    stretch, length_s = voiced[best], word.end_s - word.start_s
    word.stretch = best
    if shares[best] > 0:
        word.start_s, word.end_s = max(word.start_s, stretch.start_s), min(word.end_s, stretch.end_s)
    elif word.start_s >= stretch.end_s:
        word.start_s, word.end_s = max(stretch.start_s, stretch.end_s - length_s), stretch.end_s
    else:
        word.start_s, word.end_s = stretch.start_s, min(stretch.end_s, stretch.start_s + length_s)
    return True


def _apart(placed: list[_Placed]) -> list[_Placed]:
    """In the model's order, which is the order of speech: starts never go back, and a word ends where the next begins.

    A word that was put after its followers goes with them: their time is the later evidence.
    """
    for former, word in itertools.pairwise(placed):
        word.stretch = max(word.stretch, former.stretch)
        word.start_s = max(word.start_s, former.start_s)
        word.end_s = max(word.end_s, word.start_s)
        former.end_s = min(former.end_s, word.start_s)
    return placed


def _reach(placed: list[_Placed], voiced: Sequence[Voiced]) -> None:
    """The first and last words of a stretch begin and end with it."""
    for number, word in enumerate(placed):
        stretch = voiced[word.stretch]
        first = number == 0 or placed[number - 1].stretch != word.stretch
        last = number + 1 == len(placed) or placed[number + 1].stretch != word.stretch
        if first and 0 < word.start_s - stretch.start_s < _REACH_BACK_S:
            word.start_s = stretch.start_s
        if last and 0 < stretch.end_s - word.end_s < _REACH_ON_S:
            word.end_s = stretch.end_s


def _plausible(placed: list[_Placed]) -> list[_Placed]:
    """Without short utterances between pauses that the model only guessed at."""
    utterances: list[list[_Placed]] = []
    for word in placed:
        if utterances and word.start_s - utterances[-1][-1].end_s < _UTTERANCE_PAUSE_S:
            utterances[-1].append(word)
        else:
            utterances.append([word])
    return [
        word
        for one in utterances
        if one[-1].end_s - one[0].start_s > _SHORT_S or statistics.fmean(word.probability for word in one) >= _GUESS
        for word in one
    ]


def _roomy(placed: list[_Placed]) -> list[_Placed]:
    """No word shorter than 0.04 s where its neighbours have room to give."""
    for number, word in enumerate(placed):
        following_s = placed[number + 1].start_s if number + 1 < len(placed) else word.end_s
        word.end_s = max(word.end_s, min(following_s, word.start_s + _SHORTEST_WORD_S))
        short_s = _SHORTEST_WORD_S - (word.end_s - word.start_s)
        if short_s > 0 and number:
            former = placed[number - 1]
            word.start_s = min(word.start_s, max(former.start_s + _SHORTEST_WORD_S, word.start_s - short_s))
            former.end_s = min(former.end_s, word.start_s)
    return placed


def _uncircled(heard: Sequence[Heard]) -> list[Heard]:
    """Without the repeats of circles; of each, what was said first stays."""
    kept = list(heard)
    texts = [one.text.strip().strip(".,!?").lower() for one in kept]
    start = 0
    while start < len(kept):
        for length in range(1, min(_LONGEST_CIRCLE, (len(kept) - start) // 2) + 1):
            end = start + length
            while end + length <= len(kept) and texts[end : end + length] == texts[start : start + length]:
                end += length
            rounds = (end - start) // length
            pace_s = (kept[end - 1].end_s - kept[start].start_s) / (end - start)
            if rounds > _ENDLESS or (rounds >= _CIRCLES and pace_s < _TOO_FAST_S):
                del kept[start + length : end], texts[start + length : end]
                break
        start += 1
    return kept
