"""Solve the colour transformation that gives one look to footage of another look.

Lightness: histogram matching, smoothed and limited in slope so that no gradient breaks into bands. Colours: optimal
transport from the footage's cloud of pixels to the template's, as a smooth map with guards (``colour.transport``).
What is left between the sliders of the result and of the target is closed with the sliders themselves, within limits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reelprint.colour.anchors import SKIN_GLOW, anchors, light_of, skin_patches
from reelprint.colour.bake import apply_transfer
from reelprint.colour.look import cast_of
from reelprint.colour.sliders import grade_of, grade_oklab, sliders_of, sliders_of_pixels, sliders_raw
from reelprint.colour.transport import solve_warp
from reelprint.core.colour import QUANTILE_LEVELS, ColorGrade, GradeTransfer, Look, Pair

F64 = NDArray[np.float64]

#: Slopes of the tone curve. Steeper ones show the 8 bits of the footage as bands, flatter ones lose its detail.
SLOPE_LIMITS = (0.4, 1.8)
#: How far the sliders may go to close what the transfer leaves open: temperature, tint, saturation, contrast,
#: highlights, shadows. Downward saturation is free, so that a greyscale template gives greyscale.
_CLOSING_LIMITS = np.array([12.0, 12.0, 30.0, 50.0, 50.0, 50.0])
#: Near black one code value is a large step of lightness. Lifted from there, it may become this many codes.
_CODE_GAIN = 2.0
#: A tone moves at most this far, and what lies beyond it towards white or black keeps this share of its distance: a
#: template of white title cards does not wipe faces out.
_LONGEST_MOVE, _ROOM = 0.3, 0.5
#: How far black may be lifted, and the flattest slope there: what footage has near black is noise and blocks.
_LIFT_OF_BLACK, _FLATTEST = 0.2, 0.1
#: Slopes of the tone curve and the closing sliders together.
_TOTAL_SLOPES = (0.3, 2.2)
_TONE_KNOTS = 33
_TONE_RADIUS = 0.03
_TONE_STEPS = 300
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
    tone_in, tone_out = tone_curve(source.lightness_quantiles, target.lightness_quantiles)
    moved = cloud.copy()
    moved[:, 0] = np.interp(cloud[:, 0], tone_in, tone_out)
    wanted = np.array(target.cloud)
    neutrals = (np.array(source.neutral_ab), np.array(target.neutral_ab))
    held = anchors(cloud, wanted, neutrals, (np.array(tone_in), np.array(tone_out)))
    table = solve_warp(moved, wanted, held)
    base = GradeTransfer(
        tone_in=tone_in, tone_out=tone_out, warp=tuple(float(v) for v in np.round(table.ravel(), 5)), strength=1.0
    )
    sliders = closing_sliders(base, cloud, source, target)
    return base.model_copy(update={"sliders": sliders, "strength": float(np.clip(strength, 0, 1))})


def closing_sliders(base: GradeTransfer, cloud: F64, source: Look, target: Look) -> ColorGrade:
    """Sliders that, applied after ``base``, bring the sliders of the cloud to the target's.

    A few fixed-point steps: a slider moves the measured slider by its own amount (colour.sliders), so the step is
    simply the difference. The cloud's own error against the full measurement of the source is taken out.
    """
    wanted = np.clip(sliders_raw(target), -130, 130)
    bias = np.clip(sliders_of_pixels(cloud) - sliders_raw(source), -15, 15)
    values = np.zeros(6)
    best, best_error = values, np.inf
    grey = sliders_of(target).saturation <= -95
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
    return _without_glow(base, _without_breaks(base, grade_of(best), source), cloud, source)


def _without_breaks(base: GradeTransfer, sliders: ColorGrade, source: Look) -> ColorGrade:
    """The sliders with only as much tone as leaves every slope within _TOTAL_SLOPES where the picture has pixels."""
    tones = np.linspace(source.lightness_quantiles[1], source.lightness_quantiles[-2], 65)
    curve = np.interp(tones, base.tone_in, base.tone_out)
    kept = sliders
    for share in np.linspace(1, 0, 13):
        kept = sliders.model_copy(
            update={
                name: round(float(share) * getattr(sliders, name), 2) for name in ("contrast", "highlights", "shadows")
            }
        )
        out = grade_oklab(np.stack([curve, *np.zeros((2, len(curve)))], -1), kept)[:, 0]
        slopes = np.diff(out) / max(tones[1] - tones[0], 1e-4)
        inner = np.sort(slopes)[4:-4]
        if inner[0] >= _TOTAL_SLOPES[0] and inner[-1] <= _TOTAL_SLOPES[1]:
            break
    return kept


def _without_glow(base: GradeTransfer, sliders: ColorGrade, cloud: F64, source: Look) -> ColorGrade:
    """The sliders with no more saturation than lets skin keep its chroma for its lightness, up to SKIN_GLOW."""
    if sliders.saturation <= 0:
        return sliders
    white, found = skin_patches(light_of(cloud, np.array(source.neutral_ab)))
    kept = sliders
    for share in np.linspace(1, 0, 13):
        kept = sliders.model_copy(update={"saturation": round(float(share) * sliders.saturation, 2)})
        after = apply_transfer(found, base.model_copy(update={"sliders": kept}))
        ratios = [np.hypot(lab[:, 1], lab[:, 2]) / np.maximum(lab[:, 0], 1e-3) for lab in (white, after)]
        if np.median(ratios[1] / ratios[0]) <= SKIN_GLOW:
            break
    return kept


def _limited(values: F64) -> F64:
    return np.clip(values, -100, 100)


def tone_curve(source: Sequence[float], target: Sequence[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Knots of the monotone curve that takes lightness quantiles to others, slopes within SLOPE_LIMITS.

    Both at QUANTILE_LEVELS. The optimal transport of lightness, smoothed, and then the nearest curve whose slopes are
    allowed, nearest where the picture has its pixels. Black ends near the target's black and white near its white.
    """
    if len(source) != len(QUANTILE_LEVELS) or len(target) != len(QUANTILE_LEVELS):
        raise ValueError(f"lightness quantiles must be {len(QUANTILE_LEVELS)}, at QUANTILE_LEVELS")
    ranks = np.linspace(QUANTILE_LEVELS[0], QUANTILE_LEVELS[-1], 300)
    x, y = np.interp(ranks, QUANTILE_LEVELS, source), np.interp(ranks, QUANTILE_LEVELS, target)
    knots = np.linspace(0, 1, _TONE_KNOTS)
    apart = np.abs(knots[:, None] - x)
    # The second term only counts where no pixel is near: the curve goes on as it was at the nearest one.
    weight = np.exp(-0.5 * (apart / _TONE_RADIUS) ** 2) + 1e-6 * np.exp(-apart / 0.1)
    mass = weight.sum(1)
    # Smooth the displacement, not the curve: a straight line stays straight, also at its ends.
    wanted, steepest = knots + weight @ (y - x) / mass, SLOPE_LIMITS[1]
    high = np.full(_TONE_KNOTS - 1, steepest)
    for _ in range(3):
        curve = _nearest_curve(wanted, mass / mass.sum() + 0.002, high)
        middles = [(line[1:] + line[:-1]) / 2 for line in (knots, curve)]
        high = np.clip(_CODE_GAIN * _code_slope(middles[0]) / _code_slope(middles[1]), _FLATTEST, steepest)
    curve = knots + _LONGEST_MOVE * np.tanh((curve - knots) / _LONGEST_MOVE)
    curve = np.clip(curve, _ROOM * (knots - source[1]), 1 - _ROOM * (source[-2] - knots))
    curve = np.minimum(curve, target[1] + 0.03 + steepest * knots)
    curve = np.maximum(curve, target[-2] - 0.03 - steepest * (1 - knots))
    curve = np.clip(np.maximum.accumulate(curve), 0, 1)
    return tuple(float(v) for v in knots), tuple(float(v) for v in np.round(curve, 6))


