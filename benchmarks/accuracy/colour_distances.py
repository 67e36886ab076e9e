"""Distances between what two sets of pixels look like, independent of how Reelprint measures a look."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reelprint.colour.oklab import decode_srgb, oklab_of_rgb

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]

_PIXELS = 16_000
_LEVELS = (np.arange(200) + 0.5) / 200
#: BT.709 primaries to CIE XYZ, relative to D65 (IEC 61966-2-1).
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
) / np.array([[0.95047], [1.0], [1.08883]])


def pixels(frames: U8) -> U8:
    """(n, 3) the same places of every set of frames of one size."""
    flat = frames.reshape(-1, 3)
    return flat[np.random.default_rng(1).choice(len(flat), min(_PIXELS, len(flat)), replace=False)]


def sliced_wasserstein(a: U8, b: U8) -> float:
    """100 times the sliced 1-Wasserstein distance in Oklab over 64 directions (Bonneel et al. 2015)."""
    directions = np.random.default_rng(7).normal(size=(64, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    ends = [np.quantile(oklab_of_rgb(rgb) @ directions.T, _LEVELS, axis=0) for rgb in (a, b)]
    return float(100 * np.abs(ends[0] - ends[1]).mean())


def quantile_difference(a: U8, b: U8) -> float:
    """Mean Delta E 2000 over the 1 % to 99 % quantiles of L*, a* and b*, each channel for itself."""
    ranks = np.arange(1, 100) / 100
    return float(delta_e_2000(*(np.quantile(cielab(rgb), ranks, axis=0) for rgb in (a, b))).mean())


def code_quantile_difference(a: U8, b: U8) -> float:
    """The same over the quantiles of R', G' and B': what a match of RGB histograms makes small by construction."""
    ranks = np.arange(1, 100) / 100
    return float(delta_e_2000(*(cielab(np.quantile(rgb, ranks, axis=0)) for rgb in (a, b))).mean())


def cielab(rgb: NDArray[Any]) -> F64:
    """(n, 3) code values 0..255 to CIE L*a*b* (D65)."""
    relative = decode_srgb(np.asarray(rgb, np.float64) / 255).astype(np.float64) @ _TO_XYZ.T
    f = np.where(relative > 216 / 24389, np.cbrt(relative), (24389 / 27 * relative + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], -1)


def delta_e_2000(first: F64, second: F64) -> F64:
    """CIEDE2000 of (n, 3) L*a*b* (Sharma, Wu & Dalal 2005)."""
    chroma = (np.hypot(first[:, 1], first[:, 2]) + np.hypot(second[:, 1], second[:, 2])) / 2
    stretch = 1 + 0.5 * (1 - np.sqrt(chroma**7 / (chroma**7 + 25.0**7)))
    a = [lab[:, 1] * stretch for lab in (first, second)]
    c = [np.hypot(x, lab[:, 2]) for x, lab in zip(a, (first, second), strict=True)]
    h = [np.degrees(np.arctan2(lab[:, 2], x)) % 360 for x, lab in zip(a, (first, second), strict=True)]
    grey = c[0] * c[1] == 0
    turn = np.where(grey, 0, (h[1] - h[0] + 180) % 360 - 180)
    hue_step = 2 * np.sqrt(c[0] * c[1]) * np.sin(np.radians(turn / 2))
    light, mean = (first[:, 0] + second[:, 0]) / 2, (c[0] + c[1]) / 2
    hue = np.where(grey, h[0] + h[1], (h[0] + turn / 2) % 360)
    t = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    s_l = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean, 1 + 0.015 * mean * t
    rotate = -2 * np.sqrt(mean**7 / (mean**7 + 25.0**7)) * np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    light_part, chroma_part, hue_part = (second[:, 0] - first[:, 0]) / s_l, (c[1] - c[0]) / s_c, hue_step / s_h
    return np.asarray(np.sqrt(light_part**2 + chroma_part**2 + hue_part**2 + rotate * chroma_part * hue_part))
