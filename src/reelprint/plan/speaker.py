"""Turns of speakers that an edit may follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from reelprint.core.motion import Focus, FocusTrack, SpeakerTurn

#: A turn with less voice in it than this, or with lips that hardly stand out, passes nothing on.
_MIN_VOICED_S = 0.3
_MIN_CLARITY = 0.12
#: A look this long after a turn's start still tells where its speaker is.
_LOOK_S = 0.3


def believed_turns(focus: FocusTrack, start_s: float, end_s: float) -> list[SpeakerTurn]:
    """The turns of [start_s, end_s), clipped to it; doubtful ones belong to whoever had the word before.

    Neighbours of one face are one turn. The first turn of a stretch is always believed: somebody has to lead.
    """
    turns: list[SpeakerTurn] = []
    for turn in focus.turns:
        begin, end = max(turn.start_s, start_s), min(turn.end_s, end_s)
        if end - begin <= 1e-6:
            continue
        doubtful = turn.voiced_s < _MIN_VOICED_S or turn.clarity < _MIN_CLARITY
        follows = bool(turns) and abs(turns[-1].end_s - begin) < 1e-3
        if follows and (doubtful or turns[-1].face == turn.face):
            before = turns.pop()
            voiced_s = before.voiced_s + turn.voiced_s
            # The clarity of the whole is that of its parts, by how long they were heard.
            parts = before.clarity * before.voiced_s + turn.clarity * turn.voiced_s
            clarity = parts / voiced_s if voiced_s > 0 else min(before.clarity, turn.clarity)
            turns.append(before.model_copy(update={"end_s": end, "voiced_s": voiced_s, "clarity": min(1.0, clarity)}))
        else:
            turns.append(turn.model_copy(update={"start_s": begin, "end_s": end}))
    return turns


def turn_length_s(turns: Sequence[SpeakerTurn], time_s: float) -> float:
    """Length of the turn that a time lies in, 0 outside all."""
    return next((turn.end_s - turn.start_s for turn in turns if turn.start_s <= time_s < turn.end_s), 0.0)


def with_turns(
    moments: dict[float, list[Focus]], turns: Sequence[SpeakerTurn], start_s: float, end_s: float
) -> dict[float, list[Focus]]:
    """The points of each moment with the speaker's face foremost, and a moment at the very start of each turn that
    starts in [start_s, end_s).

    Looks are a quarter of a second apart; a turn starts on a frame of its own.
    """
    if not turns:
        return moments
    told: dict[float, list[Focus]] = defaultdict(list)
    for at, points in moments.items():
        turn = next((turn for turn in turns if turn.start_s <= at < turn.end_s), None)
        told[at] = _led_by(points, turn.face) if turn is not None else points
    for turn in turns:
        if not start_s <= turn.start_s < end_s:
            continue
        after = [at for at in sorted(told) if turn.start_s <= at <= turn.start_s + _LOOK_S]
        if after and after[0] - turn.start_s > 1e-6 and told[after[0]][0].face == turn.face:
            told[turn.start_s] = [point.model_copy(update={"time_s": turn.start_s}) for point in told[after[0]]]
    return told


def _led_by(points: list[Focus], face: int) -> list[Focus]:
    """The points with that face first and weightiest, if it is among them."""
    if not any(point.face == face for point in points):
        return points
    own = [point.model_copy(update={"weight": 1.0}) for point in points if point.face == face]
    others = [point.model_copy(update={"weight": min(point.weight, 0.95)}) for point in points if point.face != face]
    return [*own, *others]