def _code_slope(lightness: F64) -> F64:
    """Derivative of a grey's code value by its Oklab lightness (sRGB coding of L cubed)."""
    L = np.clip(lightness, 0.01, 1)
    return np.asarray(np.where(L**3 <= 0.0031308, 38.76 * L**2, 1.31875 * L**0.25))


def _nearest_curve(wanted: F64, weight: F64, steepest: F64) -> F64:
    """The weighted least-squares curve to ``wanted`` at the knots, its slopes to ``steepest``.

    Projected gradient steps with momentum (FISTA, Beck & Teboulle 2009) over the start and the slopes.
    """
    count = len(wanted)
    sums = np.tril(np.ones((count, count)))
    sums[:, 1:] /= count - 1
    # Slopes are scaled to the start's size, or the steps crawl.
    form = sums.T @ (weight[:, None] * sums)
    size = float(np.linalg.eigvalsh(form)[-1])
    low = np.concatenate([[0.0], np.minimum(SLOPE_LIMITS[0], steepest)])
    high = np.concatenate([[_LIFT_OF_BLACK], steepest])
    now = ahead = np.clip(np.diff(wanted, prepend=0) * np.array([1] + [count - 1] * (count - 1)), low, high)
    speed = 1.0
    for _ in range(_TONE_STEPS):
        then = np.clip(ahead - (form @ ahead - sums.T @ (weight * wanted)) / size, low, high)
        faster = (1 + np.sqrt(1 + 4 * speed * speed)) / 2
        ahead = then + (speed - 1) / faster * (then - now)
        now, speed = then, faster
    return np.asarray(sums @ now)


def look_distance(a: Look, b: Look) -> float:
    """How different two looks are: 0 the same, 1 nothing in common.

    The mean of four parts, each saturating smoothly as 1 - exp(-d / s): tone (mean difference of the lightness
    quantiles, the 1-Wasserstein distance, s 0.15), cast (distance of the middle colours, s 0.04), chroma (ratio of
    the mean chromas as a logarithm, s 0.7, with a floor at camera noise) and colours (2-Wasserstein distance of the
    Gaussians of a/b, s 0.06).
    """
    tone = float(np.abs(np.array(a.lightness_quantiles) - np.array(b.lightness_quantiles)).mean())
    cast = float(np.hypot(*(np.array(cast_of(a)) - np.array(cast_of(b)))))
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
