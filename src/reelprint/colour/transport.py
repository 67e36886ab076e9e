"""Optimal transport of one cloud of colours onto another, as a map smooth enough to be a grade.

A gradient flow of the sliced Wasserstein distance (Rabin, Peyre, Delon & Bernot 2011; Bonneel et al. 2015): on every
direction the projected clouds are matched by rank, and the mean of the moves says where each colour should go. After
every step the moves are fitted by ``colour.warp`` with least squares, so what comes out is the smooth map that gets
closest, and not a permutation of pixels. Slices are straight lines in Oklab and the three code values of R'G'B'.

Two guards hold what the eye is strict about: near-neutral colours may leave the template's neutral a little only, and
skin keeps its hue relative to neutral. Other colours make up for it as far as the map is free.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from reelprint.colour.look import cast_weight
from reelprint.colour.oklab import fit_gamut, oklab_of_rgb, rgb_of_oklab
from reelprint.colour.warp import FUNCTIONS, LEVELS, warp_basis

F64 = NDArray[np.float64]

#: Stretch of a and b at every lightness: more shows the noise and the blocks of compressed footage. Looked at, 2.5 made
#: real footage psychedelic, however near its colours came to the template's.
STRETCH_LIMITS = (0.4, 1.3)
#: Lightness is penalised this many times more, first as little as possible: its work is done by the tone curve.
_STIFFNESS = (2.0, 16.0, 128.0)
#: Where the slope of lightness leaves these bounds, the next stiffness is tried: a fold shows as a false edge.
_LIGHTNESS_SLOPES = (0.2, 2.2)
_STEPS, _STEP = 30, 0.8
_DIRECTIONS = 40
#: Share of the move that is judged on code values of R, G and B.
_CODE_SHARE = 0.1
#: Penalties on size and on change along L of the constant, the linear and the bending functions, per squared Oklab.
_SIZE = (1e-4, 1e-3, 3e-2)
_CHANGE = (7e-3, 5e-3, 5e-2)
#: What a coefficient of each kind moves at common chromas.
_REACH = (1.0, 0.1, 0.05)

#: Skin lies around this Oklab hue in all complexions, within chroma 0.03..0.16 (the "skin tone line" of a
#: vectorscope is the same direction).
SKIN_HUE, _SKIN_WIDTH = np.deg2rad(52.0), np.deg2rad(22.0)
SKIN_GUARD = 0.9
_SKIN_CHROMA, _SKIN_WEIGHT = (0.5, 1.6), 3.0
NEUTRAL_GUARD = 0.2
_NEUTRAL_RADIUS, _NEUTRAL_FREE = 0.03, 0.03


def skin_share(ab: F64) -> F64:
    """(n,) 0..1, how much (n, 2) colours relative to neutral are like skin."""
    chroma = np.hypot(ab[:, 0], ab[:, 1])
    hue = np.arctan2(ab[:, 1], ab[:, 0])
    share = np.exp(-0.5 * ((hue - SKIN_HUE) / _SKIN_WIDTH) ** 2)
    return np.asarray(share * np.clip((chroma - 0.015) / 0.02, 0, 1) * np.clip((0.2 - chroma) / 0.05, 0, 1))


def solve_warp(
    start: F64, moved: F64, target: F64, neutral: tuple[float, float], target_neutral: tuple[float, float]
) -> F64:
    """(LEVELS * FUNCTIONS, 3) coefficients that take ``moved`` to the distribution of ``target``.

    start: (n, 3) Oklab colours of the footage; moved: the same after its tone curve; target: (m, 3), all of equal
    weight. neutral, target_neutral: (a, b) of full cast weight that count as grey in footage and template.
    """
    relative = start[:, 1:] - cast_weight(start[:, 0])[:, None] * np.array(neutral)
    table = np.zeros((LEVELS * FUNCTIONS, 3))
    for stiffness in _STIFFNESS:
        table = _flow(relative, moved, target, np.array(target_neutral), stiffness)
        if not _folds(table, moved):
            break
    return table


def _flow(relative: F64, moved: F64, target: F64, target_neutral: F64, stiffness: float) -> F64:
    basis = warp_basis(moved)
    # Faces are a small part of most pictures and the first thing that is looked at.
    weight = 1 + _SKIN_WEIGHT * SKIN_GUARD * skin_share(relative)
    weighted = (basis * (weight / weight.sum())[:, None]).T
    # One fit for lightness, one for a and b.
    fits = [np.linalg.inv(weighted @ basis + stiff * _penalty()) @ weighted for stiff in (stiffness, 1.0)]
    directions = _directions()
    ranks = (np.arange(len(moved)) + 0.5) / len(moved)
    goals = np.quantile(target @ directions.T, ranks, axis=0)
    code_goals = np.quantile(rgb_of_oklab(target).astype(np.float64), ranks, axis=0)
    table = np.zeros((LEVELS * FUNCTIONS, 3))
    for _ in range(_STEPS):
        now = fit_gamut(moved + basis @ table).astype(np.float64)
        projected = now @ directions.T
        move = (_matched(projected, goals) - projected) @ directions * (3 / len(directions))
        codes = _matched(rgb_of_oklab(now).astype(np.float64), code_goals)
        move = (1 - _CODE_SHARE) * move + _CODE_SHARE * (oklab_of_rgb(codes) - now)
        left = _guarded(now + _STEP * move, relative, target_neutral) - moved
        table = _bounded(np.concatenate([fits[0] @ left[:, :1], fits[1] @ left[:, 1:]], 1))
    return table


def _folds(table: F64, moved: F64) -> bool:
    """Whether lightness runs backwards or rushes in more than a hundredth of the picture."""
    step = 1 / 32
    shown = moved[np.argsort(moved[:, 0])][:: max(1, len(moved) // 512)]
    above = shown + np.array([step, 0.0, 0.0])
    rise = step + (warp_basis(above) - warp_basis(shown)) @ table[:, 0]
    slopes = rise / step
    return bool(((slopes < _LIGHTNESS_SLOPES[0]) | (slopes > _LIGHTNESS_SLOPES[1])).mean() > 0.01)


def _matched(values: F64, goals: F64) -> F64:
    """Per column, the goal of the same rank for every value."""
    out = np.empty_like(values)
    np.put_along_axis(out, np.argsort(values, axis=0), goals, 0)
    return out


def _guarded(wanted: F64, relative: F64, target_neutral: F64) -> F64:
    """Where the colours may go instead; ``relative``: (n, 2) what they were, relative to neutral."""
    cast = cast_weight(wanted[:, 0])[:, None] * target_neutral
    ab = wanted[:, 1:] - cast
    length = np.hypot(ab[:, 0], ab[:, 1])[:, None]
    chroma = np.hypot(relative[:, 0], relative[:, 1])[:, None]
    near = NEUTRAL_GUARD * np.exp(-0.5 * (chroma / _NEUTRAL_RADIUS) ** 2)
    ab = ab + near * (ab * np.minimum(1, _NEUTRAL_FREE / np.maximum(length, 1e-9)) - ab)
    # The nearest colour of the skin's own hue, neither drained nor glowing.
    along = np.clip((ab * relative).sum(1, keepdims=True) / np.maximum(chroma**2, 1e-6), *_SKIN_CHROMA)
    ab = ab + SKIN_GUARD * skin_share(relative)[:, None] * (along * relative - ab)
    return np.concatenate([wanted[:, :1], cast + ab], 1)


def _bounded(table: F64) -> F64:
    """The linear part at every lightness made symmetric, its stretches within the limits: no hue runs backwards."""
    levels = table.reshape(LEVELS, FUNCTIONS, 3)
    for level in levels:
        matrix = np.eye(2) + level[1:3, 1:].T
        values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
        level[1:3, 1:] = (vectors * np.clip(values, *STRETCH_LIMITS)) @ vectors.T - np.eye(2)
    return table


@cache
def _directions() -> F64:
    """(n, 3) unit vectors over the sphere, and the three axes."""
    free = np.random.default_rng(2011).normal(size=(_DIRECTIONS, 3))
    return np.concatenate([free / np.linalg.norm(free, axis=1, keepdims=True), np.eye(3)])


@cache
def _penalty() -> F64:
    """(n, n) quadratic form over the coefficients of one output axis: their size and their change along L."""
    first, second = np.diff(np.eye(LEVELS), 1, axis=0), np.diff(np.eye(LEVELS), 2, axis=0)
    change = second.T @ second + 0.25 * first.T @ first
    form = np.zeros((LEVELS * FUNCTIONS, LEVELS * FUNCTIONS))
    for function in range(FUNCTIONS):
        kind = (function > 0) + (function > 2)
        one = np.zeros((FUNCTIONS, FUNCTIONS))
        one[function, function] = _REACH[kind] ** 2
        form += np.kron(_SIZE[kind] * np.eye(LEVELS) + _CHANGE[kind] * change, one)
    return form
