"""sRGB-coded BT.709 colours to Oklab and back, and fitting colours into the gamut by their chroma.

Oklab: B. Ottosson, "A perceptual color space for image processing" (2020). The coding is sRGB's
(IEC 61966-2-1), which is what displays apply to BT.709 video in practice.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_M1: F32 = _TO_LMS.T.astype(np.float32)
_M2: F32 = _TO_LAB.T.astype(np.float32)
_M1_INVERSE: F32 = np.linalg.inv(_TO_LMS).T.astype(np.float32)
_M2_INVERSE: F32 = np.linalg.inv(_TO_LAB).T.astype(np.float32)


def decode_srgb(code: NDArray[Any]) -> F32:
    """Code values 0..1 to linear light 0..1."""
    code = np.asarray(code, np.float32)
    return np.where(code <= 0.04045, code / 12.92, ((np.maximum(code, 0) + 0.055) / 1.055) ** 2.4).astype(np.float32)


def encode_srgb(linear: NDArray[Any]) -> F32:
    """Linear light to code values; values below 0 come out as 0."""
    linear = np.maximum(np.asarray(linear, np.float32), 0)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055).astype(np.float32)


@cache
def _decode_table() -> F32:
    return decode_srgb(np.arange(256) / 255)


def oklab_of_linear(linear: NDArray[Any]) -> F32:
    """(..., 3) linear BT.709 to (..., 3) Oklab L, a, b."""
    lms = np.asarray(linear, np.float32) @ _M1
    return np.asarray(np.cbrt(lms) @ _M2, np.float32)


def linear_of_oklab(lab: NDArray[Any]) -> F32:
    """(..., 3) Oklab to linear BT.709, which is outside 0..1 where the colour is out of gamut."""
    lms = np.asarray(lab, np.float32) @ _M2_INVERSE
    return np.asarray((lms * lms * lms) @ _M1_INVERSE, np.float32)


def oklab_of_rgb(rgb: NDArray[Any]) -> F32:
    """(..., 3) uint8 or float code values 0..1 to Oklab float32."""
    linear = _decode_table()[rgb] if rgb.dtype == np.uint8 else decode_srgb(rgb)
    return oklab_of_linear(linear)


def rgb_of_oklab(lab: NDArray[Any]) -> F32:
    """(..., 3) Oklab to float code values 0..1; chroma gives way where the colour is out of gamut."""
    return np.clip(encode_srgb(linear_of_oklab(fit_gamut(lab))), 0, 1)


def fit_gamut(lab: NDArray[Any]) -> F32:
    """Keep hue and lightness, lower the chroma until linear BT.709 lies in 0..1.

    Colours inside the gamut are untouched. Lightness is clipped to 0..1.
    """
    lab = np.array(lab, np.float32)
    lab[..., 0] = np.clip(lab[..., 0], 0, 1)
    linear = linear_of_oklab(lab)
    # Asked of the colour itself: the table of limits is a little blunt at the corners of the gamut.
    outside = ((linear < -1e-4) | (linear > 1 + 1e-4)).any(-1)
    if outside.any():
        wild = lab[outside]
        chroma = np.hypot(wild[:, 1], wild[:, 2])
        edge = chroma_limit(wild[:, 0], np.arctan2(wild[:, 2], wild[:, 1]))
        wild[:, 1:] *= np.minimum(edge / np.maximum(chroma, 1e-9), 1)[:, None]
        lab[outside] = wild
    return lab


_L_STEPS, _HUE_STEPS = 129, 180


@cache
def _limit_table() -> F32:
    """(129, 181) largest chroma inside the gamut at a lightness and hue, by bisection."""
    lightness = np.linspace(0, 1, _L_STEPS, dtype=np.float32)[:, None]
    hue = np.linspace(-np.pi, np.pi, _HUE_STEPS + 1, dtype=np.float32)[None, :]
    low = np.zeros((_L_STEPS, _HUE_STEPS + 1), np.float32)
    high = np.full_like(low, 0.4)
    for _ in range(14):
        middle = (low + high) / 2
        lab = np.stack([np.broadcast_to(lightness, low.shape), middle * np.cos(hue), middle * np.sin(hue)], -1)
        linear = linear_of_oklab(lab)
        fits = ((linear >= -5e-4) & (linear <= 1 + 5e-4)).all(-1)
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return low


def chroma_limit(lightness: NDArray[Any], hue: NDArray[Any]) -> F32:
    """Largest in-gamut chroma at lightness 0..1 and hue in radians; bilinear in a table."""
    table = _limit_table()
    x = np.clip(lightness, 0, 1) * (_L_STEPS - 1)
    y = (np.asarray(hue) + np.pi) / (2 * np.pi) * _HUE_STEPS
    row = np.clip(x.astype(np.int32), 0, _L_STEPS - 2)
    column = np.clip(y.astype(np.int32), 0, _HUE_STEPS - 1)
    fx, fy = x - row, y - column
    upper = table[row, column] * (1 - fy) + table[row, column + 1] * fy
    lower = table[row + 1, column] * (1 - fy) + table[row + 1, column + 1] * fy
    return np.asarray(upper * (1 - fx) + lower * fx, np.float32)


@cache
def _cusp_table() -> F32:
    return np.asarray(_limit_table().max(0), np.float32)


def hue_chroma_limit(a: NDArray[Any], b: NDArray[Any]) -> F32:
    """Largest chroma that the hue of (a, b) reaches at any lightness."""
    hue = np.arctan2(b, a)
    return np.asarray(np.interp(hue, np.linspace(-np.pi, np.pi, _HUE_STEPS + 1), _cusp_table()), np.float32)
