"""The crop of a segment: still windows are cropped and scaled, moving ones glide with sub-pixel steps.

ffmpeg's crop and zoompan move by whole pixels of their input (by two where chroma is subsampled), which trembles in
slow moves. So a moving window is taken from a picture enlarged to at least twice the output, plane by plane: there
is no chroma grid on a single plane, and the steps left are half an output pixel at most, a quarter on average.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reelprint.core.media import VideoStream
from reelprint.core.plan import Crop, CropKey
from reelprint.render.easing import ease, ease_expression
from reelprint.render.graph import Graph, number, quoted

_OVERSAMPLING = 2
_STILL = 1e-6


@dataclass(frozen=True)
class Framing:
    """How the frames [first, first + frames) of a segment are cropped."""

    keys: tuple[CropKey, ...]
    first: int
    frames: int

    def crop_at(self, frame: int) -> Crop:
        """The window on frame ``frame`` of the view. A key's easing leads to the next key, as in CSS animations."""
        at = frame + self.first
        if at <= self.keys[0].frame:
            return self.keys[0].crop
        for key, following in pairwise(self.keys):
            if key.frame <= at < following.frame:
                t = ease(key.easing, (at - key.frame) / (following.frame - key.frame))
                pairs = zip(_numbers(key.crop), _numbers(following.crop), strict=True)
                x, y, width, height = (start + (end - start) * t for start, end in pairs)
                return Crop(x=x, y=y, width=min(width, 1 - x), height=min(height, 1 - y))
        return self.keys[-1].crop

    @property
    def moves(self) -> bool:
        """Whether the window changes within the view."""
        first = _numbers(self.crop_at(0))
        return any(
            abs(here - there) > _STILL
            for mark in self.marks
            for here, there in zip(first, _numbers(self.crop_at(mark)), strict=True)
        )

    def bounds(self, video: VideoStream) -> Crop:
        """The smallest window around all windows of the view whose edges lie on even pixels (or the picture's)."""
        crops = [self.crop_at(mark) for mark in self.marks]
        columns, rows = displayed_grid(video)
        left, right = _outer_span(min(crop.x for crop in crops), max(crop.x + crop.width for crop in crops), columns)
        top, bottom = _outer_span(min(crop.y for crop in crops), max(crop.y + crop.height for crop in crops), rows)
        return Crop(x=left / columns, y=top / rows, width=(right - left) / columns, height=(bottom - top) / rows)

    @property
    def marks(self) -> list[int]:
        """Frames of the view between which every edge of the window moves one way."""
        inner = [key.frame - self.first for key in self.keys if 0 < key.frame - self.first < self.frames]
        return [0, *inner, self.frames - 1]

    def expression(self, value: Callable[[Crop], float], frame: str) -> str:
        """``value`` of the window as an ffmpeg expression of the view's frame number ``frame``."""
        at = f"({frame}+{self.first})"
        text = number(value(self.keys[-1].crop))
        for key, following in reversed(list(pairwise(self.keys))):
            if following.frame <= self.first or key.frame >= self.first + self.frames:
                continue
            start, end = value(key.crop), value(following.crop)
            t = f"(({at}-{key.frame})/{following.frame - key.frame})"
            piece = number(start)
            if abs(end - start) > 1e-9:
                piece = f"({piece}+{number(end - start)}*{ease_expression(key.easing, t)})".replace("+-", "-")
            text = f"if(lt({at},{following.frame}),{piece},{text})"
        if self.keys[0].frame > self.first:
            text = f"if(lt({at},{self.keys[0].frame}),{number(value(self.keys[0].crop))},{text})"
        return text


def still_crop(crop: Crop, video: VideoStream) -> list[str]:
    """Filters that cut a still window out of the displayed picture, on even pixels; none for the whole picture."""
    columns, rows = displayed_grid(video)
    x, width = _even_span(crop.x, crop.width, columns)
    y, height = _even_span(crop.y, crop.height, rows)
    if (x, y, width, height) == (0, 0, columns, rows):
        return []
    return [f"crop={width}:{height}:{x}:{y}"]


def displayed_grid(video: VideoStream) -> tuple[int, int]:
    """Columns and rows of stored pixels once turned upright; pixels may not be square."""
    turned = video.rotation_deg in (90, 270)
    return (video.coded_height, video.coded_width) if turned else (video.coded_width, video.coded_height)


