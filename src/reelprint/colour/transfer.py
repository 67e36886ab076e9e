"""Solve the colour transformation that gives one look to footage of another look.

Chroma: the linear Monge-Kantorovich map between Gaussians (Pitie & Kokaram, "The linear Monge-Kantorovitch linear
colour mapping for example-based colour transfer", 2007), here on a/b of Oklab, its stretch limited and its centre
put on the neutral points instead of the means: at full strength the plain map turns grey rocks magenta when the
template is full of flowers. Lightness: histogram matching, smoothed and limited in slope so that no gradient breaks
into bands. What is left between the sliders of the result and of the target is predicted on the look's cloud of
pixels and closed with the sliders themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reelprint.colour.bake import apply_transfer
from reelprint.colour.sliders import grade_of, sliders_of, sliders_of_pixels, sliders_raw
from reelprint.core.colour import QUANTILE_LEVELS, ColorGrade, GradeTransfer, Look, Pair

F64 = NDArray[np.float64]

SLOPE_LIMITS = (0.4, 2.2)
TONE_REACH = 0.11
#: Stretch of the chroma map along its axes.
STRETCH_LIMITS = (0.55, 1.6)
OFFSET_LIMIT = 0.14
#: How far the sliders may go to close what the transfer leaves open: temperature, tint, saturation, contrast,
#: highlights, shadows. Downward saturation is free, so that a greyscale template gives greyscale.
_CLOSING_LIMITS = np.array([60.0, 60.0, 70.0, 80.0, 90.0, 90.0])
_TONE_KNOTS = 33
_CLOUD_LIMIT = 2048


def cloud_of(looks: Sequence[Look]) -> F64:
    """(n, 3) Oklab pixels of several looks together, every look in proportion to its weight."""
    total = sum(look.weight for look in looks)
    if total <= 0 or len(looks) == 1:
        return np.concatenate([np.array(look.cloud) for look in looks])
    budget = min(_CLOUD_LIMIT, sum(len(look.cloud) for look in looks))
    parts = []
    for look in looks:
        points = np.array(look.cloud)
        count = max(1, round(budget * look.weight / total))
        # Every k-th point with repetition: neighbours in a cloud are neighbours in colour.
        parts.append(points[(np.arange(count) * len(points)) // count])
    return np.concatenate(parts)


def solve_transfer(source: Look, target: Look, *, strength: float = 1.0, cloud: F64 | None = None) -> GradeTransfer:
    """The transformation from source to target.

    cloud: (n, 3) Oklab pixels that the source look was measured on; by default the look's own.
    strength: 0..1, 0 leaves every colour as it is.
    """
    if cloud is None:
        cloud = np.array(source.cloud)
    offset = np.array(target.neutral_ab) - np.array(source.neutral_ab)
    length = float(np.hypot(*offset))
    offset *= min(1.0, OFFSET_LIMIT / max(length, 1e-9))
    matrix = monge_kantorovich(np.array(source.covariance_ab), np.array(target.covariance_ab))
    best: GradeTransfer | None = None
    least = np.inf
    # The whole move of the tones may leave a zone without pixels to shape; then less of it comes closer.
    for share in (1.0, 0.5, 0.0):
        tone_in, tone_out = tone_curve(source.lightness_quantiles, target.lightness_quantiles, reach=share * TONE_REACH)
        base = GradeTransfer(
            tone_in=tone_in,
            tone_out=tone_out,
            matrix_ab=((float(matrix[0, 0]), float(matrix[0, 1])), (float(matrix[1, 0]), float(matrix[1, 1]))),
            offset_ab=_pair(offset),
            center_ab=source.neutral_ab,
            neutral_guard=0.7,
            skin_guard=0.5,
        )
        sliders, error = closing_sliders(base, cloud, source, target)
        if error < least - 3:
            best, least = base.model_copy(update={"sliders": sliders}), error
        if least < 12:
            break
    if best is None:
        raise ValueError("a look with undefined values cannot be transferred")
    return best.model_copy(update={"strength": float(np.clip(strength, 0, 1))})


def closing_sliders(base: GradeTransfer, cloud: F64, source: Look, target: Look) -> tuple[ColorGrade, float]:
    """Sliders that, applied after ``base``, bring the sliders of the cloud to the target's.

    A few fixed-point steps: a slider moves the measured slider by its own amount (colour.sliders), so the step is
    simply the difference. The cloud's own error against the full measurement of the source is taken out.
    Returns the sliders and the sum of what stays open, in points (each at most 60).
    """
    wanted = np.clip(sliders_raw(target), -130, 130)
    bias = np.clip(sliders_of_pixels(cloud) - sliders_raw(source), -15, 15)
    values = np.zeros(6)
    best, best_error = values, np.inf
    grey = sliders_of(target).saturation <= -97
    for _ in range(8):
        step = base.model_copy(update={"sliders": grade_of(values)})
        error = wanted - (sliders_of_pixels(apply_transfer(cloud, step)) - bias)
        open_error = np.minimum(np.abs(_limited(wanted) - _limited(wanted - error)), 60).sum()
        if open_error < best_error:
            best, best_error = values, open_error
        low = -_CLOSING_LIMITS.copy()
        low[2] = -95.0
        values = np.clip(values + 0.8 * error, low, _CLOSING_LIMITS)
        if grey:
            values[2] = -100.0
    if grey:
        best = np.array([*best[:2], -100.0, *best[3:]])
    return grade_of(best), float(best_error)


def _limited(values: F64) -> F64:
    return np.clip(values, -100, 100)


def tone_curve(
    source: Sequence[float], target: Sequence[float], *, reach: float = TONE_REACH
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Knots of the monotone curve that takes lightness quantiles to others, slopes within SLOPE_LIMITS.

    Both at QUANTILE_LEVELS. Outside the quantiles the curve goes on towards black and white as far as the slope
    limits let it; no tone moves further than ``reach``.
    """
    if len(source) != len(QUANTILE_LEVELS) or len(target) != len(QUANTILE_LEVELS):
        raise ValueError(f"lightness quantiles must be {len(QUANTILE_LEVELS)}, at QUANTILE_LEVELS")
    x = np.array(source, np.float64)
    y = np.array(target, np.float64)
    knots = np.linspace(0, 1, _TONE_KNOTS)
    # Flat areas give many quantiles at one lightness; their mean target is what that lightness should become.
    unique, inverse = np.unique(np.round(x, 3), return_inverse=True)
    mean = np.bincount(inverse, y) / np.bincount(inverse)
    ends_x = np.concatenate([[-1e-6], unique, [1 + 1e-6]])
    ends_y = np.concatenate([[0.5 * mean[0]], mean, [1.0]])
    curve = np.interp(knots, ends_x, ends_y)
    weight = np.interp(knots, ends_x, np.concatenate([[0.3], np.ones(len(unique)), [0.3]]))
    radius = np.abs(np.subtract.outer(knots, knots))
    kernel = np.exp(-0.5 * (radius / 0.045) ** 2) * weight
    # Smooth the displacement, not the curve: a straight line stays straight, also at its ends.
    smooth = knots + kernel @ (curve - knots) / kernel.sum(1)
    step = 1 / (_TONE_KNOTS - 1)
    slopes = np.clip(np.diff(smooth) / step, *SLOPE_LIMITS)
    limited = np.concatenate([[0.0], np.cumsum(slopes) * step])
    # The median of the picture decides where the limited curve sits.
    at = np.interp(np.quantile(x, [0.2, 0.35, 0.5, 0.65, 0.8]), knots, smooth - limited)
    # A look is how tones lie to each other more than how much light fell: a film full of white title cards must
    # not burn out a night scene, so no tone moves further than ``reach``.
    move = reach * np.tanh((limited + float(np.mean(at)) - knots) / max(reach, 1e-9))
    limited = np.clip(np.maximum.accumulate(knots + move), 0, 1)
    return tuple(float(v) for v in knots), tuple(float(v) for v in np.round(limited, 6))


