"""Scaling decoded frames to analysis pictures: as displayed, square pixels, BT.709 SDR, full range."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import av.filter
import numpy as np

from reelprint.analyze.evidence import U8
from reelprint.core.media import VideoStream

_TURNS = {90: ("clock",), 180: ("clock", "clock"), 270: ("cclock",)}


def fitted_size(video: VideoStream, short_side: int, *, enlarge: bool = True) -> tuple[int, int]:
    """Even (width, height) of the displayed picture with the given short side, at most 4:1."""
    shortest = min(video.width, video.height)
    target = short_side if enlarge else min(short_side, shortest)
    scale = target / shortest
    limit = 4 * target
    width, height = (min(limit, max(2, round(side * scale / 2) * 2)) for side in (video.width, video.height))
    return width, height


class PictureScaler:
    """Turns decoded frames into arrays of one size.

    The filter graph is rebuilt whenever the decoder changes size or pixel format in mid-stream.
    """

    def __init__(
        self, video: VideoStream, size: tuple[int, int], pixel_format: str, hdr_cube: Path | None = None
    ) -> None:
        self._video = video
        self._size = size
        self._format = pixel_format
        self._cube = hdr_cube
        self._graph: Any = None
        self._shape: tuple[int, int, str] | None = None

    def scale(self, frame: Any) -> U8:
        """Return (h * 3 // 2, w) for yuv420p, (h, w, 3) for rgb24, uint8 and contiguous."""
        shape = (frame.width, frame.height, frame.format.name)
        if shape != self._shape:
            self._graph, self._shape = self._build(frame), shape
        self._graph.push(frame)
        array: U8 = np.ascontiguousarray(self._graph.pull().to_ndarray())
        return array

    def _build(self, frame: Any) -> Any:
        graph = av.filter.Graph()
        graph.threads = 1
        turn = self._video.rotation_deg
        width, height = self._size
        if turn in (90, 270):
            width, height = height, width
        source_range = "pc" if self._video.color_range == "full" else "tv"
        nodes = [
            graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=frame.time_base,
                name="in",
            )
        ]
        # Without accurate_rnd swscale's matrix conversion is off by one to two levels.
        flags = "area+accurate_rnd+full_chroma_int"
        source = f"in_color_matrix={self._video.matrix}:in_range={source_range}"
        scaling = f"{width}:{height}:flags={flags}:{source}:out_range=pc"
        if self._cube is None:
            nodes.append(graph.add("scale", f"{scaling}:out_color_matrix=bt709"))
        else:
            nodes.append(graph.add("scale", scaling))
            nodes.append(graph.add("format", "gbrp16"))
            # As an option of its own the path needs no escaping, whatever DATA_DIR is called.
            nodes.append(graph.add("lut3d", file=str(self._cube)))
            nodes.append(graph.add("scale", "out_color_matrix=bt709:out_range=pc"))
        nodes.append(graph.add("format", self._format))
        nodes.extend(graph.add("transpose", step) for step in _TURNS.get(turn, ()))
        nodes.append(graph.add("buffersink"))
        for first, second in pairwise(nodes):
            first.link_to(second)
        graph.configure()
        return graph
