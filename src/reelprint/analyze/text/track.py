"""Texts over time: which boxes on different stills are one text, and its life on screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.text.presence import Bounds
from reelprint.analyze.text.reader import TextReading

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

#: Normalised correlation of two pictures of one box above which it is not read a second time.
_SAME_PIXELS: Final = 0.9
#: The same for what is finer than tones, in each eighth of a box where it has this contrast (8-bit).
_SAME_STROKES: Final = 0.5
_STROKE_CONTRAST: Final = 8.0
_SAME_PLACE: Final = 0.5
_SAME_STRING: Final = 0.75


@dataclass
class Sighting:
    """A text on one still. ``position`` counts the stills; ``bounds`` fractions of the picture."""

    position: int
    sample: int
    bounds: Bounds
    tilt_deg: float
    reading: TextReading
    patch: U8
    face: tuple[Bounds, str] | None = None
    """one line of a box that holds several, with its text: by it the look is measured"""

    @property
    def line(self) -> tuple[Bounds, str]:
        """The line by which the look is measured."""
        return self.face or (self.bounds, self.reading.text)


@dataclass
class Track:
    """One text: its sightings, and (once followed) when it is there."""

    sightings: list[Sighting] = field(default_factory=list)
    start_s: float = 0.0
    end_s: float = 0.0
    scene: bool = False

    @property
    def best(self) -> Sighting:
        """The sighting with most letters read with certainty: half a line is read well too."""
        return max(self.sightings, key=lambda item: item.reading.score**4 * len(item.reading.text))

    @property
    def clearest(self) -> Sighting:
        """Of the sightings that read like the best one, the one with most contrast: not in the middle of a fade."""
        alike = [item for item in self.sightings if likeness(item.reading.text, self.text) > 0.95]
        return max(alike, key=lambda item: float(item.patch.std()))

    @property
    def text(self) -> str:
        """What the best sighting reads."""
        return self.best.reading.text


def patch_of(rgb: U8, bounds: Bounds) -> U8:
    """(24, 96) uint8 luma of a box, the size at which boxes are compared."""
    height, width = rgb.shape[:2]
    x0, y0 = int(bounds[0] * width), int(bounds[1] * height)
    x1, y1 = max(x0 + 1, round(bounds[2] * width)), max(y0 + 1, round(bounds[3] * height))
    luma = cv2.cvtColor(rgb[y0:y1, x0:x1], cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(luma, (96, 24), interpolation=cv2.INTER_AREA))


def same_pixels(a: U8, b: U8) -> bool:
    """Whether two patches show the same, up to brightness and contrast.

    Strokes must agree as well as tones: the edge of a panel behind a text makes the patch with it like the one without.
    """
    if float(cv2.matchTemplate(a, b, cv2.TM_CCOEFF_NORMED)[0, 0]) < _SAME_PIXELS:
        return False
    first, second = _strokes(a), _strokes(b)
    product, one, other = (_parts(x * y) for x, y in ((first, second), (first, first), (second, second)))
    told = np.maximum(one, other) > _STROKE_CONTRAST**2
    return bool((product[told] >= _SAME_STROKES * np.sqrt(one * other)[told]).all() and (one > 0.2 * other)[told].all())


def _strokes(patch: U8) -> F32:
    """What is finer than the shades of a patch."""
    values = patch.astype(np.float32)
    return np.asarray(values - cv2.GaussianBlur(values, (0, 0), 3.0), np.float32)


def _parts(values: F32) -> F32:
    """Means over eight parts beside each other."""
    return np.asarray(values.reshape(values.shape[0], 8, -1).mean(axis=(0, 2)), np.float32)


def overlap(a: Bounds, b: Bounds) -> float:
    """Intersection over union of two boxes."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def likeness(a: str, b: str) -> float:
    """0..1: share of letters that two readings have in common, in order; case and spaces do not count."""
    left, right = ("".join(text.split()).casefold() for text in (a, b))
    return SequenceMatcher(None, left, right, autojunk=False).ratio()


def same_text(a: Sighting, b: Sighting) -> bool:
    """Whether two sightings are of one text by place and letters; a text that moves keeps letters and height."""
    alike = likeness(a.reading.text, b.reading.text)
    if overlap(a.bounds, b.bounds) >= _SAME_PLACE:
        return alike >= _SAME_STRING
    heights = a.bounds[3] - a.bounds[1], b.bounds[3] - b.bounds[1]
    return alike >= 0.85 and len(a.reading.text) >= 4 and min(heights) >= 0.7 * max(heights)


def replaces(sighting: Sighting, track: Track) -> bool:
    """Whether a sighting shows another text where this one stood."""
    there = any(overlap(sighting.bounds, item.bounds) > 0.3 for item in (track.sightings[0], track.sightings[-1]))
    return there and likeness(sighting.reading.text, track.text) < 0.5
