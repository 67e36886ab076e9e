"""Apply colour transformations: GradeTransfer steps on pixels, and as one 3D LUT."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reelprint.colour.look import cast_weight
from reelprint.colour.oklab import fit_gamut, rgb_of_oklab
from reelprint.colour.sliders import grade_oklab, grid_oklab, identity_lut
from reelprint.colour.warp import warp
from reelprint.core.colour import ColorGrade, GradeTransfer

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

#: Skin lies around this Oklab hue in all complexions, within chroma 0.03..0.16 (measured on faces by many; the
#: "skin tone line" of a vectorscope is the same direction).
_SKIN_HUE = np.deg2rad(52.0)
_SKIN_WIDTH = np.deg2rad(20.0)
_NEUTRAL_RADIUS = 0.03


def apply_transfer(lab: NDArray[Any], step: GradeTransfer) -> F64:
    """One step on (..., 3) Oklab. The result is inside the gamut. Strength 0 returns the input."""
    lab = np.asarray(lab, np.float64)
    if step.strength == 0:
        return lab
    out = lab.copy()
    out[..., 0] = np.clip(np.interp(lab[..., 0], step.tone_in, step.tone_out), 0, 1)
    if step.warp:
        out = np.asarray(fit_gamut(warp(out, step.warp)), np.float64)
    if step.matrix_ab != ((1.0, 0.0), (0.0, 1.0)) or step.offset_ab != (0.0, 0.0):
        out[..., 1:] = _recoloured(lab[..., 0], out, step)
    if step.sliders != ColorGrade():
        out = grade_oklab(out, step.sliders)
    return np.asarray(fit_gamut(lab + step.strength * (out - lab)), np.float64)


def _recoloured(lightness: F64, out: F64, step: GradeTransfer) -> F64:
    """(..., 2) a and b of ``out`` after matrix and offset; ``lightness`` is that from before the tone curve."""
    weight = cast_weight(lightness)[..., None]
    relative = out[..., 1:] - weight * np.array(step.center_ab)
    ease = _guards(out, relative, step)[..., None]
    moved = relative @ np.array(step.matrix_ab).T
    cast = cast_weight(out[..., 0])[..., None]
    eased = relative + ease * (moved - relative) + weight * np.array(step.center_ab)
    return np.asarray(eased + cast * np.array(step.offset_ab), np.float64)


def _guards(lab: F64, relative: F64, step: GradeTransfer) -> F64:
    """1 where the matrix acts in full, less near neutrals and on skin hues."""
    chroma = np.hypot(relative[..., 0], relative[..., 1])
    near = np.exp(-0.5 * (chroma / _NEUTRAL_RADIUS) ** 2)
    hue = np.arctan2(lab[..., 2], lab[..., 1])
    skin = np.exp(-0.5 * ((hue - _SKIN_HUE) / _SKIN_WIDTH) ** 2)
    absolute = np.hypot(lab[..., 1], lab[..., 2])
    skin *= np.clip((absolute - 0.015) / 0.02, 0, 1) * np.clip((0.19 - absolute) / 0.05, 0, 1)
    return np.asarray((1 - step.neutral_guard * near) * (1 - step.skin_guard * skin), np.float64)


def apply_chain(lab: NDArray[Any], steps: Sequence[GradeTransfer]) -> F64:
    """All steps, left to right, on (..., 3) Oklab."""
    out = np.asarray(lab, np.float64)
    for step in steps:
        out = apply_transfer(out, step)
    return out


def bake(steps: Sequence[GradeTransfer], size: int = 33) -> F32:
    """Steps as a 3D LUT: float32 (size, size, size, 3) of code values 0..1, indexed [r, g, b].

    An empty chain, or one whose strengths are all 0, is exactly the identity.
    """
    active = [step for step in steps if step.strength > 0]
    if not active:
        return identity_lut(size).copy()
    return rgb_of_oklab(apply_chain(grid_oklab(size), active))
