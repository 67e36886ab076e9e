"""HLG and PQ (BT.2020) to BT.709 SDR, as a 3D LUT for 10-bit phone footage.

Signal to display light: ITU-R BT.2100 (HLG inverse OETF and OOTF for a 1000 cd/m2 display; PQ EOTF). Tone mapping:
the EETF of ITU-R BT.2390 section 5.4.1, a Hermite roll-off in PQ space, on the luminance, so that hues stay.
Gamut: BT.2020 to BT.709 by matrix (BT.2087), the colours outside giving up chroma, not channels.
Reference white of 203 cd/m2 (BT.2408) comes out at about 90 % of SDR white.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from reelprint.colour.oklab import oklab_of_linear, rgb_of_oklab
from reelprint.colour.sliders import identity_lut

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593])
_TO_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])

HDR_PEAK_NITS = 1000.0
#: SDR white; 203 cd/m2 is then 78 % of its light, 90 % of its signal.
SDR_WHITE_NITS = 260.0


@cache
def hdr_lut(transfer: Literal["hlg", "pq"], size: int = 33) -> F32:
    """(size, size, size, 3) float32: R'G'B' BT.2020 signal 0..1, full range, to BT.709 SDR code values 0..1."""
    signal = identity_lut(size).astype(np.float64)
    lut = sdr_of_hdr(signal, transfer)
    lut.setflags(write=False)
    return lut


def sdr_of_hdr(signal: NDArray[Any], transfer: Literal["hlg", "pq"]) -> F32:
    """(..., 3) R'G'B' BT.2020 signal 0..1 to (..., 3) BT.709 SDR code values 0..1."""
    light = hlg_light(signal) if transfer == "hlg" else pq_light(signal)
    luminance = light @ _LUMA_2020
    mapped = tone_map(luminance)
    scaled = light * (mapped / np.maximum(luminance, 1e-6))[..., None]
    linear = scaled @ _TO_709.T / SDR_WHITE_NITS
    return rgb_of_oklab(oklab_of_linear(linear))


def hlg_light(signal: NDArray[Any]) -> F64:
    """BT.2100 HLG signal to display light in cd/m2 on a 1000 cd/m2 display (system gamma 1.2)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    E = np.clip(np.asarray(signal, np.float64), 0, 1)
    scene = np.where(E <= 0.5, E * E / 3, (np.exp((E - c) / a) + b) / 12)
    luminance = np.maximum(scene @ _LUMA_2020, 1e-9)
    return np.asarray(HDR_PEAK_NITS * luminance[..., None] ** 0.2 * scene)


def pq_light(signal: NDArray[Any]) -> F64:
    """BT.2100 PQ signal to display light in cd/m2."""
    power = np.clip(np.asarray(signal, np.float64), 0, 1) ** (1 / _M2)
    return np.asarray(10000 * (np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1))


def pq_signal(light: NDArray[Any]) -> F64:
    """Display light in cd/m2 to the PQ signal."""
    power = (np.clip(np.asarray(light, np.float64), 0, 10000) / 10000) ** _M1
    return np.asarray(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2)


def tone_map(luminance: NDArray[Any]) -> F64:
    """BT.2390 EETF: luminance 0..HDR_PEAK_NITS (more is clipped) to 0..SDR_WHITE_NITS."""
    top = pq_signal(np.array(HDR_PEAK_NITS))
    E = np.minimum(pq_signal(luminance) / top, 1.0)
    peak = float(pq_signal(np.array(SDR_WHITE_NITS)) / top)
    knee = 1.5 * peak - 0.5
    t = np.clip((E - knee) / (1 - knee), 0, 1)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * peak
    return pq_light(np.where(knee > E, E, spline) * top)
