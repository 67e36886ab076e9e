"""The transition mix of a film: which kinds join its shots, how often, how long, how eased."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from statistics import median
from typing import TypeVar

from reelprint.core.shots import Transition
from reelprint.core.style import TransitionShare, TransitionStyle

T = TypeVar("T", bound=Hashable)

#: What joins the shots of a film that has only one: StyleJSON requires a primary transition.
PLAIN_CUT = TransitionStyle(type="cut", duration_ms=0)


def _most_common(items: Iterable[T]) -> T:
    """The most frequent item; of equals the one seen first, so that the result is reproducible."""
    return Counter(items).most_common(1)[0][0]


def transition_mix(boundaries: Sequence[Transition]) -> tuple[TransitionShare, ...]:
    """One entry per kind, most frequent first (then by name): share, median duration, dominant easing and direction."""
    kinds = Counter(boundary.type for boundary in boundaries)
    mix = []
    for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0])):
        same = [boundary for boundary in boundaries if boundary.type == kind]
        mix.append(
            TransitionShare(
                type=kind,
                share=count / len(boundaries),
                duration_ms=round(median(boundary.duration_ms for boundary in same)),
                easing=_most_common(boundary.easing for boundary in same),
                direction=_most_common(boundary.direction for boundary in same),
            )
        )
    return tuple(mix)


def leading_styles(mix: Sequence[TransitionShare]) -> tuple[TransitionStyle, TransitionStyle | None]:
    """The contract's primary and secondary transition of a mix; a film of one shot has the plain cut."""
    styles = [TransitionStyle(type=part.type, duration_ms=part.duration_ms, easing=part.easing) for part in mix[:2]]
    if not styles:
        return PLAIN_CUT, None
    return styles[0], styles[1] if len(styles) > 1 else None
