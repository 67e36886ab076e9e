"""Dissolves: every frame between is (1 - a) A + a B. Least squares for a, the rest is the residual.

(The linear model of Hampapur et al. 1994.) Compared on coarse cells, so that both takes may move a little while they mix.
"""

from __future__ import annotations

import numpy as np

from reelprint.analyze.evidence import F32
from reelprint.analyze.shots.sweeps import Fit
from reelprint.analyze.shots.tracks import coarse


def fit_mix(pictures: F32, old: F32, new: F32) -> Fit:
    """The dissolve model for ``pictures`` (n, h, w, 3) between ``old`` and ``new`` (h, w, 3)."""
    cells = coarse(np.concatenate([old[None], pictures, new[None]]))
    a, way = cells[0], cells[-1] - cells[0]
    at = cells[1:-1] - a
    share = (at * way).sum((1, 2)) / ((way * way).sum() + 1.0)
    contrast = float(np.abs(way).mean()) + 1.0
    residual = np.abs(at - share[:, None, None] * way).mean((1, 2)) / contrast
    return Fit("dissolve", None, share.astype(np.float64), 1.0, residual.astype(np.float64))
