"""Measure a Look from pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reelprint.colour import flows
from reelprint.core.colour import QUANTILE_LEVELS, Look

F64 = NDArray[np.float64]

#: Points in the cloud of one shot and of a whole film.
SHOT_CLOUD = 64
FILM_CLOUD = 1024

#: The pixels that chroma is judged by: colourful parts decide, not grey walls or one neon sign at the gamut's edge.
_CHROMA_SHARE = (0.5, 0.95)
#: Camera noise of grey, added to a chroma before its logarithm.
_CHROMA_NOISE = 0.002
#: Pseudo-mass with which the neutral look fills a zone that hardly has pixels.
_ZONE_PRIOR = 0.0005
#: Share of a zone's pixels left out at either end.
_ZONE_TRIM = 0.45


def measure_look(lab: NDArray[Any], *, weight_s: float = 1.0, cloud_size: int = SHOT_CLOUD) -> Look:
    """The look of pixels.

    lab: (n, 3) Oklab, n >= 1, every pixel of the same weight. weight_s: seconds of film they stand for.
    cloud_size: a power of two; fewer points are kept when there are fewer pixels.
    """
    lab = np.asarray(lab, np.float64).reshape(-1, 3)
    if not len(lab):
        raise ValueError("no pixels to measure a look from")
    lightness, ab = lab[:, 0], lab[:, 1:]
    cast = cast_point(lab)
    mean = ab.mean(0)
    centred = ab - mean
    covariance = centred.T @ centred / len(ab)
    return Look(
        lightness_quantiles=tuple(float(q) for q in np.round(np.quantile(lightness, QUANTILE_LEVELS), 5)),
        mean_ab=_pair(mean),
        covariance_ab=(
            (float(covariance[0, 0]), float(covariance[0, 1])),
            (float(covariance[1, 0]), float(covariance[1, 1])),
        ),
        neutral_ab=_pair(neutral_point(lab)),
        cast_ab=_pair(cast),
        chroma_mean=float(np.hypot(ab[:, 0], ab[:, 1]).mean()),
        zone_levels=zone_levels(lightness),
        chroma_level=chroma_level(lab, cast),
        cloud=tuple(
            (round(float(p[0]), 4), round(float(p[1]), 4), round(float(p[2]), 4)) for p in lab[picks(lab, cloud_size)]
        ),
        weight=weight_s,
    )


def zone_levels(lightness: F64) -> tuple[float, float, float]:
    """Means of u over the middle tenth of shadows, midtones and highlights (colour.flows).

    u runs to infinity at the borders of the midtones, so a wider mean is ruled by a wall that happens to lie there; a
    single pixel in the middle would jump with noise. The borders are fixed points of every slider, so the same pixels
    stay in the average whatever the grade.
    """
    low = lightness[lightness < flows.SHADOW_BORDER]
    high = lightness[lightness > flows.HIGHLIGHT_BORDER]
    middle = lightness[(lightness >= flows.SHADOW_BORDER) & (lightness <= flows.HIGHLIGHT_BORDER)]
    count = len(lightness)
    return (
        _zone(flows.shadow_level(low), count, NEUTRAL_ZONES[0]),
        _zone(flows.mid_level(middle), count, NEUTRAL_ZONES[1]),
        _zone(flows.highlight_level(high), count, NEUTRAL_ZONES[2]),
    )


def chroma_level(lab: F64, cast: F64) -> float:
    """Logarithm of the mean chroma between its 50 % and 95 % quantiles, relative to the cast.

    Pixels count by their ``cast_weight``: near black and white the gamut is so narrow that every grade is clipped.
    The logarithm of a mean and not the mean of logarithms, which the noise of grey would rule.
    """
    weight = cast_weight(lab[:, 0])
    if weight.sum() <= 0:
        return float(np.log(_CHROMA_NOISE))
    relative = lab[:, 1:] - weight[:, None] * cast
    return float(np.log(_middle(np.hypot(relative[:, 0], relative[:, 1]), weight, *_CHROMA_SHARE) + _CHROMA_NOISE))


#: u of the neutral look: shadows around L 0.25, midtones nearly half way out, highlights around L 0.84.
NEUTRAL_ZONES = (3.0, 1.8, -3.0)


def _zone(level: F64, count: int, neutral: float) -> float:
    if not len(level):
        return neutral
    level = np.sort(level)
    first = int(_ZONE_TRIM * len(level))
    mean = float(level[first : max(len(level) - first, first + 1)].mean())
    share = len(level) / count
    # A zone that is as good as empty says nothing; blend towards the neutral value instead of jumping.
    trust = share * share / (share * share + _ZONE_PRIOR * _ZONE_PRIOR)
    return neutral + trust * (mean - neutral)


_GRID, _REACH = 96, 0.24
_KERNEL, _PRIOR = 0.022, 0.05
#: The prior follows the median colour this far from grey, so that a cast does not make the mode jump; further out
#: the median is content.
_LARGEST_CAST = 0.035


def cast_weight(lightness: NDArray[Any]) -> F64:
    """How much of a cast a pixel of this lightness carries: as much as its light up to L 0.6, less towards white.

    Towards black and white it falls as the gamut narrows, so that a cast hardly clips.
    """
    L = np.asarray(lightness, np.float64)
    return np.clip(L / 0.6, 0, 1) * np.clip((1 - L) / 0.18, 0, 1)


def cast_point(lab: F64) -> F64:
    """(2,) a, b of the middle colour, as a pixel of full ``cast_weight`` shows it.

    The interquartile mean of each axis (Tukey's midmean): a cast of t on the picture moves it by exactly t, whatever
    the picture shows, and a quarter of the picture on either side may be of any colour.
    """
    weight = cast_weight(lab[:, 0])
    seen = weight > 0.25
    if not seen.any():
        return np.zeros(2)
    weight = weight[seen]
    ab = lab[seen, 1:] / weight[:, None]
    return np.array([_middle(ab[:, axis], weight, 0.25, 0.75) for axis in (0, 1)])


def cast_of(look: Look) -> tuple[float, float]:
    """The middle colour of a look; documents from before it was kept have the neutral point only."""
    return look.neutral_ab if look.cast_ab is None else look.cast_ab


def _middle(values: F64, weight: F64, low: float, high: float) -> float:
    """Weighted mean of the values between two quantiles, given as shares of the weight."""
    order = np.argsort(values)
    above = np.cumsum(weight[order])
    above /= above[-1]
    # What of each value lies between the shares: no value is in or out by rounding.
    part = np.diff(np.clip(np.concatenate([[0.0], above]), low, high))
    return float(part @ values[order] / part.sum())


def neutral_point(lab: F64) -> F64:
    """(2,) a, b where the near-neutral pixels cluster, as a pixel of full ``cast_weight`` shows it.

    The mode of the a/b density times a wide prior between grey and the median colour, refined by mean shift
    (Comaniciu & Meer 2002). A mode, not a mean: a meadow or a red wall is content, not a tint.
    """
    weight = cast_weight(lab[:, 0])
    seen = weight > 0.25
    if not seen.any():
        return np.zeros(2)
    weight = weight[seen]
    ab = lab[seen, 1:] / weight[:, None]
    density, _, _ = np.histogram2d(
        ab[:, 0], ab[:, 1], bins=_GRID, range=[[-_REACH, _REACH], [-_REACH, _REACH]], weights=weight
    )
    axis = (np.arange(_GRID) + 0.5) / _GRID * 2 * _REACH - _REACH
    kernel = np.exp(-0.5 * (np.subtract.outer(axis, axis) / _KERNEL) ** 2)
    median = np.median(ab, axis=0)
    centre = median * min(1.0, _LARGEST_CAST / max(float(np.hypot(*median)), 1e-9))
    prior = [np.exp(-0.5 * ((axis - middle) / _PRIOR) ** 2) for middle in centre]
    score = (kernel @ density @ kernel) * np.outer(prior[0], prior[1])
    row, column = np.unravel_index(int(score.argmax()), score.shape)
    at = np.array([axis[row], axis[column]])
    for _ in range(12):
        pull = weight * np.exp(-0.5 * ((ab - at) ** 2).sum(1) / _KERNEL**2)
        if pull.sum() < 1e-9:
            break
        step = (pull[:, None] * ab).sum(0) / pull.sum() - at
        at = at + step
        if np.abs(step).max() < 1e-5:
            break
    return np.asarray(at)


def picks(lab: NDArray[Any], size: int) -> NDArray[np.int64]:
    """Indices of real pixels, one from each cell of a balanced k-d split of (n, 3) Oklab.

    Equal weights, spread as the picture's colours are; ``size`` is a power of two.
    """
    lab = np.asarray(lab, np.float64)
    cells = [np.arange(len(lab))]
    while len(cells) < size and len(cells[0]) >= 4:
        halves: list[NDArray[np.int64]] = []
        for cell in cells:
            axis = int(np.ptp(lab[cell], axis=0).argmax())
            middle = len(cell) // 2
            order = np.argpartition(lab[cell, axis], middle)
            halves += [cell[order[:middle]], cell[order[middle:]]]
        cells = halves

    def central(cell: NDArray[np.int64]) -> int:
        apart = ((lab[cell] - lab[cell].mean(0)) ** 2).sum(1)
        return int(cell[np.argsort(apart)[len(cell) // 2]])

    return np.array([central(cell) for cell in cells])


def _pair(values: F64) -> tuple[float, float]:
    return float(values[0]), float(values[1])