def monge_kantorovich(source: F64, target: F64) -> F64:
    """(2, 2) symmetric map between two covariances, its stretches within STRETCH_LIMITS.

    T = S^-1/2 (S^1/2 R S^1/2)^1/2 S^-1/2 (Pitie & Kokaram 2007, eq. 7), with noise added to both sides so that a
    grey picture neither divides by zero nor explodes.
    """
    noise = 4e-5 * np.eye(2)
    root = _root(source + noise)
    inverse = np.linalg.inv(root)
    plain = inverse @ _root(root @ (target + noise) @ root) @ inverse
    values, vectors = np.linalg.eigh((plain + plain.T) / 2)
    return np.asarray((vectors * np.clip(values, *STRETCH_LIMITS)) @ vectors.T)


def look_distance(a: Look, b: Look) -> float:
    """How different two looks are: 0 the same, 1 nothing in common.

    The mean of four parts, each saturating smoothly as 1 - exp(-d / s): tone (mean difference of the lightness
    quantiles, the 1-Wasserstein distance, s 0.15), cast (distance of the neutral points, s 0.04), chroma (ratio of
    the mean chromas as a logarithm, s 0.7, with a floor at camera noise) and colours (2-Wasserstein distance of the
    Gaussians of a/b, s 0.06).
    """
    tone = float(np.abs(np.array(a.lightness_quantiles) - np.array(b.lightness_quantiles)).mean())
    cast = float(np.hypot(*(np.array(a.neutral_ab) - np.array(b.neutral_ab))))
    chroma = abs(float(np.log((a.chroma_mean + 0.008) / (b.chroma_mean + 0.008))))
    first, second = np.array(a.covariance_ab), np.array(b.covariance_ab)
    root = _root(first)
    spread = float(np.trace(first + second - 2 * _root(root @ second @ root)))
    mean = float(((np.array(a.mean_ab) - np.array(b.mean_ab)) ** 2).sum())
    colours = float(np.sqrt(max(0.0, mean + spread)))
    parts = [(tone, 0.15), (cast, 0.04), (chroma, 0.7), (colours, 0.06)]
    return float(np.mean([1 - np.exp(-value / scale) for value, scale in parts]))


def _root(matrix: F64) -> F64:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)


def _pair(values: F64) -> Pair:
    return float(values[0]), float(values[1])
