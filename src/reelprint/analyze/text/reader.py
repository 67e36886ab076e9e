"""The port to a text detector and recogniser: two calls, so that recognition runs only on what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]


@dataclass(frozen=True)
class TextBox:
    """One line of text found in a picture.

    ``corners``: (x, y) in pixels of that picture, clockwise from the text's own top left. ``score`` 0..1.
    """

    corners: tuple[tuple[float, float], ...]
    score: float

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """The upright rectangle around it: left, top, right, bottom in pixels."""
        xs, ys = [x for x, _ in self.corners], [y for _, y in self.corners]
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def tilt_deg(self) -> float:
        """Angle of the upper edge against the horizontal, -180..180, positive clockwise."""
        (x0, y0), (x1, y1) = self.corners[0], self.corners[1]
        return float(np.degrees(np.arctan2(y1 - y0, x1 - x0)))


@dataclass(frozen=True)
class TextReading:
    """What stands in a box; ``score`` 0..1 is the mean probability of its characters, 0 when nothing was read."""

    text: str
    score: float


class TextReader(Protocol):
    """Finds and reads text. Pictures are (h, w, 3) uint8 RGB."""

    def find(self, rgb: U8) -> list[TextBox]:
        """The lines of text in a picture, in reading order."""

    def read(self, rgb: U8, boxes: Sequence[TextBox]) -> list[TextReading]:
        """One reading per box, in the order given."""
