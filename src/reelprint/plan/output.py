"""The size and rate of the film that comes out."""

from __future__ import annotations

import math
from fractions import Fraction

from reelprint.core.analysis import Analysis
from reelprint.core.errors import DocumentError
from reelprint.core.plan import OutputSpec
from reelprint.core.style import StyleJSON
from reelprint.core.time import STANDARD_RATES, parse_rate, rate_text, to_frames
from reelprint.plan.options import PlanOptions

#: Short sides that players and platforms expect, pixels.
_SHORT_SIDES_PX = (144, 240, 288, 360, 432, 480, 540, 576, 720, 1080, 1440, 2160)
_ASPECTS = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1)}


def output_spec(style: StyleJSON, footage: Analysis, options: PlanOptions) -> OutputSpec:
    """Size from the footage's own detail, shape and rate from the style.

    Raises DocumentError when the target duration is longer than the footage or rounds to no frame at all.
    """
    width_px, height_px = _size(style, footage, options)
    rate = _rate(style, footage, options)
    length_s = footage.timing.duration_s
    if options.target_duration_s is not None:
        if options.target_duration_s > length_s + float(1 / rate):
            raise DocumentError(
                f"target duration {options.target_duration_s:g} s is longer than the footage ({length_s:.2f} s)",
                detail="target_duration_seconds",
            )
        if to_frames(options.target_duration_s, rate) < 1:
            raise DocumentError(
                f"target duration {options.target_duration_s:g} s is shorter than one frame",
                detail="target_duration_seconds",
            )
        length_s = min(length_s, options.target_duration_s)
    return OutputSpec(
        width=width_px,
        height=height_px,
        frame_rate=rate_text(rate),
        frame_count=max(1, to_frames(length_s, rate)),
        container=options.container,
        quality=options.quality,
    )


def _size(style: StyleJSON, footage: Analysis, options: PlanOptions) -> tuple[int, int]:
    """Width and height, pixels: the shape that was asked for at a usual size, or as shot, up to 2160 lines."""
    video, picture = footage.media.video, footage.picture
    width, height = video.width * picture.width, video.height * picture.height
    if options.as_shot and options.aspect_ratio is None:
        scale = min(1.0, _SHORT_SIDES_PX[-1] / min(width, height))
        return max(2, 2 * round(width * scale / 2)), max(2, 2 * round(height * scale / 2))
    wide, high = _ASPECTS[options.aspect_ratio or style.aspect_ratio]
    short_px = min(_SHORT_SIDES_PX, key=lambda side: abs(math.log(side / min(width, height))))
    long_px = 2 * round(short_px * max(wide, high) / min(wide, high) / 2)
    return (long_px if wide > high else short_px), (long_px if high > wide else short_px)


def _rate(style: StyleJSON, footage: Analysis, options: PlanOptions) -> Fraction:
    """The rate that was asked for, or as shot: for footage of a variable rate the usual one nearest to its average."""
    if options.as_shot and options.frame_rate is None:
        own = parse_rate(footage.timing.frame_rate)
        return min(STANDARD_RATES, key=lambda usual: abs(math.log(own / usual)))
    return Fraction(options.frame_rate or style.frame_rate)
