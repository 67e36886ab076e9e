"""The grade of a shot as filters: a 3D LUT baked from the plan, applied at a fraction of its usual cost.

A full-size ``lut3d`` on RGB doubles the time of an encode. Grades are smooth, so most of one is a curve on luma and
a gain on each chroma plane, which cost next to nothing in YUV; what is left over (the *residual*) varies slowly over
the picture and is looked up on a picture a quarter as wide and high, in YUV (``lut3d`` does not care what the axes
mean), enlarged and added. Detail in luma passes through the exact curve of the neutral axis.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from reelprint.colour.bake import bake
from reelprint.colour.cube import cube_text
from reelprint.colour.hdr import hdr_lut
from reelprint.core.colour import ColorGrade, GradeTransfer
from reelprint.core.media import MediaInfo, Transfer, VideoStream
from reelprint.core.plan import EditPlan
from reelprint.render.graph import Graph, escape_value, number, quoted
from reelprint.render.normalise import rgb_to_bt709, yuv_to_rgb

F64 = NDArray[np.float64]
Transfers = tuple[GradeTransfer, ...]

# ITU-R BT.709-6 section 3: luma weights.
_KR, _KG, _KB = 0.2126, 0.7152, 0.0722
#: The residual is looked up on a picture this many times narrower and lower.
_SHRINK = 4
#: Cube nodes lie at 8-bit code values 0, 8, ... 256, so the neutral 128 is a node and stays exact.
_NODES = 33
_CODE_SPAN = 256.0
#: 8-bit lut3d truncates; half a code value makes it round.
_HALF = 0.5


@dataclass(frozen=True)
class SdrGrade:
    """A grade for BT.709 limited-range yuv420p frames."""

    name: str
    """of the cube file"""
    cube: str
    """text of the residual cube: axes and values are V, Y, U code values, 128 = nothing to add"""
    luma: str
    """ffmpeg expression of ``val``: the curve of the neutral axis"""
    gain_u: float
    gain_v: float

    def apply(self, graph: Graph, pad: str, lut_dir: str, size: tuple[int, int]) -> str:
        """Grade frames of ``size``; returns a yuv420p pad."""
        width, height = size
        fine, coarse = graph.split(graph.chain(pad, "format=yuv420p"), 2)
        swap = "mergeplanes=map0s=0:map0p=0:map1s=0:map1p=1:map2s=0:map2p=2:format="
        residual = graph.chain(
            coarse,
            f"scale={max(2, width // _SHRINK)}:{max(2, height // _SHRINK)}:flags=area",
            "format=yuv444p",
            f"{swap}gbrp",
            f"lut3d=file={escape_value(f'{lut_dir}/{self.name}')}:interp=tetrahedral",
            f"{swap}yuv444p",
            f"scale={width}:{height}:flags=bilinear",
            "format=yuv420p",
        )
        gains = (f"{axis}={quoted(_gain(gain))}" for axis, gain in (("u", self.gain_u), ("v", self.gain_v)))
        curved = graph.chain(fine, f"lutyuv=y={quoted(self.luma)}:{':'.join(gains)}")
        return graph.chain(curved + residual, "blend=all_mode=grainmerge")


@dataclass(frozen=True)
class HdrGrade:
    """Tone mapping and grade in one cube, for HLG or PQ frames looked up in R'G'B' at full precision."""

    name: str
    cube: str

    def filters(self, video: VideoStream, lut_dir: str, size: tuple[int, int] | None) -> tuple[str, ...]:
        """Filters from the footage's own encoding to yuv420p BT.709 limited range, scaled to ``size`` if given."""
        return (
            yuv_to_rgb(video, size),
            "format=gbrp10",
            f"lut3d=file={escape_value(f'{lut_dir}/{self.name}')}:interp=tetrahedral",
            *rgb_to_bt709(None),
        )


def lut_texts(plan: EditPlan, media: MediaInfo) -> dict[str, str]:
    """Every cube file that ``chunk_argv`` will name: file name to text. The caller writes them."""
    lookups = (lookup(transfers, media.video.transfer) for transfers in plan.grades)
    return {found.name: found.cube for found in lookups if found is not None}


def look_cube_text(transfers: Transfers) -> str:
    """The grade as an ordinary R'G'B' BT.709 .cube for other programs (identity included)."""
    return cube_text(bake(transfers, size=_NODES))


@lru_cache(maxsize=128)
def lookup(transfers: Transfers, transfer: Transfer) -> SdrGrade | HdrGrade | None:
    """The lookup of one grade for footage of one kind; None when there is nothing to change."""
    if transfer != "sdr":
        mapped: F64 = np.asarray(hdr_lut(transfer), dtype=np.float64)
        graded = mapped if is_identity(transfers) else _extended(np.asarray(bake(transfers, size=_NODES)), mapped)
        text = cube_text(np.clip(graded, 0.0, 1.0))
        return HdrGrade(name=_name(text), cube=text)
    if is_identity(transfers):
        return None
    return yuv_grade(np.asarray(bake(transfers, size=_NODES), dtype=np.float64))


def is_identity(transfers: Transfers) -> bool:
    """Whether a chain leaves every colour as it is."""
    return all(
        item.strength == 0
        or (
            item.tone_in == item.tone_out
            and not item.warp
            and item.matrix_ab == ((1.0, 0.0), (0.0, 1.0))
            and item.offset_ab == (0.0, 0.0)
            and item.sliders == ColorGrade()
        )
        for item in transfers
    )


