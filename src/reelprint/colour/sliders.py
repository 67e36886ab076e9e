"""The six sliders: what they do to a colour, and how they are read off a look.

``grade`` defines them; ``sliders_of`` is its inverse against the neutral look. For footage x, slider by slider and
together, sliders(x graded with p) = sliders(x) + p as far as the gamut and the range of -100..100 allow; the reason
is in ``colour.flows``. Order: tone, saturation, then temperature and tint, so that -100 saturation with a warm
temperature is sepia.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reelprint.colour import flows
from reelprint.colour.look import (
    FILM_CLOUD,
    NEUTRAL_ZONES,
    cast_of,
    cast_point,
    cast_weight,
    chroma_level,
    measure_look,
    zone_levels,
)
from reelprint.colour.oklab import fit_gamut, hue_chroma_limit, oklab_of_rgb, rgb_of_oklab
from reelprint.core.colour import ColorGrade, Look

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

NAMES = ("temperature", "tint", "saturation", "contrast", "highlights", "shadows")

#: Shift along b (blue-yellow) and a (green-magenta) at 100, in Oklab units at full cast weight.
CAST_100 = 0.15
#: Shift of u at 100. Shadows and highlights: exactly what brings the neutral level to black and to white.
SHADOWS_100 = NEUTRAL_ZONES[0] - 1
HIGHLIGHTS_100 = -1 - NEUTRAL_ZONES[2]
CONTRAST_100 = 1.4
SATURATION_100 = 1.2
#: Below this slider value saturation falls faster, to reach grey at -100.
_GREY_FROM = -80.0
#: chroma level of the neutral look (chroma 0.05)
_NEUTRAL_CHROMA_LEVEL = -2.95


def grade_oklab(lab: NDArray[Any], params: ColorGrade) -> F64:
    """Apply the sliders to (..., 3) Oklab; the result may be out of gamut."""
    return apply_sliders(lab, np.array([getattr(params, name) for name in NAMES]))


def apply_sliders(lab: NDArray[Any], values: NDArray[Any]) -> F64:
    """As grade_oklab, with the six values in the order of NAMES."""
    lab = np.array(lab, np.float64)
    temperature, tint, saturation, contrast, highlights, shadows = (float(v) for v in values)
    lab[..., 0] = flows.move_tone(
        lab[..., 0],
        shadows / 100 * SHADOWS_100,
        contrast / 100 * CONTRAST_100,
        highlights / 100 * HIGHLIGHTS_100,
    )
    if saturation:
        chroma = np.hypot(lab[..., 1], lab[..., 2])
        limit = hue_chroma_limit(lab[..., 1], lab[..., 2])
        scale = flows.move_chroma(chroma, limit, _shift_of_saturation(saturation)) / np.maximum(chroma, 1e-9)
        lab[..., 1:] *= scale[..., None]
    if temperature or tint:
        weight = cast_weight(lab[..., 0])
        lab[..., 1] += tint / 100 * CAST_100 * weight
        lab[..., 2] += temperature / 100 * CAST_100 * weight
    return lab


def grade(params: ColorGrade, size: int = 33) -> F32:
    """The sliders as a 3D LUT: float32 (size, size, size, 3) of code values 0..1, indexed [r, g, b]."""
    if params == ColorGrade():
        return identity_lut(size)
    return rgb_of_oklab(grade_oklab(grid_oklab(size), params))


def sliders_raw(look: Look) -> F64:
    """(6,) sliders of a look in the order of NAMES, not limited to -100..100."""
    return _sliders(cast_of(look), look.chroma_level, look.zone_levels)


def sliders_of_pixels(lab: F64) -> F64:
    """(6,) as sliders_raw, straight from (n, 3) Oklab pixels."""
    cast = cast_point(lab)
    return _sliders((cast[0], cast[1]), chroma_level(lab, cast), zone_levels(lab[:, 0]))


def white_balance_of(look: Look) -> tuple[float, float]:
    """Temperature and tint of what is grey in the picture: a meadow has a green cast, and its grey stones none."""
    return look.neutral_ab[1] / CAST_100 * 100, look.neutral_ab[0] / CAST_100 * 100


def _sliders(cast: tuple[float, float], chroma: float, zones: tuple[float, float, float]) -> F64:
    shadows, mids, highlights = zones
    return np.array(
        [
            cast[1] / CAST_100 * 100,
            cast[0] / CAST_100 * 100,
            _saturation_of_shift(chroma - _NEUTRAL_CHROMA_LEVEL),
            (mids - NEUTRAL_ZONES[1]) / CONTRAST_100 * 100,
            (highlights - NEUTRAL_ZONES[2]) / HIGHLIGHTS_100 * 100,
            (shadows - NEUTRAL_ZONES[0]) / SHADOWS_100 * 100,
        ]
    )


def sliders_of(look: Look) -> ColorGrade:
    """The sliders that make the neutral look into this one, each limited to -100..100."""
    return grade_of(sliders_raw(look))


def grade_of(values: NDArray[Any]) -> ColorGrade:
    """Six values in the order of NAMES, limited and rounded to 0.01."""
    return ColorGrade(
        **{name: round(float(np.clip(value, -100, 100)), 2) for name, value in zip(NAMES, values, strict=True)}
    )


def look_of_sliders(params: ColorGrade) -> Look:
    """The neutral look with the sliders applied: the look of a style that carries only sliders."""
    return measure_look(fit_gamut(grade_oklab(_neutral_pixels(), params)), cloud_size=FILM_CLOUD)


def _shift_of_saturation(slider: float) -> float:
    if slider <= -99.999:
        return -np.inf
    if slider >= _GREY_FROM:
        return slider / 100 * SATURATION_100
    reach = 100 + _GREY_FROM
    below = (slider - _GREY_FROM) / reach
    # x / (1 + x) starts with slope 1, so the curve is smooth at the joint, and is infinite at -100.
    return (_GREY_FROM + reach * below / (1 + below)) / 100 * SATURATION_100


def _saturation_of_shift(shift: float) -> float:
    slider = shift / SATURATION_100 * 100
    if slider >= _GREY_FROM:
        return slider
    reach = 100 + _GREY_FROM
    below = (slider - _GREY_FROM) / reach
    return _GREY_FROM + reach * below / (1 - below)


@cache
def identity_lut(size: int) -> F32:
    """(size, size, size, 3) float32 with lut[r, g, b] = (r, g, b) / (size - 1). Read-only."""
    axis = np.linspace(0, 1, size, dtype=np.float32)
    lut = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
    lut.setflags(write=False)
    return lut


@cache
def grid_oklab(size: int) -> F32:
    """The identity LUT's colours in Oklab. Read-only."""
    lab = oklab_of_rgb(identity_lut(size))
    lab.setflags(write=False)
    return lab


