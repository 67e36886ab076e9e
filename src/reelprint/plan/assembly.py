"""Assembly: which stretches of the footage are in the film, in order, before any rhythm is added."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reelprint.core.analysis import Analysis
from reelprint.core.sound import Span
from reelprint.core.style import StyleJSON
from reelprint.plan.lengths import MIN_SHOT_S, draw_lengths, wanted_boundaries
from reelprint.plan.takes import Take

#: From this share of speech on, the words decide what stays.
SPEECH_LED = 0.35
_MUSIC_LED = 0.5
#: Breath that is left around words, seconds.
_BREATH_S = 0.12


@dataclass(frozen=True)
class Piece:
    """Source time [start_s, end_s) of one take, in film order."""

    take: Take
    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


def is_speech_led(footage: Analysis) -> bool:
    """Whether people talk through the footage."""
    return footage.speech.speech_share >= SPEECH_LED


def is_music_led(footage: Analysis) -> bool:
    """Whether music carries the footage, so that its sound may run on under any pictures."""
    music = footage.music.tempo_bpm is not None and footage.speech.music_share >= _MUSIC_LED
    return music and not is_speech_led(footage)


def whole(takes: Sequence[Take]) -> list[Piece]:
    """Everything, untouched."""
    return [Piece(take, take.start_s, take.end_s) for take in takes]


def shortened(
    takes: Sequence[Take], footage: Analysis, style: StyleJSON, target_s: float, rng: random.Random
) -> list[Piece]:
    """Pieces that add up to ``target_s``: words are kept together, other footage is trimmed take by take."""
    if is_speech_led(footage) and footage.speech.speech:
        return _phrases(takes, footage, target_s)
    return _trimmed(takes, style, target_s, rng)


def _trimmed(takes: Sequence[Take], style: StyleJSON, target_s: float, rng: random.Random) -> list[Piece]:
    """Choose as many takes as the style would show, spread over the film, and keep the middle of each."""
    wanted = min(len(takes), wanted_boundaries(style, target_s) + 1)
    chosen = _spread(takes, wanted)
    while sum(take.duration_s for take in chosen) < target_s and len(chosen) < len(takes):
        rest = [take for take in takes if take not in chosen]
        chosen = sorted([*chosen, max(rest, key=lambda take: take.duration_s)], key=lambda take: take.number)
    lengths = draw_lengths(style, len(chosen), target_s, rng)
    # The longest lengths go to the longest takes, so that most of them fit at once.
    by_take = sorted(chosen, key=lambda take: take.duration_s)
    given = {
        take.number: min(length, take.duration_s) for take, length in zip(by_take, sorted(lengths), strict=True)
    }
    _share_out(given, {take.number: take.duration_s for take in chosen}, target_s)
    pieces = []
    for take in chosen:
        spare_s = take.duration_s - given[take.number]
        start_s = take.start_s + spare_s / 2
        pieces.append(Piece(take, start_s, start_s + given[take.number]))
    return pieces


def _spread(takes: Sequence[Take], count: int) -> list[Take]:
    """``count`` takes at even places of the list; in each stretch the longest one."""
    chosen = []
    for index in range(count):
        first, last = index * len(takes) // count, (index + 1) * len(takes) // count
        chosen.append(max(takes[first:last], key=lambda take: take.duration_s))
    return chosen


def _share_out(given: dict[int, float], room: dict[int, float], target_s: float) -> None:
    """Give what is missing to takes that have room, in proportion to their room."""
    for _ in range(50):
        missing_s = target_s - sum(given.values())
        free = {number: room[number] - length for number, length in given.items() if room[number] > length}
        total_s = sum(free.values())
        if missing_s <= 1e-9 or total_s <= 1e-9:
            return
        for number, spare_s in free.items():
            given[number] += min(spare_s, missing_s * spare_s / total_s)


def _phrases(takes: Sequence[Take], footage: Analysis, target_s: float) -> list[Piece]:
    """Keep every phrase and shorten the silences between them; drop phrases from the end if that is not enough."""
    film_s = footage.timing.duration_s
    phrases = _breathing(footage.speech.speech, film_s)
    while len(phrases) > 1 and sum(end - start for start, end in phrases) > target_s:
        phrases.pop()
    kept_s = sum(end - start for start, end in phrases)
    if kept_s > target_s:
        phrases = [(phrases[0][0], phrases[0][0] + target_s)]
    else:
        phrases = _with_silence(phrases, film_s, target_s - kept_s)
    return _cut_at_takes(phrases, takes)


def _breathing(spans: Sequence[Span], film_s: float) -> list[tuple[float, float]]:
    """Speech spans with a breath around them; those that touch become one."""
    phrases: list[tuple[float, float]] = []
    for span in spans:
        start, end = max(0.0, span.start_s - _BREATH_S), min(film_s, span.end_s + _BREATH_S)
        if phrases and start <= phrases[-1][1]:
            phrases[-1] = (phrases[-1][0], max(end, phrases[-1][1]))
        else:
            phrases.append((start, end))
    return phrases


def _with_silence(phrases: list[tuple[float, float]], film_s: float, spare_s: float) -> list[tuple[float, float]]:
    """Spend ``spare_s`` on the silences after (and before) the phrases, each in proportion to its length."""
    last = len(phrases) - 1
    edges = [(0.0, phrases[0][0])] + [
        (phrases[index][1], phrases[index + 1][0] if index < last else film_s) for index in range(len(phrases))
    ]
    silence_s = sum(end - start for start, end in edges)
    share = min(1.0, spare_s / silence_s) if silence_s > 0 else 0.0
    lead_s = (edges[0][1] - edges[0][0]) * share
    result = []
    for index, (start, end) in enumerate(phrases):
        gap = edges[index + 1]
        result.append((start - (lead_s if index == 0 else 0.0), end + (gap[1] - gap[0]) * share))
    return result


def _cut_at_takes(spans: Sequence[tuple[float, float]], takes: Sequence[Take]) -> list[Piece]:
    pieces: list[Piece] = []
    for start, end in spans:
        for take in takes:
            low, high = max(start, take.start_s), min(end, take.end_s)
            if high - low > 1e-6:
                pieces.append(Piece(take, low, high))
    return _without_slivers(pieces)


def _without_slivers(pieces: list[Piece]) -> list[Piece]:
    """Lend a sliver at a take's edge to the piece before it in the same take; keep the rest as it is."""
    result: list[Piece] = []
    for piece in pieces:
        before = result[-1] if result else None
        joins = before is not None and before.take == piece.take and abs(before.end_s - piece.start_s) < 1e-6
        if joins and before is not None and min(piece.duration_s, before.duration_s) < MIN_SHOT_S:
            result[-1] = replace(before, end_s=piece.end_s)
        else:
            result.append(piece)
    return result
