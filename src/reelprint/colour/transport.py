"""Optimal transport of one cloud of colours onto another, as a map smooth enough to be a grade.

A gradient flow of the sliced Wasserstein distance (Rabin, Peyre, Delon & Bernot 2011; Bonneel et al. 2015): on every
direction the projected clouds are matched by rank, and the mean of the moves says where each colour should go. After
every step the moves are fitted by ``colour.warp`` with least squares, so what comes out is the smooth map that gets
closest, and not a permutation of pixels. Slices are straight lines in Oklab and the three code values of R'G'B'.

Greys and skin are held at anchors (``colour.anchors``): other colours make up for it as far as the map is free.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from reelprint.colour.anchors import Anchors
from reelprint.colour.oklab import fit_gamut, oklab_of_rgb, rgb_of_oklab
from reelprint.colour.warp import FUNCTIONS, LEVELS, warp_basis

F64 = NDArray[np.float64]

#: Stretch of a and b at every lightness: more shows the noise and the blocks of compressed footage. Looked at, 2.5 made
#: real footage psychedelic, however near its colours came to the template's.
STRETCH_LIMITS = (0.2, 1.22)
#: Lightness is penalised this many times more, first as little as possible: its work is done by the tone curve.
_STIFFNESS = (2.0, 16.0, 128.0, 1024.0)
#: Where the slope of lightness leaves these bounds, the next stiffness is tried: a fold shows as a false edge.
_LIGHTNESS_SLOPES = (0.4, 1.6)
_STEPS, _STEP = 30, 0.8
_DIRECTIONS = 40
#: Share of the move that is judged on code values of R, G and B.
_CODE_SHARE = 0.1
#: Penalties on size and on change along L of the constant, the linear and the bending functions, per squared Oklab.
_SIZE = (1e-4, 1e-3, 3e-2)
_CHANGE = (7e-3, 5e-3, 5e-2)
#: What a coefficient of each kind moves at common chromas.
_REACH = (1.0, 0.1, 0.05)


def solve_warp(moved: F64, target: F64, anchors: Anchors) -> F64:
    """(LEVELS * FUNCTIONS, 3) coefficients that take ``moved`` to the distribution of ``target``.

    moved: (n, 3) Oklab colours of the footage after its tone curve; target: (m, 3); within each all of equal weight.
    """
    table = np.zeros((LEVELS * FUNCTIONS, 3))
    for stiffness in _STIFFNESS:
        table = _flow(moved, target, anchors, stiffness)
        if not _folds(table, moved):
            break
    return table


def _flow(moved: F64, target: F64, anchors: Anchors, stiffness: float) -> F64:
    pixels, held = warp_basis(moved), warp_basis(anchors.start)
    basis = np.concatenate([pixels, held])
    weighted = (basis * np.concatenate([np.full(len(moved), 1 / len(moved)), anchors.weight])[:, None]).T
    # One fit for lightness, one for a and b.
    fits = [np.linalg.inv(weighted @ basis + stiff * _penalty()) @ weighted for stiff in (stiffness, 1.0)]
    directions = _directions()
    ranks = (np.arange(len(moved)) + 0.5) / len(moved)
    goals = np.quantile(target @ directions.T, ranks, axis=0)
    code_goals = np.quantile(rgb_of_oklab(target).astype(np.float64), ranks, axis=0)
    table = np.zeros((LEVELS * FUNCTIONS, 3))
    for _ in range(_STEPS):
        now = fit_gamut(moved + pixels @ table).astype(np.float64)
        projected = now @ directions.T
        move = (_matched(projected, goals) - projected) @ directions * (3 / len(directions))
        codes = _matched(rgb_of_oklab(now).astype(np.float64), code_goals)
        move = (1 - _CODE_SHARE) * move + _CODE_SHARE * (oklab_of_rgb(codes) - now)
        left = now + _STEP * move - moved
        # An anchor says nothing about lightness: it goes where its neighbours go.
        tones = np.concatenate([left[:, :1], held @ table[:, :1]])
        colours = np.concatenate([left[:, 1:], anchors.wanted_ab - anchors.start[:, 1:]])
        table = _bounded(np.concatenate([fits[0] @ tones, fits[1] @ colours], 1))
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