@cache
def _neutral_pixels() -> F64:
    """(4096, 3) Oklab pixels of the neutral look: its zones and its chroma are at the neutral levels.

    Lightness fills every zone evenly in its coordinate around the neutral level; chroma is log-normal around
    0.05 and hues are all round, with a third of greys.
    """
    rng = np.random.default_rng(2020)
    count = 4096
    spread = (np.arange(count // 4) + 0.5) / (count // 4) * 1.2 - 0.6
    low = flows.SHADOW_BORDER * (1 - 1 / np.maximum(NEUTRAL_ZONES[0] + spread, 1.0))
    high = flows.HIGHLIGHT_BORDER + (1 - flows.HIGHLIGHT_BORDER) / np.maximum(-(NEUTRAL_ZONES[2] + spread), 1.0)
    w = np.interp(NEUTRAL_ZONES[1] + 2 * spread, flows.mid_level(flows.PIVOT + flows.MID_RADIUS * _W), _W)
    mids = flows.PIVOT + flows.MID_RADIUS * np.concatenate([w, -w])
    lightness = rng.permutation(np.concatenate([low, mids, high]))
    rank = (np.arange(count) + 0.5) / count
    hue = rng.permutation(rank) * 2 * np.pi
    limit = hue_chroma_limit(np.cos(hue), np.sin(hue))
    # Half of the pixels are grey, the others spread evenly in chroma's logarithm around the neutral level.
    colour = np.exp(_NEUTRAL_CHROMA_LEVEL + 1.2 * (rank - 0.75))
    chroma = np.where(rank < 0.5, 0.0, np.minimum(colour, 0.9 * limit))
    return np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], -1)


_W = np.linspace(0.001, 0.998, 2000)
