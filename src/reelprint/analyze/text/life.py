"""When a track is on screen, and whether it belongs to the scene behind it."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import Evidence
from reelprint.analyze.text.presence import Bounds, Pattern, Place, edge_frame, follow, gradient
from reelprint.analyze.text.track import Sighting, Track

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

#: Pixels of a sample (short side 180) that the picture must move in all before anything is said about the scene.
_TELLING_PX: Final = 3.0


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

    def span(self, track: Track) -> list[Place]:
        """Set the track's start and end; return where it stands on the samples in between.

        The first sighting is followed back, every sighting forward as far as the next takes over.
        """
        sightings = sorted(track.sightings, key=lambda item: item.sample)
        first, count = sightings[0], len(self._frames)
        before, gone_before = follow(self._luma, self._fields, first.bounds, first.sample, -1)
        path = [*reversed(before)]
        gone_after: int | None = None
        for sighting in sightings:
            path = [place for place in path if place.position < sighting.sample]
            after, gone_after = follow(self._luma, self._fields, sighting.bounds, sighting.sample, count)
            path += [Place(sighting.sample, sighting.bounds), *after]
        track.start_s = self._edge(path[0], gone_before)
        track.end_s = max(self._edge(path[-1], gone_after), track.start_s)
        return path

    def _edge(self, place: Place, gone: int | None) -> float:
        """Seconds of the first or last instant: between a sample with the text and its neighbour without."""
        times = self._evidence.times_s
        frame = int(self._frames[place.position])
        if gone is None:
            return 0.0 if place.position == 0 else self._tail(frame, place.bounds)
        other = int(self._frames[gone])
        low, high = min(frame, other), max(frame, other)
        change = low + edge_frame(self._evidence.proxies.luma(low, high + 1), place.bounds, present_first=other > frame)
        return float(times[change])

    def _tail(self, frame: int, bounds: Bounds) -> float:
        """The film ends within a sample step: the text may go before its last frame."""
        count = self._evidence.proxies.count
        if count - frame < 3:
            return self._evidence.duration_s
        luma = self._evidence.proxies.luma(frame, count)
        pattern = Pattern(luma[0], bounds)
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

    def _scene_shift(self, a: int, b: int, others: list[Sighting]) -> tuple[float, float] | None:
        """How the picture without its texts moved between two samples, (dx, dy) pixels; None when it does not say."""
        first, second = self._luma(a).astype(np.float32), self._luma(b).astype(np.float32)
        height, width = first.shape
        weight = cv2.createHanningWindow((width, height), cv2.CV_32F)
        for sighting in others:
            x0, y0, x1, y1 = sighting.bounds
            weight[int(y0 * height) : int(y1 * height) + 1, int(x0 * width) : int(x1 * width) + 1] = 0
        first, second = (first - first.mean()) * weight, (second - second.mean()) * weight
        if min(first.std(), second.std()) < 2.0:
            return None
        (dx, dy), response = cv2.phaseCorrelate(first, second)
        return (dx, dy) if response > 0.25 else None
