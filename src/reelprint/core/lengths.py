"""How differently two films are cut: distance between two samples of shot lengths."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log2


def length_distance_octaves(a: Sequence[float], b: Sequence[float]) -> float:
    """Wasserstein-1 distance between two samples of lengths (> 0) on a log2 scale, in octaves.

    The integral of |difference| of the quantile functions (Vallender 1974), exact for samples of any size.
    """
    first, second = sorted(map(log2, a)), sorted(map(log2, b))
    # Counted in units of 1 / (len(a) len(b)), so that equal steps of both samples are equal numbers.
    steps = sorted({i * len(second) for i in range(len(first))} | {i * len(first) for i in range(len(second))})
    whole = len(first) * len(second)
    total = 0.0
    for start, stop in pairwise([*steps, whole]):
        total += (stop - start) * abs(first[start // len(second)] - second[start // len(first)])
    return total / whole
