"""When a track is on screen, and whether it belongs to the scene behind it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import Evidence
from reelprint.analyze.text.presence import Bounds, Pattern, Place, edge_frame, follow, gradient
from reelprint.analyze.text.track import Sighting, Track, replaces

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

#: Pixels of a sample (short side 180) that the picture must move in all before anything is said about the scene.
_TELLING_PX: Final = 3.0
_BLOCK_PX, _REACH_PX = 32, 8


class Lives:
    """Follows tracks through the samples and proxies of one film."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._frames = evidence.samples.frames
        self._luma = lru_cache(maxsize=64)(self._read_luma)
        self._fields = lru_cache(maxsize=64)(self._read_field)

    def _read_luma(self, position: int) -> U8:
        return np.asarray(cv2.cvtColor(self._evidence.samples.rgb(position), cv2.COLOR_RGB2GRAY))

    def _read_field(self, position: int) -> F32:
        return gradient(self._luma(position))

    def span(self, track: Track, others: Sequence[Track]) -> list[Place]:
        """Set the track's start and end; return where it stands on the samples in between.

        The first sighting is followed back, every sighting forward as far as the next takes over, and none beyond a
        still on which another text was read in its place.
        """
        sightings = sorted(track.sightings, key=lambda item: item.sample)
        first, last = sightings[0], sightings[-1]
        taken = [item.sample for other in others for item in other.sightings if replaces(item, track)]
        low = max((sample for sample in taken if sample < first.sample), default=-1)
        high = min((sample for sample in taken if sample > last.sample), default=len(self._frames))
        before, gone_before = follow(self._luma, self._fields, first.bounds, first.sample, low)
        path = [*reversed(before)]
        gone_after: int | None = None
        for sighting in sightings:
            path = [place for place in path if place.position < sighting.sample]
            after, gone_after = follow(self._luma, self._fields, sighting.bounds, sighting.sample, high)
            path += [Place(sighting.sample, sighting.bounds), *after]
        if gone_before is None and low >= 0:
            gone_before = low
        if gone_after is None and high < len(self._frames):
            gone_after = high
        track.start_s = 0.0 if gone_before is None else self._edge(path[0], gone_before)
        end_s = self._tail(path[-1]) if gone_after is None else self._edge(path[-1], gone_after)
        track.end_s = max(end_s, track.start_s)
        return path

    def hand_over(self, tracks: Sequence[Track]) -> None:
        """Where two texts claim one place at one time, let the earlier end when the later begins.

        A plate that stays while its words change makes them look alike; both patterns together tell them apart.
        """
        for earlier in tracks:
            for later in tracks:
                before = max(item.sample for item in earlier.sightings)
                after = min(item.sample for item in later.sightings)
                if before < after and later.start_s < earlier.end_s and replaces(later.sightings[0], earlier):
                    change_s = self._change(earlier.sightings[-1], later.sightings[0])
                    earlier.end_s, later.start_s = min(earlier.end_s, change_s), max(later.start_s, change_s)

    def _change(self, earlier: Sighting, later: Sighting) -> float:
        """Seconds of the first frame that is more like the later text than like the earlier one."""
        low, high = int(self._frames[earlier.sample]), int(self._frames[later.sample])
        luma = self._evidence.proxies.luma(low, high + 1)
        old, new = Pattern(luma[0], earlier.bounds), Pattern(luma[-1], later.bounds)
        for index, field in enumerate(map(gradient, luma)):
            if new.match(field).agreement > old.match(field).agreement:
                return float(self._evidence.times_s[low + index])
        return float(self._evidence.times_s[high])

    def _edge(self, place: Place, gone: int) -> float:
        """Seconds of the first or last instant: between a sample with the text and one without."""
        times = self._evidence.times_s
        frame = int(self._frames[place.position])
        other = int(self._frames[gone])
        low, high = min(frame, other), max(frame, other)
        change = low + edge_frame(self._evidence.proxies.luma(low, high + 1), place.bounds, present_first=other > frame)
        return float(times[change])

    def _tail(self, place: Place) -> float:
        """The film ends within a sample step: the text may go before its last frame."""
        frame = int(self._frames[place.position])
        count = self._evidence.proxies.count
        if count - frame < 3:
            return self._evidence.duration_s
        luma = self._evidence.proxies.luma(frame, count)
        pattern = Pattern(luma[0], place.bounds)
        gone = [k for k in range(1, len(luma)) if pattern.match(gradient(luma[k])).amount < 0.5]
        return float(self._evidence.times_s[frame + gone[0]]) if gone else self._evidence.duration_s

    def moves_with_scene(self, path: list[Place], others: list[Sighting]) -> bool:
        """True when the picture around moves and the text goes along: a sign or a logo inside the scene."""
        height, width = self._luma(0).shape
        text: list[tuple[float, float]] = []
        scene: list[tuple[float, float]] = []
        for here, there in list(pairwise(path))[:24]:
            shift = self._scene_shift(here.position, there.position, others)
            if shift is not None and there.position == here.position + 1:
                text.append(((there.bounds[0] - here.bounds[0]) * width, (there.bounds[1] - here.bounds[1]) * height))
                scene.append(shift)
        if not scene:
            return False
        picture, letters = np.array(scene), np.array(text)
        way = float(np.hypot(*picture.T).sum())
        if way < _TELLING_PX:
            return False
        apart = float(np.hypot(*(picture.cumsum(axis=0) - letters.cumsum(axis=0)).T).mean())
        reach = float(np.hypot(*picture.cumsum(axis=0).T).mean())
        return reach > 1.5 and apart < 0.4 * reach

    def _scene_shift(self, a: int, b: int, texts: list[Sighting]) -> tuple[float, float] | None:
        """How the picture beside its texts moved between two samples, (dx, dy) pixels; None when it does not say.

        Blocks are matched (normalised correlation, subpixel by a parabola); the median of the good matches counts.
        """
        first, second = self._luma(a), self._luma(b)
        height, width = first.shape
        shifts: list[tuple[float, float]] = []
        for top in range(_REACH_PX, height - _BLOCK_PX - _REACH_PX, _BLOCK_PX):
            for left in range(_REACH_PX, width - _BLOCK_PX - _REACH_PX, _BLOCK_PX):
                block = first[top : top + _BLOCK_PX, left : left + _BLOCK_PX]
                if block.std() < 4 or any(
                    _touches(item.bounds, left / width, top / height, width, height) for item in texts
                ):
                    continue
                around = second[
                    top - _REACH_PX : top + _BLOCK_PX + _REACH_PX, left - _REACH_PX : left + _BLOCK_PX + _REACH_PX
                ]
                shift = _peak(cv2.matchTemplate(around, block, cv2.TM_CCOEFF_NORMED))
                if shift is not None:
                    shifts.append(shift)
        if len(shifts) < 3:
            return None
        dx, dy = np.median(np.array(shifts), axis=0)
        return float(dx), float(dy)


def _touches(bounds: Bounds, left: float, top: float, width: int, height: int) -> bool:
    right, bottom = left + _BLOCK_PX / width, top + _BLOCK_PX / height
    return bounds[0] < right and left < bounds[2] and bounds[1] < bottom and top < bounds[3]


def _peak(scores: F32) -> tuple[float, float] | None:
    """Place of the best score against the centre, pixels; None when it is weak or at the border."""
    _, best, _, (x, y) = cv2.minMaxLoc(scores)
    rows, columns = scores.shape
    if best < 0.85 or not (0 < x < columns - 1 and 0 < y < rows - 1):
        return None
    return (
        x - columns // 2 + _vertex(scores[y, x - 1], best, scores[y, x + 1]),
        y - rows // 2 + _vertex(scores[y - 1, x], best, scores[y + 1, x]),
    )


def _vertex(before: float, here: float, after: float) -> float:
    curve = before - 2 * here + after
    return 0.0 if curve >= 0 else float(0.5 * (before - after) / curve)
