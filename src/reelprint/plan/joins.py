"""Joins: which boundaries get which transition, so that the mix is the style's."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from reelprint.core.plan import Join
from reelprint.core.shots import Direction, Transition
from reelprint.core.style import StyleJSON, TransitionShare
from reelprint.core.time import to_frames
from reelprint.plan.rhythm import Part

CUT = Join()
#: A join takes at most this share of the shorter shot beside it.
_MOST_OF_A_SHOT = 0.4
_LONGEST_S = 2.0
_DIRECTIONS: dict[str, Direction] = {"wipe": "left", "slide": "left", "whip": "left", "zoom": "in", "fade": "black"}


def plan_joins(style: StyleJSON, parts: Sequence[Part], rate: Fraction, done: Sequence[Transition]) -> list[Join]:
    """One join per boundary between parts.

    ``done``: gradual transitions that the footage already has inside its takes; they count towards the mix.
    Gradual joins go where the picture really changes (between takes) and the shots are longest.
    """
    joins = [CUT] * (len(parts) - 1)
    free = sorted(
        range(len(joins)),
        key=lambda index: (
            parts[index].piece.take == parts[index + 1].piece.take,
            -min(parts[index].duration_s, parts[index + 1].duration_s),
            index,
        ),
    )
    everything = len(joins) + len(done)
    for kind in _mix(style):
        have = sum(transition.type == kind.type for transition in done)
        for _ in range(max(0, round(kind.share * everything) - have)):
            if not free:
                return joins
            place = free.pop(0)
            frames = _frames(kind, parts[place], parts[place + 1], rate)
            if frames > 1:
                direction = _direction(kind)
                joins[place] = Join(type=kind.type, frames=frames, easing=kind.easing, direction=direction)
    return joins


def _mix(style: StyleJSON) -> list[TransitionShare]:
    """The gradual kinds of the style with their shares; without details, what the two main fields say."""
    mix = list(style.details.transition_mix)
    if not mix:
        first, second = style.primary_transition, style.secondary_transition
        shares = [(first, 1.0)] if second is None else [(first, 0.75), (second, 0.25)]
        mix = [
            TransitionShare(type=item.type, share=share, duration_ms=item.duration_ms, easing=item.easing)
            for item, share in shares
        ]
    return sorted((kind for kind in mix if kind.type != "cut"), key=lambda kind: -kind.share)


def _frames(kind: TransitionShare, before: Part, after: Part, rate: Fraction) -> int:
    longest_s = min(_LONGEST_S, _MOST_OF_A_SHOT * min(before.duration_s, after.duration_s))
    return to_frames(min(kind.duration_ms / 1000, longest_s), rate)


def _direction(kind: TransitionShare) -> Direction | None:
    if kind.direction is not None:
        known: dict[str, Direction] = {
            name: name for name in ("left", "right", "up", "down", "in", "out", "black", "white")
        }
        return known.get(kind.direction, _DIRECTIONS.get(kind.type))
    return _DIRECTIONS.get(kind.type)


def edge_fade(style: StyleJSON, edge: str, shot: Part, rate: Fraction) -> Join | None:
    """The style's opening or closing fade, or None."""
    for transition in style.details.transitions:
        if transition.edge == edge:
            longest_s = min(_LONGEST_S, _MOST_OF_A_SHOT * shot.duration_s)
            frames = to_frames(min(transition.duration_ms / 1000, longest_s), rate)
            if frames > 1:
                colour: Direction = "white" if transition.direction == "white" else "black"
                return Join(type="fade", frames=frames, easing=transition.easing, direction=colour)
    return None
