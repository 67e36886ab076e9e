"""Distances between single aspects of two styles, each 0 (same) to 1.

Open-ended differences are mapped by ``saturate``: 0 as long as they are within what the analyzers can tell apart, 0.5
at ``half`` beyond that, towards 1 without ever getting there, so that every improvement shows. Quantities that are
heard and seen by ratio are compared in octaves (Weber's law; for shot lengths Salt 1974).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from reelprint.core.shots import TransitionType
from reelprint.core.style import TransitionStyle

#: Kinds that look alike share a branch: being in one branch is half the distance of having nothing in common.
BRANCHES: tuple[tuple[TransitionType, ...], ...] = (("cut",), ("fade", "dissolve"), ("wipe", "slide"), ("zoom", "whip"))


def saturate(difference: float, half: float, least: float = 0.0) -> float:
    """1 - 2^(-x / half), x = |difference| less ``least``, and 0 up to there."""
    return 1.0 - math.pow(2.0, -max(0.0, abs(difference) - least) / half)


def octaves(a: float, b: float, offset: float = 0.0) -> float:
    """log2 of the ratio; ``offset`` is added to both, the level under which differences stop to matter."""
    return math.log2((a + offset) / (b + offset))


def mix_distance(a: Mapping[TransitionType, float], b: Mapping[TransitionType, float]) -> float:
    """Earth mover's distance 0..1 between two transition mixes (shares that add up to 1).

    The ground distance is the tree of BRANCHES: 1 between branches, 0.5 inside one. On a tree the earth mover's
    distance is a sum over edges (Evans & Matsen 2012, eq. 5).
    """
    total = 0.0
    for branch in BRANCHES:
        differences = [a.get(kind, 0.0) - b.get(kind, 0.0) for kind in branch]
        leaf = 0.25 if len(branch) > 1 else 0.0
        total += leaf * sum(abs(difference) for difference in differences)
        total += (0.5 - leaf) * abs(sum(differences))
    return min(1.0, total)


def transition_distance(a: TransitionStyle, b: TransitionStyle) -> float:
    """Kind (0.6), duration (0.25, half at 200 ms beyond one frame of 40) and easing (0.15) of two transitions."""
    kind = mix_distance({a.type: 1.0}, {b.type: 1.0})
    duration = saturate(a.duration_ms - b.duration_ms, 200.0, 40.0)
    return 0.6 * kind + 0.25 * duration + 0.15 * float(a.easing != b.easing)