def yuv_grade(lut: F64) -> SdrGrade:
    """Split an R'G'B' LUT (n, n, n, 3) indexed [r, g, b], 0..1, into luma curve, chroma gains and residual cube."""
    axis = np.linspace(0.0, _CODE_SPAN, _NODES)
    v, y, u = np.meshgrid(axis, axis, axis, indexing="ij")
    graded_y, graded_u, graded_v = _to_yuv(_extended(lut, _to_rgb(y, u, v)))
    neutral = _neutral_curve(lut)
    curve_y = np.interp(axis, *neutral)
    # Gains are fitted where footage lives: moderate chroma, middle luma.
    weight = np.exp(-((u - 128) ** 2 + (v - 128) ** 2) / (2 * 45.0**2) - ((y - 110) / 90) ** 2 / 2)
    gain_u = float(np.sum(weight * (u - 128) * (graded_u - 128)) / np.sum(weight * (u - 128) ** 2))
    gain_v = float(np.sum(weight * (v - 128) * (graded_v - 128)) / np.sum(weight * (v - 128) ** 2))
    residual = np.stack(
        [
            np.clip(graded_v, 0, 255) - gain_v * (v - 128),
            128 + graded_y - curve_y[None, :, None],
            np.clip(graded_u, 0, 255) - gain_u * (u - 128),
        ],
        axis=-1,
    )
    # lut3d scales 8-bit code values to 0..1 by 255 on both sides.
    values = (np.clip(residual, 0.0, 255.4) + _HALF) / 255
    text = cube_text(values, domain_max=_CODE_SPAN / 255)
    return SdrGrade(name=_name(text), cube=text, luma=_curve(*neutral), gain_u=gain_u, gain_v=gain_v)


def _neutral_curve(lut: F64) -> tuple[F64, F64]:
    """The neutral axis through the LUT as knots: luma code in, luma code out; linear between and beyond."""
    steps = np.linspace(0.0, 1.0, lut.shape[0])
    steps = np.concatenate([[-16 / 219], steps, [239 / 219]])
    out, _, _ = _to_yuv(_extended(lut, np.repeat(steps[:, None], 3, axis=1)))
    return steps * 219 + 16, out


def _curve(knots: F64, values: F64) -> str:
    """A piecewise linear curve as an expression of ``val``, rounded and clipped to a byte."""
    slopes = np.diff(values) / np.diff(knots)
    terms = [f"{number(float(values[0] - slopes[0] * knots[0]) + _HALF)}+{number(float(slopes[0]))}*val"]
    bends = zip(knots[1:-1], np.diff(slopes), strict=True)
    terms += [f"{bend:.6f}*max(0,val-{knot:.4f})" for knot, bend in bends if abs(bend) > 1e-5]
    return f"clip({'+'.join(terms)},0,255)".replace("+-", "-")


def _gain(gain: float) -> str:
    return f"clip(128.5+{gain:.5f}*(val-128),0,255)".replace("+-", "-")


def _extended(lut: F64, colours: F64) -> F64:
    """Trilinear lookup of (..., 3) colours; outside 0..1 the LUT goes on with the slope it has at its face.

    Most of the YUV cube lies outside R'G'B'. A clamp there would put kinks into cells that real colours share.
    """
    inside = np.clip(colours, 0.0, 1.0)
    base = _trilinear(lut, inside)
    beyond = colours - inside
    far = np.max(np.abs(beyond), axis=-1, keepdims=True)
    if not np.any(far > 0):
        return base
    step = 1.0 / (lut.shape[0] - 1)
    direction = np.where(far > 0, beyond / np.maximum(far, 1e-9), 0.0)
    extended: F64 = base + (base - _trilinear(lut, inside - direction * step)) / step * far
    return extended


def _trilinear(lut: F64, colours: F64) -> F64:
    last = lut.shape[0] - 1
    place = np.clip(colours, 0.0, 1.0) * last
    cell = np.minimum(place.astype(np.int64), last - 1)
    share = place - cell
    total = np.zeros(colours.shape)
    for corner in np.ndindex(2, 2, 2):
        r, g, b = np.moveaxis(cell + np.array(corner), -1, 0)
        weight = np.prod(np.where(np.array(corner, dtype=bool), share, 1 - share), axis=-1)
        total += weight[..., None] * lut[r, g, b]
    return total


def _to_rgb(y: F64, u: F64, v: F64) -> F64:
    """Limited-range BT.709 code values to R'G'B' 0..1."""
    luma, blue, red = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
    r = luma + 2 * (1 - _KR) * red
    b = luma + 2 * (1 - _KB) * blue
    return np.stack([r, (luma - _KR * r - _KB * b) / _KG, b], axis=-1)


def _to_yuv(rgb: F64) -> tuple[F64, F64, F64]:
    luma = rgb @ np.array([_KR, _KG, _KB])
    blue, red = (rgb[..., 2] - luma) / (2 * (1 - _KB)), (rgb[..., 0] - luma) / (2 * (1 - _KR))
    return luma * 219 + 16, blue * 224 + 128, red * 224 + 128


def _name(text: str) -> str:
    return f"grade-{hashlib.sha256(text.encode()).hexdigest()[:16]}.cube"
