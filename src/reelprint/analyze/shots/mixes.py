"""Dissolves: every frame between is (1 - a) A + a B. Least squares for a, the rest is the residual.

(The linear model of Hampapur et al. 1994.) Compared on coarse cells, so that both takes may move a little meanwhile.
"""

from __future__ import annotations

import numpy as np

from reelprint.analyze.evidence import F32, F64
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
    return Fit("dissolve", None, share.astype(np.float64), 0.0, residual.astype(np.float64))


def edge_fall(pictures: F32, old: F32, new: F32, progress: F64) -> F64:
    """(n,) how far the energy of edges lies under the straight way from ``old`` to ``new``: a (1 - a) in a mix.

    Edges of two unrelated pictures add up to (1 - a)^2 E_old + a^2 E_new; frames that show the one, the other or a bit
    of both stay near the straight line, whatever moves in them (after Alattar 1993 and Truong et al. 2000).
    """
    energy_old, energy_new = _edge_energy(old[None])[0], _edge_energy(new[None])[0]
    share = np.clip(progress, 0, 1)
    straight = (1 - share) * energy_old + share * energy_new
    return np.asarray((straight - _edge_energy(pictures)) / (energy_old + energy_new), np.float64)


def edge_dip(fall: F64, progress: F64) -> float:
    """Fall of edge energy in parts of what a mix must show: about 1 in a dissolve, about 0 in motion."""
    inside = (progress > 0.2) & (progress < 0.8)
    share = progress[inside]
    return float(fall[inside].sum() / (share * (1 - share)).sum()) if inside.any() else 0.0


def _edge_energy(pictures: F32) -> F64:
    luma = pictures[..., 0]
    energy = (np.diff(luma, axis=2) ** 2).mean((1, 2)) + (np.diff(luma, axis=1) ** 2).mean((1, 2))
    return np.asarray(energy, np.float64) + 1.0
