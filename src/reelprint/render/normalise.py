"""Whatever encoding the footage has, to the one all frames of a render share: yuv420p, BT.709, limited range.

swscale's conversions between YUV matrices are off by more than a level at their default rounding; the ``colorspace``
filter is exact and faster, so it does those. Where RGB is involved swscale is told to round accurately.
"""

from __future__ import annotations

from reelprint.core.media import VideoStream

_ACCURATE = "flags=bicubic+accurate_rnd+full_chroma_int"
_SPACES = {"smpte170m": "smpte170m", "bt2020": "bt2020ncl"}
_RGB_FORMATS = ("rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "x2rgb", "x2bgr", "pal8")


def sdr_to_bt709(video: VideoStream, size: tuple[int, int] | None) -> tuple[str, ...]:
    """Filters for SDR footage, scaled to ``size`` on the way if given."""
    if video.pixel_format.startswith(_RGB_FORMATS):
        return rgb_to_bt709(size)
    if video.pixel_format == "yuv420p" and (video.matrix, video.color_range, size) == ("bt709", "limited", None):
        return ("format=yuv420p",)
    scaled = f"scale={_fit(size)}flags=bicubic:in_range={_range(video)}:out_range=tv"
    if video.matrix == "bt709":
        return scaled, "format=yuv420p"
    # Equal primaries and transfer curves on both sides: only the matrix changes, as players do.
    return (
        scaled,
        "format=yuv420p",
        f"colorspace=ispace={_SPACES[video.matrix]}:space=bt709:irange=tv:range=tv"
        ":iprimaries=bt709:primaries=bt709:itrc=bt709:trc=bt709",
    )


def rgb_to_bt709(size: tuple[int, int] | None) -> tuple[str, ...]:
    """Filters for full-range R'G'B' frames."""
    return f"scale={_fit(size)}{_ACCURATE}:out_color_matrix=bt709:out_range=tv", "format=yuv420p"


def yuv_to_rgb(video: VideoStream, size: tuple[int, int] | None) -> str:
    """The filter that decodes the footage's YUV into R'G'B' of the same transfer curve; the format follows it."""
    return f"scale={_fit(size)}{_ACCURATE}:in_color_matrix={video.matrix}:in_range={_range(video)}"


def _fit(size: tuple[int, int] | None) -> str:
    return "" if size is None else f"{size[0]}:{size[1]}:"


def _range(video: VideoStream) -> str:
    return "pc" if video.color_range == "full" else "tv"
