"""Small working pictures for shot analysis, read from the proxies block by block."""

from __future__ import annotations

from collections import OrderedDict

import cv2
import numpy as np

from reelprint.analyze.evidence import F32, U8, ProxyShelf
from reelprint.core.analysis import ActivePicture

#: Long side of the working picture in pixels: enough for a seam or a displacement of 1/80 of the frame.
LONG_SIDE_PX = 80
_BLOCK = 128
_BLOCKS_KEPT = 24


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
