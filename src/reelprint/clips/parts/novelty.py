"""Novelty: how far a stretch is from the rest of the film and from better moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reelprint.clips.clock import clock
from reelprint.clips.levels import FilmLevels
from reelprint.clips.parts.evidence import scored
from reelprint.clips.stretches import Stretch
from reelprint.clips.topics import Topic, Topics
from reelprint.core.clips import ScorePart

#: Likeness to a better moment up to this is what any two parts of one talk have in common.
_COMMON = 0.15
_NAMED = 3
#: Oklab units between the colours of a stretch and of the film that are as new as it gets.
_FAR = 0.2
_BASE = 35


@dataclass(frozen=True)
class Better:
    """A moment with a higher score elsewhere in the film, and how like it a stretch is (cosine, 0..1)."""

    start_s: float
    likeness: float


def spoken_novelty(stretch: Stretch, topics: Topics, topic: Topic, better: Better | None) -> ScorePart | None:
    """Distance of its words to the rest of the film, lowered by likeness to a better moment.

    None when nothing is said in the rest of the film.
    """
    if not topics.has_rest(stretch):
        return None
    points = 100 * (1 - topic.to_rest)
    own = topics.own_words(stretch, topic)[:_NAMED]
    said = f"only here: {', '.join(f'“{word}”' for word in own)}" if own else "no long word is said only here"
    reason = f"its words are {topic.to_rest:.0%} like the rest of the film ({said})"
    if better is not None and better.likeness > _COMMON:
        points *= 1 - (better.likeness - _COMMON) / (1 - _COMMON)
        reason += f"; {better.likeness:.0%} like the better moment at {clock(better.start_s)}"
    return scored(points, reason)


def silent_novelty(stretch: Stretch, levels: FilmLevels) -> ScorePart | None:
    """Distance of its colours to the film's; None where no colours were measured."""
    here, film = levels.look(stretch.start_s, stretch.end_s), levels.look(0.0, levels.duration_s)
    if here is None or film is None:
        return None
    away = float(np.linalg.norm(here - film))
    far = "much like" if away < 0.03 else "somewhat unlike" if away < 0.1 else "unlike"
    reason = f"its light and colours are {far} the film's (distance {away:.2f})"
    return scored(_BASE + (100 - _BASE) * min(1.0, away / _FAR), reason)
