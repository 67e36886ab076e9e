"""Known camera moves planted on real footage: a window that moves over larger frames, and evidence in memory."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from reelprint.analyze.evidence import F64, U8, Evidence, Known
from reelprint.analyze.motion import MotionAnalyzer
from reelprint.core.media import MediaInfo, VideoStream
from reelprint.core.motion import MotionMeasure
from reelprint.core.shots import Shot, ShotList, Transition

PROXY_SIDE = 90
#: The window at scale 1 is this share of the frame, which leaves room for moves.
WINDOW = 0.6


@dataclass(frozen=True)
class Move:
    """Camera over time: scale from 1 to ``zoom``, centre by (x, y) shares of the frame, roll in degrees, shake in px.

    ``anchor``: what stays in place while zooming, as shares of the window from its centre.
    """

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0
    roll_deg: float = 0.0
    shake: float = 0.0
    anchor: tuple[float, float] = (0.0, 0.0)


class Gray:
    """ProxyShelf over grey frames."""

    def __init__(self, frames: U8) -> None:
        self._frames = frames
        self.count, self.height, self.width = frames.shape

    def luma(self, start: int, stop: int) -> U8:
        return self._frames[max(0, start) : stop]

    def chroma(self, start: int, stop: int) -> U8:
        return np.full((len(self.luma(start, stop)), self.height // 2, self.width // 2, 2), 128, np.uint8)


class Nothing:
    """PictureShelf without pictures."""

    frames = np.zeros(0, np.int64)
    times_s = np.zeros(0)

    def rgb(self, position: int) -> U8:
        raise IndexError(position)


def load_gray(film: Path, start_s: float, end_s: float) -> tuple[U8, float]:
    """(n, h, w) grey frames of a stretch and their rate."""
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or 25)
        frames = []
        for frame in container.decode(stream):
            at = float((frame.pts or 0) * frame.time_base)
            if at >= end_s:
                break
            if at >= start_s:
                frames.append(frame.to_ndarray(format="gray"))
    return np.stack(frames), rate


def plant(frames: U8, rate: float, move: Move, seconds: float, out_rate: float, out_short: int) -> U8:
    """Play the frames (held at the end) under a moving camera: (n, 90, w) proxies of a film with that short side."""
    height, width = frames.shape[1:]
    aspect = width / height
    size = (round(out_short * aspect / 2) * 2, out_short)
    proxy = (round(PROXY_SIDE * aspect / 2) * 2, PROXY_SIDE)
    count = round(seconds * out_rate)
    rng = np.random.default_rng(7)
    jitter = np.cumsum(rng.normal(0, move.shake, (count, 2)), axis=0)
    jitter -= jitter.mean(axis=0)
    planted = []
    for index in range(count):
        u = index / max(1, count - 1)
        source = frames[min(len(frames) - 1, int(index / out_rate * rate))]
        scale = move.zoom**u
        if move.zoom < 1:
            scale /= move.zoom
        zoom = size[0] / (WINDOW * width) * scale
        grow = scale - (1 if move.zoom >= 1 else 1 / move.zoom)
        x = width * (0.5 + move.x * (u - 0.5)) + move.anchor[0] * WINDOW * width * grow / scale + jitter[index, 0]
        y = height * (0.5 + move.y * (u - 0.5)) + move.anchor[1] * WINDOW * height * grow / scale + jitter[index, 1]
        angle = math.radians(move.roll_deg * (u - 0.5))
        cos, sin = zoom * math.cos(angle), zoom * math.sin(angle)
        matrix = np.array([[cos, sin, size[0] / 2 - cos * x - sin * y], [-sin, cos, size[1] / 2 + sin * x - cos * y]])
        view = cv2.warpAffine(source, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        planted.append(cv2.resize(view, proxy, interpolation=cv2.INTER_AREA))
    return np.stack(planted)


def cross(frames: U8, subject: U8) -> U8:
    """Let a cut-out of another film cross the proxies (n, h, w) from left to right."""
    height, width = frames.shape[1:]
    small = cv2.resize(subject, (width // 3, round(height * 0.8)))
    result = frames.copy()
    for index in range(len(frames)):
        left = round((width + small.shape[1]) * index / len(frames)) - small.shape[1]
        begin, end = max(0, left), min(width, left + small.shape[1])
        result[index, height // 5 :, begin:end] = small[: height - height // 5, begin - left : end - left]
    return result


def measure(frames: U8, times_s: F64) -> MotionMeasure:
    """Run the analyzer on proxies (n, h, w) as one shot."""
    step = float(times_s[-1] - times_s[-2])
    end_s = float(times_s[-1]) + step
    stream = VideoStream(
        index=0, codec="none", width=1280, height=720, coded_width=1280, coded_height=720, rotation_deg=0,
        frame_rate="30/1", duration_s=end_s, pixel_format="yuv420p", bit_depth=8,
    )  # fmt: skip
    media = MediaInfo(
        filename="planted.mp4", content_hash="0" * 64, container="mp4", size_bytes=1, duration_s=end_s,
        bitrate_kbps=0, video=stream,
    )  # fmt: skip
    evidence = Evidence(
        media=media, times_s=times_s, duration_s=end_s, proxies=Gray(frames), samples=Nothing(), stills=Nothing(),
        sound=None,
    )  # fmt: skip
    shot = Shot(start_s=0, end_s=end_s, start_frame=0, end_frame=len(frames))
    known = Known(shots=ShotList(shots=(shot,), transitions=tuple[Transition, ...]()))
    return MotionAnalyzer().measure(evidence, known, lambda _: None)
