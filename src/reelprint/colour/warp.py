"""A smooth displacement of colours: splines along lightness times a few functions of a and b.

The basis is small enough to be a part of a plan and smooth enough for a 33-point LUT. Along L: uniform cubic
B-splines (de Boor 1978, ch. IX). Across (a, b), with chroma C and hue h: 1, a, b and r, r cos 2h, r sin 2h,
r cos 3h, r sin 3h, where r = C^2 / (C + C0). So at each lightness the displacement is an affine map of (a, b) plus
gentle bends that tell hues apart; everything grows no faster than C, and nothing oscillates where no pixels were.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

#: Splines along L, functions across (a, b).
LEVELS = 8
FUNCTIONS = 8
#: Chroma at which the bends begin.
_C0 = 0.08


def warp_basis(lab: NDArray[Any]) -> F64:
    """(n, LEVELS * FUNCTIONS) values of the basis at (n, 3) Oklab; the functions of one level are neighbours."""
    lab = np.asarray(lab, np.float64)
    place = np.clip(lab[:, 0], 0, 1) * (LEVELS - 3)
    cell = np.minimum(place.astype(np.int64), LEVELS - 4)
    t = place - cell
    weights = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3]) / 6
    splines = np.zeros((len(lab), LEVELS))
    for step in range(4):
        splines[np.arange(len(lab)), cell + step] = weights[step]
    a, b = lab[:, 1], lab[:, 2]
    chroma = np.hypot(a, b)
    hue = np.arctan2(b, a)
    bend = chroma * chroma / (chroma + _C0)
    waves = [wave(turns * hue) * bend for turns in (2, 3) for wave in (np.cos, np.sin)]
    across = np.stack([np.ones_like(a), a, b, bend, *waves], 1)
    return np.asarray((splines[:, :, None] * across[:, None, :]).reshape(len(lab), -1))


def warp(lab: NDArray[Any], coefficients: Sequence[float]) -> F64:
    """Displaced (..., 3) Oklab, which may be out of gamut. ``coefficients`` as ``GradeTransfer.warp`` keeps them."""
    lab = np.asarray(lab, np.float64)
    flat = lab.reshape(-1, 3)
    return np.asarray(flat + warp_basis(flat) @ warp_table(coefficients)).reshape(lab.shape)


def warp_table(coefficients: Sequence[float]) -> F64:
    """(LEVELS * FUNCTIONS, 3) from the flat list of a document."""
    if len(coefficients) != LEVELS * FUNCTIONS * 3:
        raise ValueError(f"a warp has {LEVELS * FUNCTIONS * 3} coefficients, not {len(coefficients)}")
    return np.array(coefficients, np.float64).reshape(-1, 3)
