"""SVG to PNG by resvg, in the typeface that is shipped with the package: the same picture on every machine."""

from __future__ import annotations

from importlib import resources

import resvg_py

from reelprint.core.errors import OutputError

FONT_FILES = ("Inter-Regular.ttf", "Inter-SemiBold.ttf")
MAX_WIDTH_PX = 8192

#: The shipped cuts cover the Latin, Greek and Cyrillic blocks, and the punctuation and signs around U+2000.
INTER_BLOCKS = ((0x0000, 0x052F), (0x1E00, 0x1FFF), (0x2000, 0x2BFF))


def beyond_inter(text: str) -> bool:
    """Whether a text has letters outside the scripts of Inter."""
    return any(not any(first <= ord(letter) <= last for first, last in INTER_BLOCKS) for letter in set(text))


def svg_to_png(svg: str, width_px: int) -> bytes:
    """Draw an SVG ``width_px`` wide, keeping its shape. Raises OutputError when it cannot be drawn.

    Text that Inter can set is set in the shipped Inter alone. Only when the picture holds other scripts (CJK, say) are
    the machine's own fonts asked for those letters; without one that knows them they stay empty boxes.
    """
    if not 1 <= width_px <= MAX_WIDTH_PX:
        raise OutputError(f"A picture can be 1 to {MAX_WIDTH_PX} px wide, not {width_px}.", detail="width_px")
    folder = resources.files("reelprint.adapters.media").joinpath("fonts")
    try:
        with resources.as_file(folder) as fonts:
            return resvg_py.svg_to_bytes(
                svg_string=svg,
                width=width_px,
                skip_system_fonts=not beyond_inter(svg),
                font_files=[str(fonts / name) for name in FONT_FILES],
                font_family="Inter",
                sans_serif_family="Inter",
            )
    except ValueError as error:
        raise OutputError("The report picture could not be drawn.", detail=str(error)) from error


class SvgRasterizer:
    """The engine's Rasterizer port."""

    def png(self, svg: str, width_px: int) -> bytes:
        """Draw it; see ``svg_to_png``."""
        return svg_to_png(svg, width_px)
