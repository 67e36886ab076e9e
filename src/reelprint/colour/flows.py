"""The six sliders as one-parameter flows: moving a slider is a shift in a coordinate of its own.

Why this shape: for "look(x graded with p) = look(x) + p" to hold for *every* picture x, the tone sliders must
commute, and one-dimensional maps commute exactly only when they act on disjoint ranges. So lightness has three
zones with fixed borders: shadows (below 0.38), midtones (around the pivot 0.57) and highlights (above 0.76). In
each zone the slider is the flow of a field that vanishes, with its slope, at the zone's borders; integrating
1 / field gives a coordinate ``u`` in which the flow is a plain shift, so any average of ``u`` over a fixed share
of the zone's pixels shifts by exactly the slider. Flows are monotone and invertible for any amount: no slider
can fold tones over. Chroma has a flow of its own: a plain scaling up to about three quarters of the largest chroma that
the hue has (so that it commutes with the place of the middle colour), and coming to rest there, so that saturation
hardly clips.

Coordinates (L is Oklab lightness):
    shadows     y = 1 - L / 0.38;              u = 1 / y        1 at black, grows towards the border
    midtones    w = |L - 0.57| / 0.19;         u = ln(w / (1 - w)) + 1 / (1 - w)
    highlights  v = (L - 0.76) / 0.24;         u = -1 / v       -1 at white
    chroma      C, m = largest of its hue;           u = ln(x) - ln(1 - x^6) / 6 with x = C / m
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

SHADOW_BORDER = 0.38
PIVOT = 0.57
HIGHLIGHT_BORDER = 0.76
MID_RADIUS = 0.19
_KNEE = 6
_TINY = 1e-6
#: u is capped at 1 / _BORDER: pixels right at a zone's border hardly move and must not outweigh the others.
_BORDER = 0.08


def shadow_level(lightness: NDArray[Any]) -> F64:
    """Coordinate u of pixels below SHADOW_BORDER."""
    return np.asarray(1 / np.maximum(1 - np.asarray(lightness, np.float64) / SHADOW_BORDER, _BORDER))


def highlight_level(lightness: NDArray[Any]) -> F64:
    """Coordinate u of pixels above HIGHLIGHT_BORDER."""
    part = (np.asarray(lightness, np.float64) - HIGHLIGHT_BORDER) / (1 - HIGHLIGHT_BORDER)
    return np.asarray(-1 / np.maximum(part, _BORDER))


def mid_level(lightness: NDArray[Any]) -> F64:
    """Coordinate u of pixels between the borders; grows with the distance from PIVOT on either side."""
    w = np.clip(np.abs(np.asarray(lightness, np.float64) - PIVOT) / MID_RADIUS, 1e-4, 1 - 1e-3)
    return np.asarray(np.log(w / (1 - w)) + 1 / (1 - w))


def move_tone(lightness: NDArray[Any], shadows: float, mids: float, highlights: float) -> F64:
    """Shift the three zones by these amounts of u; 0, 0, 0 is the identity. Clips at black and white only."""
    L = np.asarray(lightness, np.float64)
    out = L.copy()
    low, high = SHADOW_BORDER > L, HIGHLIGHT_BORDER < L
    if shadows:
        u = np.maximum(1 / np.maximum(1 - L[low] / SHADOW_BORDER, _TINY) + shadows, 1.0)
        out[low] = SHADOW_BORDER * (1 - 1 / u)
    if highlights:
        part = np.maximum((L[high] - HIGHLIGHT_BORDER) / (1 - HIGHLIGHT_BORDER), _TINY)
        out[high] = HIGHLIGHT_BORDER + (1 - HIGHLIGHT_BORDER) / np.maximum(1 / part - highlights, 1.0)
    if mids:
        middle = ~low & ~high
        grid, level = _mid_table()
        offset = L[middle] - PIVOT
        w = np.interp(np.interp(np.abs(offset) / MID_RADIUS, grid, level) + mids, level, grid)
        # Right at the pivot the coordinate runs to minus infinity; there the flow is a plain scaling.
        near = np.abs(offset) / MID_RADIUS < 0.01
        w = np.where(near, np.minimum(np.abs(offset) / MID_RADIUS * np.exp(mids), w + 0.05), w)
        out[middle] = PIVOT + np.sign(offset) * MID_RADIUS * w
    return np.clip(out, 0, 1)


def move_chroma(chroma: NDArray[Any], limit: NDArray[Any], amount: float) -> F64:
    """Shift chroma by an amount of its u; minus infinity gives grey. Never passes the gamut's edge ``limit``."""
    chroma = np.asarray(chroma, np.float64)
    if amount == 0:
        return chroma
    if amount == -np.inf:
        return np.zeros_like(chroma)
    m = np.maximum(np.asarray(limit, np.float64), 1e-3)
    # A colour at the edge itself would rest there for ever: it is taken for one just inside.
    share = np.minimum(chroma / m, 0.995)
    moved = share / (1 - share**_KNEE) ** (1 / _KNEE) * np.exp(amount)
    return np.asarray(m * moved / (1 + moved**_KNEE) ** (1 / _KNEE))


@cache
def _mid_table() -> tuple[F64, F64]:
    w = np.concatenate([np.geomspace(1e-4, 0.2, 300, endpoint=False), 1 - np.geomspace(0.8, 1e-4, 900)])
    return w, np.log(w / (1 - w)) + 1 / (1 - w)
