"""The colour of letters from pictures whose colour is coarser than their strokes.

Video keeps colour (Cb, Cr) at half the resolution of light (4:2:0), so the colour of a thin stroke is mixed
with what is around it while its light is nearly whole. The mix is known: the mask of the letters, blurred as chroma is.
Chroma is regressed on it and read where the mask would be full.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]
F32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

#: Blur of chroma against light, standard deviation in pixels of the film: halving, coding and enlarging again.
CHROMA_BLUR_PX: Final = 1.7
#: Share of the chroma's variance around the letters that the mix must explain before it is believed.
_EXPLAINED: Final = 0.5
#: Chroma (0..181) below which letters are white, grey or black.
_NEUTRAL: Final = 6.0
#: Cosine between chromas of one hue.
_SAME_HUE: Final = 0.8
#: Around the letters, in blurs.
_AROUND: Final = 2.0


def fill_color(rgb: U8, lab: F32, mask: Mask, blur_px: float) -> str:
    """``#rrggbb`` of the strokes in ``mask`` (h, w) of a picture (h, w, 3), given as RGB and as CIELAB.

    ``blur_px``: how much coarser its chroma is, standard deviation in its pixels.
    """
    core = _core_color(rgb, lab, mask)
    light = float(np.array([0.299, 0.587, 0.114]) @ core)
    seen = np.array([(core[0] - light) / 1.402, (core[2] - light) / 1.772])
    whole = _unmixed_chroma(rgb, mask, blur_px)
    if whole is not None and _goes_on(seen, whole):
        cr, cb = whole
        core = np.array([light + 1.402 * cr, light - 0.714136 * cr - 0.344136 * cb, light + 1.772 * cb])
    red, green, blue = (round(float(value)) for value in np.clip(core, 0, 255))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _goes_on(seen: F64, whole: F64) -> bool:
    """Whether one chroma is another made stronger. White letters before blue would else turn yellow."""
    far = float(np.linalg.norm(whole))
    return far > float(np.linalg.norm(seen)) > _NEUTRAL and float(seen @ whole) > 0.8 * far * float(
        np.linalg.norm(seen)
    )


def _core_color(rgb: U8, lab: F32, mask: Mask) -> F64:
    """RGB of the strokes' core: thin strokes are mixed with what is around, their middle least."""
    distance = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3)
    core = mask & (distance >= np.percentile(distance[mask], 75))
    outside = lab[~mask].mean(axis=0)
    inside = np.median(lab[core], axis=0)
    axis = (inside - outside) / (np.linalg.norm(inside - outside) + 1e-6)
    purity = (lab - outside) @ axis
    purest = core & (purity >= np.percentile(purity[core], 50))
    return np.asarray(np.median(rgb[purest], axis=0), np.float64)


def _unmixed_chroma(rgb: U8, mask: Mask, blur_px: float) -> F64 | None:
    """(2,) Cr and Cb (0 = neutral) of the full mask; None when the mix does not explain what is seen."""
    there = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), blur_px)
    size = 2 * max(1, round(_AROUND * blur_px)) + 1
    near = cv2.dilate(mask.astype(np.uint8), np.ones((size, size), np.uint8)) > 0
    seen = cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb)[..., 1:][near].astype(np.float64) - 128
    design = np.stack([there[near], np.ones(len(seen))], axis=1).astype(np.float64)
    slopes = np.linalg.lstsq(design, seen, rcond=None)[0]
    rest = float((seen - design @ slopes).var(axis=0).sum())
    if rest > (1 - _EXPLAINED) * float(seen.var(axis=0).sum()):
        return None
    return np.asarray(slopes.sum(axis=0))
