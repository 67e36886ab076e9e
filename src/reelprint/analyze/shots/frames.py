"""Small working pictures for shot analysis, read from the proxies block by block."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import F32, F64, U8, ProxyShelf
from reelprint.core.analysis import ActivePicture

#: Long side of the working picture in pixels: enough for a seam or a displacement of 1/80 of the frame.
LONG_SIDE_PX = 80
#: Gradual transitions are looked for at no more frames a second than this.
_PACE_HZ = 31.0
_BLOCK = 128
_BLOCKS_KEPT = 24


class Pictures(Protocol):
    """Frames in order, as working pictures."""

    count: int
    width: int
    height: int

    def read(self, start: int, stop: int) -> U8:
        """(n, height, width, 3) uint8 for [start, stop), which must lie inside."""

    def one(self, frame: int) -> U8:
        """(height, width, 3) uint8; numbers outside give the nearest."""

    def floats(self, start: int, stop: int) -> F32:
        """As ``read``, float32."""


class Frames:
    """The active picture of every frame as YCbCr 4:4:4, long side LONG_SIDE_PX. Memory does not grow with the film."""

    def __init__(self, proxies: ProxyShelf, picture: ActivePicture | None) -> None:
        self._proxies = proxies
        self.count = proxies.count
        x, y, w, h = (0.0, 0.0, 1.0, 1.0) if picture is None else (picture.x, picture.y, picture.width, picture.height)
        # Even numbers, so that luma and chroma are cropped at the same place.
        left, top = 2 * round(x * proxies.width / 2), 2 * round(y * proxies.height / 2)
        right = max(2 * round((x + w) * proxies.width / 2), left + 16)
        bottom = max(2 * round((y + h) * proxies.height / 2), top + 16)
        self._luma = np.s_[:, top:bottom, left:right]
        self._chroma = np.s_[:, top // 2 : bottom // 2, left // 2 : right // 2]
        ratio = LONG_SIDE_PX / max(right - left, bottom - top)
        self.width = max(16, round((right - left) * ratio))
        self.height = max(16, round((bottom - top) * ratio))
        self._blocks: OrderedDict[int, U8] = OrderedDict()

    def read(self, start: int, stop: int) -> U8:
        """(n, height, width, 3) uint8 for frames [start, stop), which must lie inside the film."""
        parts = []
        for number in range(start // _BLOCK, (stop - 1) // _BLOCK + 1):
            block = self._block(number)
            first = number * _BLOCK
            parts.append(block[max(start - first, 0) : stop - first])
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def one(self, frame: int) -> U8:
        """(height, width, 3) uint8: one frame; numbers outside the film give the nearest frame."""
        frame = min(max(frame, 0), self.count - 1)
        block: U8 = self._block(frame // _BLOCK)[frame % _BLOCK]
        return block

    def floats(self, start: int, stop: int) -> F32:
        """As ``read``, float32."""
        return self.read(start, stop).astype(np.float32)

    def _block(self, number: int) -> U8:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        start, stop = number * _BLOCK, min((number + 1) * _BLOCK, self.count)
        luma = self._proxies.luma(start, stop)[self._luma]
        chroma = self._proxies.chroma(start, stop)[self._chroma]
        block = np.empty((stop - start, self.height, self.width, 3), np.uint8)
        size = (self.width, self.height)
        for i in range(stop - start):
            block[i, ..., 0] = cv2.resize(np.ascontiguousarray(luma[i]), size, interpolation=cv2.INTER_AREA)
            block[i, ..., 1:] = cv2.resize(np.ascontiguousarray(chroma[i]), size, interpolation=cv2.INTER_AREA)
        self._blocks[number] = block
        while len(self._blocks) > _BLOCKS_KEPT:
            self._blocks.popitem(last=False)
        return block


class Paced:
    """Every frame of a film at an even pace of 31 frames a second or less; what counts frames then counts time.

    ``index[i]`` is the frame of the film at position i: every second one of 60 a second; where frames come at irregular
    times, the one on the screen at that moment, so positions may repeat a frame.
    """

    def __init__(self, frames: Frames, times_s: F64) -> None:
        self._frames = frames
        self.height, self.width = frames.height, frames.width
        step_s = float(np.median(np.diff(times_s))) if len(times_s) > 2 else 1.0
        stride = max(1, int(np.ceil(1 / (max(step_s, 1e-3) * _PACE_HZ))))
        self.rate = 1 / max(stride * step_s, 1e-3) if len(times_s) > 2 else 25.0
        """positions a second"""
        clock = np.arange(0.0, float(times_s[-1]) + 0.5 * stride * step_s, stride * step_s)
        after = np.clip(np.searchsorted(times_s, clock + 0.3 * step_s, side="right") - 1, 0, frames.count - 1)
        self.index: NDArray[np.int64] = after.astype(np.int64)
        self.count = len(self.index)

    @property
    def whole(self) -> bool:
        """Whether position and frame are the same throughout."""
        return self.count == self._frames.count and bool((self.index == np.arange(self.count)).all())

    def read(self, start: int, stop: int) -> U8:
        """As ``Frames.read``, positions [start, stop)."""
        chosen = self.index[start:stop]
        first = int(chosen[0])
        return np.asarray(self._frames.read(first, int(chosen[-1]) + 1)[chosen - first], np.uint8)

    def one(self, position: int) -> U8:
        """As ``Frames.one``."""
        return self._frames.one(int(self.index[min(max(position, 0), self.count - 1)]))

    def floats(self, start: int, stop: int) -> F32:
        """As ``read``, float32."""
        return self.read(start, stop).astype(np.float32)

    def position(self, frame: int) -> int:
        """The first position that shows ``frame`` or a later one."""
        return int(np.searchsorted(self.index, frame))

    def frame(self, position: float) -> int:
        """The nearest frame of the film to a position, which may lie between two."""
        ends = np.append(self.index, self._frames.count)
        return round(float(np.interp(position, np.arange(self.count + 1), ends)))
