"""Assembly: which stretches of the footage are in the film, in order, before any rhythm is added."""

from __future__ import annotations

import random
from collections.abc import Sequence

from reelprint.core.analysis import Analysis
from reelprint.core.beat_alignment import beat_alignment
from reelprint.core.sound import Span
from reelprint.core.style import StyleJSON
from reelprint.plan.lengths import MIN_SHOT_S, draw_lengths, wanted_boundaries
from reelprint.plan.phrases import phrase_pieces
from reelprint.plan.pieces import Piece
from reelprint.plan.snapping import Anchors
from reelprint.plan.takes import Take

#: From this share of speech on, the words decide what stays.
SPEECH_LED = 0.35
_MUSIC_LED = 0.5
#: So much speech is what a detector hears in songs.
_STRAY_SPEECH = 0.1


def is_speech_led(footage: Analysis) -> bool:
    """Whether people talk through the footage."""
    return footage.speech.speech_share >= SPEECH_LED


def is_music_led(footage: Analysis) -> bool:
    """Whether music carries the footage, so that its sound may run on under any pictures."""
    music = footage.music.tempo_bpm is not None and footage.speech.music_share >= _MUSIC_LED
    # Where anybody is seen talking, sound that runs on would part lips from words.
    return music and footage.speech.speech_share <= _STRAY_SPEECH


def beats_of(footage: Analysis, style: StyleJSON) -> Anchors:
    """The beats of the footage, held as often as the style cuts on its own; without a word of that, all."""
    devotion = beat_alignment(style)
    return Anchors([beat.time_s for beat in footage.music.beats], 1.0 if devotion is None else devotion)


def whole(takes: Sequence[Take]) -> list[Piece]:
    """Everything, untouched."""
    return [Piece(take, take.start_s, take.end_s) for take in takes]


def shortened(
    takes: Sequence[Take], footage: Analysis, style: StyleJSON, target_s: float, rng: random.Random
) -> list[Piece]:
    """Pieces that add up to ``target_s``: words are kept together, other footage is trimmed take by take."""
    if is_speech_led(footage) and footage.speech.speech:
        return phrase_pieces(takes, footage.speech.speech, footage.timing.duration_s, target_s)
    return _trimmed(takes, footage, style, target_s, rng)


def _trimmed(
    takes: Sequence[Take], footage: Analysis, style: StyleJSON, target_s: float, rng: random.Random
) -> list[Piece]:
    """Choose as many takes as the style would show, spread over the film, and keep the middle of each."""
    chosen = _spread(takes, min(len(takes), wanted_boundaries(style, target_s) + 1))
    while sum(take.duration_s for take in chosen) < target_s and len(chosen) < len(takes):
        rest = [take for take in takes if take not in chosen]
        chosen = sorted([*chosen, max(rest, key=lambda take: take.duration_s)], key=lambda take: take.number)
    room = [take.duration_s for take in chosen]
    given = _share_out(_dealt(draw_lengths(style, len(chosen), target_s, rng), room), room, target_s)
    if is_music_led(footage):
        given = _on_beats(given, room, beats_of(footage, style), rng)
    starts = [_window_start(take, length, footage.speech.speech) for take, length in zip(chosen, given, strict=True)]
    return [
        Piece(take, start, min(take.end_s, start + length))
        for take, start, length in zip(chosen, starts, given, strict=True)
    ]


def _spread(takes: Sequence[Take], count: int) -> list[Take]:
    """``count`` takes at even places of the list; in each stretch the longest one."""
    chosen = []
    for index in range(count):
        first, last = index * len(takes) // count, (index + 1) * len(takes) // count
        chosen.append(max(takes[first:last], key=lambda take: take.duration_s))
    return chosen


def _dealt(lengths: Sequence[float], room: Sequence[float]) -> list[float]:
    """The longest lengths go to the longest takes, so that most of them fit at once."""
    given = [0.0] * len(room)
    for place, length in zip(sorted(range(len(room)), key=lambda index: room[index]), sorted(lengths), strict=True):
        given[place] = min(length, room[place])
    return given


def _share_out(given: Sequence[float], room: Sequence[float], target_s: float) -> list[float]:
    """Give what is missing to takes that have room, in proportion to their room."""
    missing_s = target_s - sum(given)
    spare_s = sum(room) - sum(given)
    share = min(1.0, max(0.0, missing_s / spare_s)) if spare_s > 1e-9 else 0.0
    return [length + (most - length) * share for length, most in zip(given, room, strict=True)]


def _on_beats(given: Sequence[float], room: Sequence[float], beats: Anchors, rng: random.Random) -> list[float]:
    """Move the boundaries between the pieces to beats of the music that runs on under them.

    What one piece gains the next one loses; none passes its take's room or falls under the shortest shot, and the
    total stays.
    """
    lengths = list(given)
    floor = [min(MIN_SHOT_S, length) for length in given]
    at_s = ideal_s = 0.0
    for index in range(len(given) - 1):
        ideal_s += given[index]
        low_s = max(at_s + floor[index], ideal_s - (room[index + 1] - given[index + 1]))
        high_s = min(at_s + room[index], ideal_s + (given[index + 1] - floor[index + 1]))
        end_s = beats.snapped(ideal_s, (given[index], given[index + 1]), low_s, high_s, rng)
        lengths[index] = end_s - at_s
        at_s = end_s
    lengths[-1] = sum(given) - at_s
    return lengths


def _window_start(take: Take, length_s: float, speech: Sequence[Span]) -> float:
    """Where in its take a piece begins: in the middle, or the nearest place where neither end cuts into speech."""
    last_s = max(take.start_s, take.end_s - length_s)
    middle_s = (take.start_s + last_s) / 2
    inside = [span for span in speech if span.end_s > take.start_s and span.start_s < take.end_s]
    edges = [edge for span in inside for edge in (span.start_s, span.end_s)]
    candidates = [middle_s, take.start_s, last_s, *edges, *(edge - length_s for edge in edges)]

    def cost(start_s: float) -> tuple[int, float]:
        ends = (start_s, start_s + length_s)
        return sum(span.start_s < end < span.end_s for span in inside for end in ends), abs(start_s - middle_s)

    return min((start for start in candidates if take.start_s <= start <= last_s), key=cost)
