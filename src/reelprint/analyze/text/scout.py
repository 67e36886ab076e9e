"""Which frames deserve a closer look for text: decided on small samples while the film is decoded.

Overlaid text has dense, strong edges of both polarities in horizontal runs, and it stands still for a moment
while the picture behind it moves (Wolf & Jolion 2003, "Extraction and recognition of artificial text in multimedia
documents"; Lienhart & Effelsberg 2000). So an edge is evidence when it is there in two samples running with the same
polarity and was not there in the last picture that was kept; the runs are found on three scales, because a caption
is 6 lines high in a sample and a title may be 60.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]

#: Sobel response (0..1020) of a luma step of about 28: weaker strokes are rarely meant to be read.
_EDGE: Final = 110
#: A sample is "the same picture, drifted" when one shift explains this much of its edges.
_EXPLAINED: Final = 0.5
#: Samples closer than this to the last kept one are kept only for new text.
_SAFETY_S: Final = 3.0
#: The safety interval doubles by this time, so that hours of film keep hundreds of stills, not thousands.
_RELAX_S: Final = 300.0


class TextScout:
    """Says yes to a sample when text may newly stand on it. Stateful, one per film, samples in time order.

    Latency is one sample: text is asked for at the second sample that shows it. About 0.5 ms per 320x180 sample.
    On top of that comes a sparse safety sample: every 3 s while the picture looks like text in motion (rolling
    credits), else every 3 s x (1 + t / 300 s), and none as long as the picture does not change.
    """

    def __init__(self) -> None:
        self._previous: NDArray[np.int8] | None = None
        self._reference: NDArray[np.int8] | None = None
        self._kept_s = -np.inf

    def wants(self, rgb: U8, time_s: float, frame: int, /) -> bool:
        """Whether to keep a larger still of this frame.

        ``rgb`` (h, w, 3) uint8, always one size; ``time_s`` seconds and ``frame`` the frame number, both rising.
        """
        edges = signed_edges(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
        previous, self._previous = self._previous, edges
        if previous is None:
            return self._keep(edges, time_s) if frame > 0 else False
        steady = np.where(edges == previous, edges, np.int8(0))
        if self._reference is None:
            wanted = looks_like_text(steady)
        else:
            new = np.where(steady == self._reference, np.int8(0), steady)
            wanted = looks_like_text(new) and not self._drifted(new, steady)
        if not wanted:
            wanted = self._is_safety_sample(edges, time_s)
        return self._keep(edges, time_s) if wanted else False

    def _keep(self, edges: NDArray[np.int8], time_s: float) -> bool:
        self._reference = edges
        self._kept_s = time_s
        return True

    def _drifted(self, new: NDArray[np.int8], steady: NDArray[np.int8]) -> bool:
        """True when the new edges are the old ones moved by a slow camera: no news there."""
        assert self._reference is not None
        now, before = (np.abs(item).astype(np.float32) for item in (steady, self._reference))
        (dx, dy), _ = cv2.phaseCorrelate(before, now)
        if abs(dx) > 24 or abs(dy) > 24:
            return False
        shift = np.array([[1, 0, round(dx)], [0, 1, round(dy)]], dtype=np.float32)
        height, width = steady.shape
        moved = cv2.warpAffine(self._reference.astype(np.int16), shift, (width, height)).astype(np.int8)
        spread = cv2.dilate(np.abs(moved).astype(np.uint8), np.ones((3, 3), np.uint8))
        left = np.where(spread > 0, np.int8(0), new)
        unexplained = np.count_nonzero(left) / max(1, np.count_nonzero(new))
        return unexplained < 1 - _EXPLAINED and not looks_like_text(left)

    def _is_safety_sample(self, edges: NDArray[np.int8], time_s: float) -> bool:
        since = time_s - self._kept_s
        if since < _SAFETY_S:
            return False
        if self._reference is not None:
            changed = np.count_nonzero(edges != self._reference)
            if changed < 0.1 * np.count_nonzero(self._reference) + 0.002 * edges.size:
                return False
        return since >= _SAFETY_S * (1 + time_s / _RELAX_S) or looks_like_text(edges)


def signed_edges(luma: U8) -> NDArray[np.int8]:
    """(h, w) int8: +1 and -1 where luma rises or falls strongly to the right (or downwards), 0 elsewhere."""
    right = cv2.Sobel(luma, cv2.CV_16S, 1, 0)
    down = cv2.Sobel(luma, cv2.CV_16S, 0, 1)
    main = np.where(np.abs(right) >= np.abs(down), right, down)
    return (main > _EDGE).astype(np.int8) - (main < -_EDGE).astype(np.int8)


def looks_like_text(edges: NDArray[np.int8]) -> bool:
    """Whether signed edges hold a horizontal run that is dense, has clear ends and both polarities."""
    rising = (edges > 0).astype(np.uint8)
    falling = (edges < 0).astype(np.uint8)
    height, width = edges.shape
    for scale in (1, 2, 4):
        if scale > 1:
            size = (width // scale, height // scale)
            rising = cv2.resize(rising * 255, size, interpolation=cv2.INTER_AREA)
            falling = cv2.resize(falling * 255, size, interpolation=cv2.INTER_AREA)
            both = ((rising.astype(np.uint16) + falling) > 40).astype(np.uint8)
            rising, falling = (rising > 20).astype(np.uint8), (falling > 20).astype(np.uint8)
            height, width = both.shape
        else:
            both = rising | falling
        if _has_run(both, rising, falling):
            return True
        rising, falling = (edges > 0).astype(np.uint8), (edges < 0).astype(np.uint8)
        height, width = edges.shape
    return False


def _has_run(both: U8, rising: U8, falling: U8) -> bool:
    closed = cv2.morphologyEx(both, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((3, 5), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    for x, y, w, h, area in stats[1:count]:
        if not (3 <= h <= 16 and w >= max(10, 1.8 * h) and area >= 0.6 * w * h):
            continue
        box = np.s_[y : y + h, x : x + w]
        up, down = int(rising[box].sum()), int(falling[box].sum())
        if min(up, down) >= 0.5 * max(up, down) and up + down >= 0.35 * w * h:
            return True
    return False
