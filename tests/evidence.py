"""In-memory twins of the evidence shelves, for tests that make their own film."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import F32, F64, U8, Evidence, Sound
from reelprint.core.media import MediaInfo, VideoStream

PROXY_SIDE = 90
SAMPLE_SIDE = 180
STILL_SIDE = 540


@dataclass(frozen=True)
class MemoryProxies:
    """ProxyShelf over arrays."""

    y: U8
    cbcr: U8

    @property
    def count(self) -> int:
        return len(self.y)

    @property
    def height(self) -> int:
        return int(self.y.shape[1])

    @property
    def width(self) -> int:
        return int(self.y.shape[2])

    def luma(self, start: int, stop: int) -> U8:
        return self.y[max(0, start) : stop]

    def chroma(self, start: int, stop: int) -> U8:
        return self.cbcr[max(0, start) : stop]


@dataclass(frozen=True)
class MemoryPictures:
    """PictureShelf over a list."""

    frames: NDArray[np.int64]
    times_s: F64
    pictures: tuple[U8, ...]

    def rgb(self, position: int) -> U8:
        return self.pictures[position]


@dataclass(frozen=True)
class MemorySamples:
    """SampleShelf over an (n, channels) array."""

    data: F32
    rate_hz: int

    @property
    def channels(self) -> int:
        return int(self.data.shape[1])

    @property
    def count(self) -> int:
        return len(self.data)

    def read(self, start: int, stop: int) -> F32:
        return self.data[max(0, start) : stop]

    def blocks(self, seconds: float) -> Iterator[F32]:
        size = max(1, round(seconds * self.rate_hz))
        for start in range(0, self.count, size):
            yield self.read(start, start + size)


def fitted(frames: U8, short_side: int, *, enlarge: bool = True) -> U8:
    """(n, h, w[, 3]) scaled to even sizes with that short side."""
    height, width = frames.shape[1:3]
    target = short_side if enlarge else min(short_side, height, width)
    scale = target / min(height, width)
    size = (max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.stack([cv2.resize(frame, size, interpolation=way) for frame in frames]).astype(np.uint8)


def to_yuv(rgb: U8) -> tuple[U8, U8]:
    """(n, h, w, 3) RGB to full-range BT.709 luma (n, h, w) and chroma (n, h // 2, w // 2, 2)."""
    values = rgb.astype(np.float32)
    y = values @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    cb = (values[..., 2] - y) / 1.8556 + 128
    cr = (values[..., 0] - y) / 1.5748 + 128
    planes = np.stack([cb, cr], axis=-1)
    count, height, width = y.shape
    halves = planes.reshape(count, height // 2, 2, width // 2, 2, 2).mean(axis=(2, 4))
    return np.clip(np.rint(y), 0, 255).astype(np.uint8), np.clip(np.rint(halves), 0, 255).astype(np.uint8)


def media_info(width: int, height: int, fps: float, count: int) -> MediaInfo:
    """A probe's answer for a film that exists only in memory."""
    stream = VideoStream(
        index=0, codec="rawvideo", width=width, height=height, coded_width=width, coded_height=height,
        rotation_deg=0, frame_rate=f"{round(fps * 1000)}/1000", duration_s=count / fps, pixel_format="yuv420p",
        bit_depth=8,
    )  # fmt: skip
    return MediaInfo(
        filename="memory.mp4", content_hash="0" * 64, container="mp4", size_bytes=1, duration_s=count / fps,
        bitrate_kbps=0, video=stream,
    )  # fmt: skip


def memory_evidence(
    frames_rgb: U8,
    fps: float,
    sound: tuple[F32, F32] | None = None,
    times_s: F64 | None = None,
    samples_hz: float = 4.0,
    stills: tuple[int, ...] = (),
) -> Evidence:
    """Evidence of a film given as (n, h, w, 3) uint8 RGB.

    ``sound``: (48 kHz (n, 1 or 2), 16 kHz (n, 1)) float32. ``times_s``: for variable frame rate; else frame / fps.
    ``stills``: frame numbers kept large.
    """
    count, height, width = frames_rgb.shape[:3]
    times = np.arange(count) / fps if times_s is None else np.asarray(times_s, np.float64)
    duration = float(times[-1] + (times[-1] - times[-2] if count > 1 else 1 / fps))
    wanted = np.arange(0.0, duration, 1 / samples_hz)
    chosen = np.unique(np.clip(np.searchsorted(times, wanted - 1e-9), 0, count - 1)).astype(np.int64)
    kept = np.array(sorted(stills), np.int64)
    large = fitted(frames_rgb[kept], STILL_SIDE, enlarge=False) if len(kept) else frames_rgb[:0]
    return Evidence(
        media=media_info(width, height, fps, count),
        times_s=times,
        duration_s=duration,
        proxies=MemoryProxies(*to_yuv(fitted(frames_rgb, PROXY_SIDE))),
        samples=MemoryPictures(chosen, times[chosen], tuple(fitted(frames_rgb[chosen], SAMPLE_SIDE))),
        stills=MemoryPictures(kept, times[kept], tuple(large)),
        sound=None if sound is None else Sound(MemorySamples(sound[0], 48000), MemorySamples(sound[1], 16000)),
    )
