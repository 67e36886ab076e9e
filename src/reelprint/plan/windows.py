"""Windows on the source: their shape, and keeping them inside the active picture."""

from __future__ import annotations

import math

from reelprint.core.analysis import ActivePicture
from reelprint.core.plan import Crop, CropKey

Point = tuple[float, float]
"""x, y as shares of the displayed source"""

#: Tighter than this share of the active picture's width or height shows nothing but pixels.
MIN_SHARE = 0.1
WHOLE = ActivePicture(x=0.0, y=0.0, width=1.0, height=1.0, aspect=1.0)


def largest_window(
    source_size: tuple[int, int], active: ActivePicture, output_size: tuple[int, int]
) -> tuple[float, float]:
    """Return width and height (shares of the source) of the largest window of the output's shape in the active picture.

    ``source_size`` as displayed (width, height), pixels. Bars of a letterbox are outside, so a filled output has none.
    """
    width_px, height_px = source_size[0] * active.width, source_size[1] * active.height
    aspect = output_size[0] / output_size[1]
    width_px = min(width_px, height_px * aspect)
    return min(active.width, width_px / source_size[0]), min(active.height, width_px / aspect / source_size[1])


def clamp_centre(centre: Point, width: float, height: float, bounds: ActivePicture) -> Point:
    """Return the centre nearest to ``centre`` at which a window of that size stays inside ``bounds``."""
    return (
        _clamp(centre[0], bounds.x + width / 2, bounds.x + bounds.width - width / 2),
        _clamp(centre[1], bounds.y + height / 2, bounds.y + bounds.height - height / 2),
    )


def window(centre: Point, width: float, height: float, bounds: ActivePicture = WHOLE) -> Crop:
    """Return the window of that size nearest to ``centre`` and inside ``bounds``; one that is too large shrinks."""
    shrink = min(1.0, bounds.width / width, bounds.height / height)
    # Rounded down, so that rounding never leads out of the picture.
    width, height = (math.floor(side * shrink * 1e6) / 1e6 for side in (width, height))
    x, y = clamp_centre(centre, width, height, bounds)
    return Crop(
        x=round(_clamp(x - width / 2, 0.0, 1.0 - width), 6),
        y=round(_clamp(y - height / 2, 0.0, 1.0 - height), 6),
        width=width,
        height=height,
    )


def punch_in(crop: Crop, factor: float, focus: Point) -> Crop:
    """Return the window ``factor`` (>= 1) times tighter inside ``crop``, of its shape, as near to ``focus`` as fits.

    Raises ValueError for a factor below 1.
    """
    if factor < 1:
        raise ValueError(f"a punch-in has a factor of 1 or more, not {factor}")
    factor = min(factor, 1 / MIN_SHARE)
    bounds = ActivePicture(x=crop.x, y=crop.y, width=crop.width, height=crop.height, aspect=1.0)
    return window(focus, crop.width / factor, crop.height / factor, bounds)


def slow_zoom(crop: Crop, ratio: float, frames: int, focus: Point | None = None) -> tuple[CropKey, ...]:
    """Return a zoom over ``frames`` frames that stays in ``crop``: into it for ``ratio`` > 1, out to it below 1.

    ``ratio`` is the scale at the end over that at the start. ``focus`` (default: the crop's centre): where it is tight.
    Raises ValueError for a ratio that is not positive.
    """
    if ratio <= 0:
        raise ValueError(f"a zoom ratio is positive, not {ratio}")
    middle = (crop.x + crop.width / 2, crop.y + crop.height / 2)
    tight = punch_in(crop, max(ratio, 1 / ratio), focus or middle)
    if frames < 2 or tight == crop:
        return (CropKey(frame=0, crop=crop, easing="linear"),)
    first, last = (crop, tight) if ratio > 1 else (tight, crop)
    return CropKey(frame=0, crop=first, easing="linear"), CropKey(frame=frames - 1, crop=last, easing="linear")


def _clamp(value: float, low: float, high: float) -> float:
    return (low + high) / 2 if high < low else min(max(value, low), high)
