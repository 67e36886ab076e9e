"""How much each part counts: the score is the weighted mean of the parts that were measured, rounded."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reelprint.core.clips import ScorePart

#: For stretches in which something is said; they add up to 100 without ``prompt``.
SPOKEN: Mapping[str, int] = MappingProxyType(
    {
        "hook": 24,
        "completeness": 22,
        "density": 12,
        "emotion": 12,
        "energy": 12,
        "motion": 6,
        "novelty": 12,
        "prompt": 60,
    }
)
#: For stretches without words: density and emotion are left out, faces take part.
SILENT: Mapping[str, int] = MappingProxyType(
    {
        "hook": 22,
        "completeness": 20,
        "energy": 16,
        "motion": 20,
        "faces": 10,
        "novelty": 12,
        "prompt": 60,
    }
)


def weighted(parts: Mapping[str, ScorePart], weights: Mapping[str, int]) -> int:
    """The score of a moment, 0..100. Parts that were not measured do not count."""
    whole = sum(weights[name] for name in parts)
    # In whole numbers, halves up: the same on every machine.
    return (2 * sum(weights[name] * part.score for name, part in parts.items()) + whole) // (2 * whole)
