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
#: Well seen, yet no longer quite the same: the agreement at which the pattern is taken anew.
_RENEW: Final = (0.6, 0.9)
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

    ``luma`` (h, w) uint8, ``bounds`` where the text stands in it.
    """

    def __init__(self, luma: U8, bounds: Bounds) -> None:
        height, width = luma.shape
        self._x0 = max(0, int(bounds[0] * width) - 1)
        self._y0 = max(0, int(bounds[1] * height) - 1)
        self._x1 = min(width, int(np.ceil(bounds[2] * width)) + 1)
        self._y1 = min(height, int(np.ceil(bounds[3] * height)) + 1)
        field = gradient(luma)[self._y0 : self._y1, self._x0 : self._x1]
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
    the end of the film). A text that grows or turns slowly is taken up anew as long as it is still well seen.
    """
    seen: list[Place] = []
    step = 1 if stop > start else -1
    pattern, origin, dx, dy = Pattern(lumas(start), bounds), bounds, 0, 0
    height, width = lumas(start).shape
    for position in range(start + step, stop, step):
        match = pattern.search(fields(position), dx, dy)
        if match.agreement < _AGREES or match.amount < _HALF:
            return seen, position
        dx, dy = match.dx, match.dy
        here = moved(origin, dx / width, dy / height)
        seen.append(Place(position, here))
        if _RENEW[0] < match.agreement < _RENEW[1]:
            pattern, origin, dx, dy = Pattern(lumas(position), here), here, 0, 0
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
