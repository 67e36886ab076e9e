"""Scratch files behind the shelves of ``analyze.evidence``: written once in order, read piece by piece.

Plain reads and not memory maps: touched pages of a map count as resident memory, and memory must not grow
with the film.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import F32, F64, U8


class _Shelf:
    """An append-only scratch file that any thread may read at any place."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer = path.open("wb")
        self._reader = os.open(path, os.O_RDONLY)

    def append(self, data: bytes | memoryview) -> None:
        self._writer.write(data)

    def seal(self) -> None:
        """No more writes; everything appended can be read."""
        self._writer.close()

    def close(self) -> None:
        self._writer.close()
        os.close(self._reader)

    def _read(self, offset: int, length: int) -> bytes:
        parts = []
        while length > 0:
            part = os.pread(self._reader, length, offset)
            if not part:
                raise EOFError(f"{self._path.name} ends {length} bytes early")
            parts.append(part)
            offset += len(part)
            length -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


class FileProxies(_Shelf):
    """ProxyShelf: YUV 4:2:0 planes, frame after frame."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        super().__init__(path)
        self.width, self.height, self.count = width, height, 0
        self._luma_bytes = width * height
        self._frame_bytes = self._luma_bytes * 3 // 2

    def add(self, planes: U8) -> None:
        """Append one frame, uint8 of shape (height * 3 // 2, width): Y, then U, then V."""
        self.append(planes.data)
        self.count += 1

    def luma(self, start: int, stop: int) -> U8:
        return self._frames(start, stop)[:, : self._luma_bytes].reshape(-1, self.height, self.width)

    def chroma(self, start: int, stop: int) -> U8:
        planes = self._frames(start, stop)[:, self._luma_bytes :]
        return np.moveaxis(planes.reshape(-1, 2, self.height // 2, self.width // 2), 1, -1)

    def _frames(self, start: int, stop: int) -> U8:
        start, stop = max(0, start), min(self.count, stop)
        count = max(0, stop - start)
        data = self._read(start * self._frame_bytes, count * self._frame_bytes) if count else b""
        return np.frombuffer(data, np.uint8).reshape(count, self._frame_bytes)


class FilePictures(_Shelf):
    """PictureShelf of raw RGB pictures of one size."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        super().__init__(path)
        self._shape = (height, width, 3)
        self._bytes = width * height * 3
        self._frames: list[int] = []
        self._times: list[float] = []

    @property
    def frames(self) -> NDArray[np.int64]:
        return np.asarray(self._frames, np.int64)

    @property
    def times_s(self) -> F64:
        return np.asarray(self._times, np.float64)

    def add(self, frame: int, time_s: float, rgb: U8) -> None:
        """Append one picture, uint8 (height, width, 3)."""
        self.append(np.ascontiguousarray(rgb).data)
        self._frames.append(frame)
        self._times.append(time_s)

    def rgb(self, position: int) -> U8:
        return np.frombuffer(self._read(position * self._bytes, self._bytes), np.uint8).reshape(self._shape)


class FileStills(_Shelf):
    """PictureShelf of larger pictures, kept as JPEG at quality 95: few, and only read for text."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._frames: list[int] = []
        self._times: list[float] = []
        self._ends: list[int] = [0]

    @property
    def frames(self) -> NDArray[np.int64]:
        return np.asarray(self._frames, np.int64)

    @property
    def times_s(self) -> F64:
        return np.asarray(self._times, np.float64)

    def add(self, frame: int, time_s: float, rgb: U8) -> None:
        """Append one picture, uint8 (height, width, 3)."""
        _, data = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 95])
        self.append(data.tobytes())
        self._ends.append(self._ends[-1] + len(data))
        self._frames.append(frame)
        self._times.append(time_s)

    def rgb(self, position: int) -> U8:
        start, end = self._ends[position], self._ends[position + 1]
        bgr = cv2.imdecode(np.frombuffer(self._read(start, end - start), np.uint8), cv2.IMREAD_COLOR)
        if bgr is None:
            raise EOFError(f"still {position} of {self._path.name} is damaged")
        rgb: U8 = np.ascontiguousarray(bgr[:, :, ::-1], np.uint8)
        return rgb


class FileSamples(_Shelf):
    """SampleShelf of interleaved float32 samples."""

    def __init__(self, path: Path, rate_hz: int, channels: int) -> None:
        super().__init__(path)
        self.rate_hz, self.channels, self.count = rate_hz, channels, 0

    def add(self, samples: F32) -> None:
        """Append (n, channels) samples."""
        self.append(np.ascontiguousarray(samples, np.float32).data.cast("B"))
        self.count += len(samples)

    def read(self, start: int, stop: int) -> F32:
        start, stop = max(0, start), min(self.count, stop)
        step = 4 * self.channels
        data = self._read(start * step, max(0, stop - start) * step) if stop > start else b""
        return np.frombuffer(data, np.float32).reshape(-1, self.channels)

    def blocks(self, seconds: float) -> Iterator[F32]:
        size = max(1, round(seconds * self.rate_hz))
        for start in range(0, self.count, size):
            yield self.read(start, start + size)