def glide(graph: Graph, pad: str, framing: Framing, bounds: Crop, output: tuple[int, int], rate: str) -> str:
    """Follow a moving window in yuv420p frames that show ``bounds``; returns yuv420p of the output size.

    In the enlarged picture a window of constant size (the largest of the view) follows the move by ``crop``, and
    ``zoompan`` takes the exact window out of it and scales it. Both round to whole enlarged pixels.
    """
    width, height = output
    crops = [framing.crop_at(mark) for mark in framing.marks]
    largest = max(crop.width for crop in crops), max(crop.height for crop in crops)
    enlarged = tuple(
        2 * round(bound / most * _OVERSAMPLING * side / 2)
        for bound, most, side in zip((bounds.width, bounds.height), largest, output, strict=True)
    )
    planes = graph.fan_out(
        graph.chain(pad, f"scale={enlarged[0]}:{enlarged[1]}:flags=bicubic", "format=yuv420p"), "extractplanes=y+u+v", 3
    )
    followed = []
    for plane, share in zip(planes, (1, 2, 2), strict=True):
        window = _Window(framing, bounds, largest, tuple(side // share for side in enlarged))
        followed.append(graph.chain(plane, *window.filters((width // share, height // share), rate)))
    merge = "mergeplanes=map0s=0:map0p=0:map1s=1:map1p=0:map2s=2:map2p=0:format=yuv420p"
    return graph.chain("".join(followed), merge)


@dataclass(frozen=True)
class _Window:
    """The moving window on one plane of ``size`` pixels that shows ``bounds``."""

    framing: Framing
    bounds: Crop
    largest: tuple[float, float]
    size: Sequence[int]

    def filters(self, output: tuple[int, int], rate: str) -> list[str]:
        box_width = min(self.size[0], round(self.largest[0] / self.bounds.width * self.size[0]))
        box_height = min(self.size[1], round(self.largest[1] / self.bounds.height * self.size[1]))
        left, top = self._corner("n", (box_width, box_height))
        chain = []
        if (box_width, box_height) != tuple(self.size):
            chain.append(f"crop={box_width}:{box_height}:x={quoted(left)}:y={quoted(top)}")
        left, top = self._corner("on", (box_width, box_height))
        across = self._across
        zoom = f"{box_width}/min({box_width},max(2,{across(lambda c: c.width, 'on', 0)}))"
        x = f"round({across(lambda c: c.x - self.bounds.x, 'on', 0)})-{left}"
        y = f"round({across(lambda c: c.y - self.bounds.y, 'on', 1)})-{top}"
        size = f"{output[0]}x{output[1]}"
        chain.append(f"zoompan=z={quoted(zoom)}:x={quoted(x)}:y={quoted(y)}:d=1:s={size}:fps={rate}")
        return chain

    def _across(self, value: Callable[[Crop], float], frame: str, axis: int) -> str:
        scale = self.size[axis] / (self.bounds.width, self.bounds.height)[axis]
        return self.framing.expression(lambda crop: value(crop) * scale, frame)

    def _corner(self, frame: str, box: tuple[int, int]) -> tuple[str, str]:
        """Top left of the box that holds the window, whole pixels, inside the plane."""
        x = self._across(lambda crop: crop.x - self.bounds.x, frame, 0)
        y = self._across(lambda crop: crop.y - self.bounds.y, frame, 1)
        return f"min({self.size[0] - box[0]},round({x}))", f"min({self.size[1] - box[1]},round({y}))"


def _numbers(crop: Crop) -> tuple[float, float, float, float]:
    return crop.x, crop.y, crop.width, crop.height


def _even_span(start: float, length: float, pixels: int) -> tuple[int, int]:
    """A span of fractions as (first pixel, pixels), both even: 4:2:0 pictures have no half chroma sample.

    An odd picture loses its last row or column.
    """
    whole = pixels - pixels % 2
    size = min(whole, max(2, 2 * round(length * pixels / 2)))
    first = min(whole - size, max(0, 2 * round(start * pixels / 2)))
    return first, size


def _outer_span(start: float, end: float, pixels: int) -> tuple[int, int]:
    """The even pixels that enclose a span of fractions: (first, one past the last)."""
    first = 2 * math.floor(start * pixels / 2 + _STILL)
    last = min(pixels, 2 * math.ceil(end * pixels / 2 - _STILL))
    return first, last


def crop_size(crop: Crop, video: VideoStream) -> tuple[int, int]:
    """Columns and rows that ``still_crop`` leaves."""
    columns, rows = displayed_grid(video)
    return _even_span(crop.x, crop.width, columns)[1], _even_span(crop.y, crop.height, rows)[1]
