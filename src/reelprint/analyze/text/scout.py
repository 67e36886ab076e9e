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
Edges = NDArray[np.int8]
Box = tuple[int, int, int, int]

#: Sobel response (0..1020) of a luma step of about 28: weaker strokes are rarely meant to be read.
_EDGE: Final = 110
_STRONG_EDGE: Final = 300
#: A run that is found again within so many pixels, with this correlation, is known.
_REACH_PX: Final = 8
_KNOWN: Final = 0.7
#: So long after a new text one more still is kept when its edges have become much stronger.
_FADE_S: Final = 1.2
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
        self._previous: Edges | None = None
        self._reference: tuple[U8, Edges] | None = None
        self._kept_s = -np.inf
        self._appeared_s = -np.inf

    def wants(self, rgb: U8, time_s: float, _frame: int, /) -> bool:
        """Whether to keep a larger still of this frame.

        ``rgb`` (h, w, 3) uint8, always one size; ``time_s`` seconds, rising; the frame number does not matter here.
        """
        luma = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))
        edges = signed_edges(luma)
        previous, self._previous = self._previous, edges
        if previous is None:
            return False
        wanted = self._has_news(luma, steady_edges(edges, previous), time_s) or self._is_safety_sample(edges, time_s)
        if wanted:
            self._reference = luma, edges
            self._kept_s = time_s
        return wanted

    def _has_news(self, luma: U8, steady: Edges, time_s: float) -> bool:
        if self._reference is None:
            return bool(text_runs(steady))
        before, edges = self._reference
        same = steady * edges > 0
        runs = text_runs(np.where(same, np.int8(0), steady))
        if runs and not self._all_known(runs, luma, before):
            self._appeared_s = time_s
            return True
        if time_s - self._appeared_s > _FADE_S:
            return False
        # the text that was kept may have been half faded in
        stronger = same & (np.abs(steady) > np.abs(edges))
        if not text_runs(np.where(stronger, steady, np.int8(0))):
            return False
        self._appeared_s = -np.inf
        return True

    @staticmethod
    def _all_known(runs: list[Box], luma: U8, before: U8) -> bool:
        """True when every run was there before, a little moved: then the camera drifts and there is no news."""
        for x, y, w, h in runs:
            piece = luma[y : y + h, x : x + w]
            top, left = max(0, y - _REACH_PX), max(0, x - _REACH_PX)
            around = before[top : y + h + _REACH_PX, left : x + w + _REACH_PX]
            if float(cv2.matchTemplate(around, piece, cv2.TM_CCOEFF_NORMED).max()) < _KNOWN:
                return False
        return True

    def _is_safety_sample(self, edges: Edges, time_s: float) -> bool:
        since = time_s - self._kept_s
        if since < _SAFETY_S:
            return False
        if self._reference is not None:
            known = self._reference[1]
            changed = np.count_nonzero(np.sign(edges) != np.sign(known))
            if changed < 0.1 * np.count_nonzero(known) + 0.002 * edges.size:
                return False
        return since >= _SAFETY_S * (1 + time_s / _RELAX_S) or bool(text_runs(edges))


def signed_edges(luma: U8) -> Edges:
    """(h, w) int8: positive where luma rises strongly to the right (or downwards), negative where it falls, else 0.

    1 is a strong edge, 2 a very strong one: a text that is fading in goes from one to the other.
    """
    right = cv2.Sobel(luma, cv2.CV_16S, 1, 0)
    down = cv2.Sobel(luma, cv2.CV_16S, 0, 1)
    main = np.where(np.abs(right) >= np.abs(down), right, down)
    size = (np.abs(main) > _EDGE).view(np.int8) + (np.abs(main) > _STRONG_EDGE).view(np.int8)
    return np.asarray(np.where(main < 0, -size, size), dtype=np.int8)


def steady_edges(edges: Edges, others: Edges) -> Edges:
    """The edges of one sample that are in another one too, with the same polarity."""
    return np.where(edges * others > 0, edges, np.int8(0))


def text_runs(edges: Edges) -> list[Box]:
    """Horizontal runs of edges that are dense, have clear ends and both polarities: left, top, width, height."""
    rising = (edges > 0).view(np.uint8)
    falling = (edges < 0).view(np.uint8)
    height, width = edges.shape
    found: list[Box] = []
    for scale in (1, 2, 4):
        if scale == 1:
            up, down = rising, falling
        else:
            size = (width // scale, height // scale)
            # a cell counts when an eighth of it is edge
            up, down = (
                (cv2.resize(part * 255, size, interpolation=cv2.INTER_AREA) > 31).view(np.uint8)
                for part in (rising, falling)
            )
        found += [(x * scale, y * scale, w * scale, h * scale) for x, y, w, h in _runs(up, down)]
    return found


def _runs(rising: U8, falling: U8) -> list[Box]:
    closed = cv2.morphologyEx(rising | falling, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((3, 5), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    found: list[Box] = []
    for x, y, w, h, area in stats[1:count].tolist():
        if not (3 <= h <= 16 and w >= max(10, 1.8 * h) and area >= 0.6 * w * h):
            continue
        box = np.s_[y : y + h, x : x + w]
        up, down = int(rising[box].sum()), int(falling[box].sum())
        if min(up, down) >= 0.5 * max(up, down) and up + down >= 0.35 * w * h:
            found.append((x, y, w, h))
    return found
