"""How a segment fills the output: one window, two above each other, or the whole picture over a blurred fill."""

from __future__ import annotations

from dataclasses import dataclass

from reelprint.core.media import MediaInfo, VideoStream
from reelprint.core.plan import Crop, CropKey, EditPlan
from reelprint.render.framing import Framing, crop_size, glide, still_crop
from reelprint.render.grade import HdrGrade, SdrGrade, lookup
from reelprint.render.graph import Graph
from reelprint.render.joins import recount
from reelprint.render.normalise import sdr_to_bt709
from reelprint.render.sampling import View

#: The fill is blurred by going through a picture this many times smaller than the output, and softly back through one
#: this many times smaller. (gblur reads beyond pictures as small as that: frames would differ from run to run.)
_FILL_SHRINK, _FILL_STEP = 64, 12
#: What is left of the fill's brightness and colour, so that the picture stands out from it.
_FILL_LIGHT = 0.6
#: The line between the halves of a split, share of the output's height.
_DIVIDER = 1 / 480
_BLACK = 16


@dataclass(frozen=True)
class Dresser:
    """Makes sampled frames of the footage frames of the output. ``lut_dir`` holds the cubes of the grades."""

    plan: EditPlan
    media: MediaInfo
    lut_dir: str

    def dress(self, graph: Graph, pad: str, view: View) -> str:
        """Crop, convert, scale and grade the frames of a view in the layout of its segment."""
        match view.segment.layout:
            case "window":
                dressed = self._window(graph, pad, view, view.segment.crop, self._output)
            case "split":
                dressed = self._split(graph, pad, view)
            case "fitted":
                dressed = self._fitted(graph, pad, view)
        return graph.chain(dressed, "setsar=1", *recount(self.plan.output))

    @property
    def _output(self) -> tuple[int, int]:
        return self.plan.output.width, self.plan.output.height

    def _window(self, graph: Graph, pad: str, view: View, keys: tuple[CropKey, ...], output: tuple[int, int]) -> str:
        """A window scaled to ``output``; the grade is applied where there are fewer pixels."""
        video = self.media.video
        framing = Framing(keys, view.first, view.frames)
        window = framing.bounds(video) if framing.moves else framing.crop_at(0)
        size = crop_size(window, video)
        enlarges = size[0] * size[1] < output[0] * output[1]
        grade = lookup(self.plan.grades[view.segment.grade], video.transfer)
        # A moving window keeps the footage's size until it is followed.
        fitted = output if not enlarges and not framing.moves and size != output else None
        if isinstance(grade, HdrGrade):
            to_bt709 = grade.filters(video, self.lut_dir, fitted)
        else:
            to_bt709 = sdr_to_bt709(video, fitted)
        pad = graph.chain(pad, *still_crop(window, video), *to_bt709, "setsar=1")
        if isinstance(grade, SdrGrade) and enlarges:
            pad = grade.apply(graph, pad, self.lut_dir, size)
        if framing.moves:
            pad = glide(graph, pad, framing, window, output, self.plan.output.frame_rate)
        elif enlarges:
            pad = graph.chain(pad, f"scale={output[0]}:{output[1]}:flags=bicubic")
        if isinstance(grade, SdrGrade) and not enlarges:
            pad = grade.apply(graph, pad, self.lut_dir, output)
        return pad

    def _split(self, graph: Graph, pad: str, view: View) -> str:
        """The two windows with a dark line between them."""
        width, height = self._output
        upper = 2 * round(height / 4)
        first, second = graph.split(pad, 2)
        halves = [
            graph.chain(self._window(graph, half, view, keys, (width, rows)), "setsar=1", *recount(self.plan.output))
            for half, keys, rows in (
                (first, view.segment.crop, upper),
                (second, view.segment.below, height - upper),
            )
        ]
        line = 2 * max(1, round(height * _DIVIDER / 2))
        return graph.chain(
            "".join(halves), "vstack", f"drawbox=x=0:y={upper - line // 2}:w=iw:h={line}:color=black:t=fill"
        )

    def _fitted(self, graph: Graph, pad: str, view: View) -> str:
        """The window whole and in the middle, over the part of itself that fills the output, blurred and darkened."""
        width, height = self._output
        inner = fitted_size(view.segment.crop[0].crop, self.media.video, self._output)
        picture = self._window(graph, pad, view, view.segment.crop, inner)
        if inner == (width, height):
            return picture
        picture = graph.chain(picture, "setsar=1", *recount(self.plan.output))
        sharp, fill = graph.split(picture, 2)
        scale = max(width / inner[0], height / inner[1])
        part = tuple(max(2, 2 * round(side / scale / 2)) for side in (width, height))
        tiny, small = (
            tuple(max(4, 2 * round(side / shrink / 2)) for side in (width, height))
            for shrink in (_FILL_SHRINK, _FILL_STEP)
        )
        fill = graph.chain(
            fill,
            f"crop={min(part[0], inner[0])}:{min(part[1], inner[1])}",
            f"scale={tiny[0]}:{tiny[1]}:flags=area",
            f"scale={small[0]}:{small[1]}:flags=gauss",
            f"lutyuv=y='{_BLACK}+{_FILL_LIGHT}*(val-{_BLACK})':u='128+{_FILL_LIGHT}*(val-128)'"
            f":v='128+{_FILL_LIGHT}*(val-128)'",
            f"scale={width}:{height}:flags=bicubic",
            "setsar=1",
        )
        x, y = (2 * ((outer - side) // 4) for outer, side in zip((width, height), inner, strict=True))
        return graph.chain(fill + sharp, f"overlay=x={x}:y={y}:eval=init:format=yuv420", "format=yuv420p")


def fitted_size(crop: Crop, video: VideoStream, output: tuple[int, int]) -> tuple[int, int]:
    """Width and height (even, pixels) of a window shown whole in the output."""
    aspect = crop.width * video.width / (crop.height * video.height)
    width = min(output[0], output[1] * aspect)
    return (
        min(output[0], max(2, 2 * round(width / 2))),
        min(output[1], max(2, 2 * round(width / aspect / 2))),
    )
