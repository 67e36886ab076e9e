"""From when to when a text is on screen: its stroke pattern followed through samples, then through every frame.

The pattern is the luma gradient of the box, weighed by itself, so that what moves behind the letters counts little.
Two figures compare a picture with it: *agreement* (cosine of the two gradient fields, blind to strength) says
whether it is this text, *amount* (regression slope) how much of it is there: 0.5 is the middle of a fade.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
Bounds = tuple[float, float, float, float]
"""Left, top, right, bottom as fractions of the picture."""

_AGREES: Final = 0.55
#: Below this agreement other sizes of the text are tried: titles often grow slowly.
_CHANGED: Final = 0.9
_ZOOM: Final = (0.96, 0.975, 0.9875, 1.0125, 1.025, 1.04)
_HALF: Final = 0.5
#: Pixels of search between neighbouring samples: credits roll about 2 px a quarter second at this size, titles drift.
_REACH_PX: Final = 5


@dataclass(frozen=True)
class Match:
    """How a picture compares with a pattern; ``dx``, ``dy`` its place against the pattern's own, in pixels."""

    agreement: float
    amount: float
    dx: int = 0
    dy: int = 0


@dataclass(frozen=True)
class Place:
    """Where a text stands on one sample."""

    position: int
    bounds: Bounds


class Pattern:
    """The strokes of one text at one size of picture.

    ``luma`` (h, w) uint8, ``bounds`` where the text stands in it; ``scale`` enlarges it about its middle.
    """

    def __init__(self, luma: U8, bounds: Bounds, scale: float = 1.0) -> None:
        height, width = luma.shape
        x0, y0 = max(0, int(bounds[0] * width) - 1), max(0, int(bounds[1] * height) - 1)
        x1, y1 = min(width, int(np.ceil(bounds[2] * width)) + 1), min(height, int(np.ceil(bounds[3] * height)) + 1)
        patch = luma[y0:y1, x0:x1]
        if scale != 1.0:
            size = (max(2, round((x1 - x0) * scale)), max(2, round((y1 - y0) * scale)))
            patch = np.asarray(cv2.resize(patch, size, interpolation=cv2.INTER_LINEAR))
        self._y0, self._x0 = round((y0 + y1 - patch.shape[0]) / 2), round((x0 + x1 - patch.shape[1]) / 2)
        self._y1, self._x1 = self._y0 + patch.shape[0], self._x0 + patch.shape[1]
        field = gradient(patch)
        strength = np.hypot(field[..., 0], field[..., 1])
        strong = strength > 0.3 * np.percentile(strength, 97)
        self._field = field * strong[..., None]
        self._strong = strong.astype(np.float32)
        self._energy = float((self._field**2).sum()) + 1e-6

    def match(self, field: F32, dx: int = 0, dy: int = 0) -> Match:
        """Compare with a gradient field of a whole picture at one place."""
        y0, x0, y1, x1 = self._y0 + dy, self._x0 + dx, self._y1 + dy, self._x1 + dx
        top, left = max(0, -y0), max(0, -x0)
        bottom, right = max(0, y1 - field.shape[0]), max(0, x1 - field.shape[1])
        there = field[y0 + top : y1 - bottom, x0 + left : x1 - right]
        rows, columns = slice(top, self._y1 - self._y0 - bottom), slice(left, self._x1 - self._x0 - right)
        mine, strong = self._field[rows, columns], self._strong[rows, columns]
        if there.shape[0] < 2 or there.shape[1] < 2:
            return Match(0.0, 0.0, dx, dy)
        product = float((there * mine).sum())
        energy = float((there**2 * strong[..., None]).sum())
        return Match(product / (np.sqrt(energy * self._energy) + 1e-6), product / self._energy, dx, dy)

    def search(self, field: F32, dx: int, dy: int) -> Match:
        """The best match around a place; the place itself when it is good there."""
        here = self.match(field, dx, dy)
        if here.agreement > 0.8:
            return here
        y0, x0 = max(0, self._y0 + dy - _REACH_PX), max(0, self._x0 + dx - _REACH_PX)
        y1, x1 = self._y1 + dy + _REACH_PX, self._x1 + dx + _REACH_PX
        window = field[y0:y1, x0:x1]
        rows, columns = self._field.shape[:2]
        if window.shape[0] < rows or window.shape[1] < columns:
            return here
        product = cv2.matchTemplate(window, self._field, cv2.TM_CCORR)
        energy = cv2.matchTemplate((window**2).sum(axis=2), self._strong, cv2.TM_CCORR)
        agreement = product / (np.sqrt(np.maximum(energy, 0) * self._energy) + 1e-6)
        j, i = np.unravel_index(int(agreement.argmax()), agreement.shape)
        # a moved match must be clearly better, or noise would walk away with a text that has gone
        if agreement[j, i] < max(here.agreement + 0.1, 0.7):
            return here
        return Match(
            float(agreement[j, i]), float(product[j, i]) / self._energy, x0 + int(i) - self._x0, y0 + int(j) - self._y0
        )


def gradient(luma: U8) -> F32:
    """(h, w, 2) float32: derivative to the right and down."""
    smooth = luma.astype(np.float32)
    return np.dstack([cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)])


def follow(
    lumas: Callable[[int], U8], fields: Callable[[int], F32], bounds: Bounds, start: int, stop: int
) -> tuple[list[Place], int | None]:
    """Walk from position ``start`` (which shows the text at ``bounds``) towards ``stop`` (exclusive).

    Returns the places where it is, in walking order without the start, and the first position where it is not (None:
    the end of the walk). A text that moves or grows slowly is followed.
    """
    seen: list[Place] = []
    step = 1 if stop > start else -1
    luma = lumas(start)
    height, width = luma.shape
    scale, pattern, dx, dy = 1.0, Pattern(luma, bounds), 0, 0
    for position in range(start + step, stop, step):
        match = pattern.search(fields(position), dx, dy)
        if match.agreement < _CHANGED:
            best = scale
            for factor in _ZOOM:
                other = Pattern(luma, bounds, scale * factor)
                tried = other.search(fields(position), dx, dy)
                if tried.agreement > match.agreement + 0.02:
                    match, pattern, best = tried, other, scale * factor
            scale = best
        if match.agreement < _AGREES or match.amount < _HALF:
            return seen, position
        dx, dy = match.dx, match.dy
        seen.append(Place(position, moved(bounds, dx / width, dy / height)))
    return seen, None


def moved(bounds: Bounds, dx: float, dy: float) -> Bounds:
    """Bounds shifted by fractions of the picture."""
    return bounds[0] + dx, bounds[1] + dy, bounds[2] + dx, bounds[3] + dy


def edge_frame(luma: U8, bounds: Bounds, present_first: bool) -> int:
    """The number of frames before the change: of ``luma`` (n, h, w), where one end shows the text and the other not.

    With ``present_first`` the text is in frame 0 and gone in the last; otherwise the other way round. The answer is
    where the amount passes half between the two ends: 1..n-1.
    """
    series = luma if present_first else luma[::-1]
    pattern = Pattern(series[0], bounds)
    amounts = np.array([pattern.match(gradient(picture)).amount for picture in series])
    half = (1.0 + min(0.8, float(amounts[-1]))) / 2
    gone = int(np.argmax(amounts < half)) or len(series) - 1
    return gone if present_first else len(series) - gone
