"""The active picture: what is left of the frame without letterbox and pillarbox bars."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import Evidence, Known, PictureShelf, Tick
from reelprint.core.analysis import ActivePicture

F64 = NDArray[np.float64]
Bars = tuple[int, int, int, int]

#: Bars are darker than this (8-bit, full range), the compression's noise included.
_BAR_LEVEL = 26
#: The row inside a bar's edge must stand out from the bar by this much along this share of its length: a vignette
#: or a dark foreground has no straight edge.
_EDGE_STEP = 10
_EDGE_SHARE = 0.6
#: A frame tells something about bars when a hundredth of it is at least this bright.
_LIT = 60
#: Share of the lit time for which bars must stand to belong to the film; else they come and go with some scenes.
_LASTING = 0.6
_MOST_PICTURES = 480
_GROUP = 8
_SMALLEST_BAR = 0.012


class PictureAnalyzer:
    """Finds lasting black bars.

    Samples are taken together in groups of neighbours, and each pixel's maximum over the group is looked at, so that
    a dark moment cannot look like a bar. Every lit group votes for its bars; the bars that hold for most of the lit
    time win. Fades and black scenes do not vote.
    """

    name = "picture"
    version = 1

    def measure(self, evidence: Evidence, known: Known, tick: Tick) -> ActivePicture:
        """Measure. A film without any lit frame counts as having no bars."""
        del known
        shelf = evidence.samples
        count = len(shelf.frames)
        height, width = shelf.rgb(0).shape[:2] if count else (evidence.proxies.height, evidence.proxies.width)
        votes: list[Bars] = []
        for group in _groups(count):
            light = _brightest(shelf, group)
            if np.quantile(light, 0.99) >= _LIT:
                votes.append(bars_of(light))
            tick((group[-1] + 1) / count)
        top, bottom, left, right = lasting_bars(votes, height, width)
        video = evidence.media.video
        shape = ((width - left - right) / width, (height - top - bottom) / height)
        return ActivePicture(
            x=left / width,
            y=top / height,
            width=shape[0],
            height=shape[1],
            aspect=video.width * shape[0] / (video.height * shape[1]),
        )


def _groups(count: int) -> list[NDArray[np.int64]]:
    if not count:
        return []
    picks = np.unique(np.linspace(0, count - 1, min(count, _MOST_PICTURES)).round().astype(np.int64))
    # A short film must still have a few votes, so that one title card does not decide.
    size = max(1, min(_GROUP, len(picks) // 3))
    return [picks[start : start + size] for start in range(0, len(picks), size)]


def _brightest(shelf: PictureShelf, group: NDArray[np.int64]) -> NDArray[np.uint8]:
    light = shelf.rgb(int(group[0])).max(2)
    for position in group[1:]:
        light = np.maximum(light, shelf.rgb(int(position)).max(2))
    return np.asarray(light, np.uint8)


def bars_of(light: NDArray[np.uint8]) -> Bars:
    """(top, bottom, left, right) bar sizes in pixels of one (h, w) picture of brightest values."""
    top, bottom = _bar(light), _bar(light[::-1])
    inside = light[top : light.shape[0] - bottom]
    left, right = _bar(inside.T), _bar(inside.T[::-1])
    return top, bottom, left, right


def _bar(light: NDArray[np.uint8]) -> int:
    """Rows from the first one on that are bar."""
    height = light.shape[0]
    # A speck in a bar (a logo's edge, noise) is allowed: a hundredth of the row.
    rows = np.quantile(light, 0.99, axis=1)
    lit = np.flatnonzero(rows > _BAR_LEVEL)
    if not len(lit) or lit[0] < max(1, _SMALLEST_BAR * height) or lit[0] > 0.45 * height:
        return 0
    size = int(lit[0])
    # Scaling blurs the edge over a row: compare two rows further in.
    inner = light[min(size + 1, height - 1) : min(size + 3, height)].max(0).astype(np.int16)
    level = np.median(light[: max(1, size - 1)])
    if np.mean(inner > level + _EDGE_STEP) < _EDGE_SHARE:
        return 0
    # A bar ends in a jump: by then half of what a few rows further in show is reached. A vignette goes on rising.
    further = light[min(size + 8, height - 1) : min(size + 10, height)]
    if np.median(inner) - level < 0.5 * (np.median(further) - level):
        return 0
    # The blurred row belongs to the bar when it is nearer to the bar than to the picture.
    if np.median(light[size]) < (level + np.median(inner)) / 2 - 1:
        size += 1
    return size


def lasting_bars(votes: list[Bars], height: int, width: int) -> Bars:
    """The bars that most of the votes agree on, each side on its own axis pair; none when they come and go."""
    if not votes:
        return 0, 0, 0, 0
    table = np.array(votes)
    result = [0, 0, 0, 0]
    for first, size in ((0, height), (2, width)):
        pair = table[:, first : first + 2]
        tolerance = max(1, round(0.008 * size))
        near = (np.abs(pair[:, None] - pair[None]) <= tolerance).all(2)
        best = int(near.sum(1).argmax())
        if near[best].mean() >= _LASTING:
            result[first : first + 2] = [int(v) for v in np.median(pair[near[best]], axis=0).round()]
    return result[0], result[1], result[2], result[3]
