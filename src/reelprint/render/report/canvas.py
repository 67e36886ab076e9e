"""A small SVG 1.1 writer: shapes and text into one well-formed document, all text escaped.

Only what both browsers and resvg draw the same way is used: attributes instead of style sheets, no scripts, no
external references.
"""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from reelprint.render.report.metrics import Weight
from reelprint.render.report.theme import TEXT

FONTS = "Inter, system-ui, sans-serif"
Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle in px."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    def inset(self, by: float) -> Box:
        """The box less a margin on all sides."""
        return Box(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)


def clean(text: str) -> str:
    """One line of printable text: no control, format (bidirectional override) or surrogate characters."""
    kept = (" " if character.isspace() else character for character in text)
    return " ".join("".join(c for c in kept if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Cn", "Co"}).split())


def number(value: float) -> str:
    """A coordinate with at most two decimals and no trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def points(path: Sequence[Point], *, closed: bool = False) -> str:
    """Path data through points."""
    start, *others = [f"{number(x)} {number(y)}" for x, y in path]
    return "M" + start + "".join("L" + other for other in others) + ("Z" if closed else "")


class Canvas:
    """Collects shapes in drawing order."""

    def __init__(self) -> None:
        self._shapes: list[str] = []
        self._definitions: list[str] = []

    def _add(self, tag: str, attributes: dict[str, str | float | None], content: str | None = None) -> None:
        written = "".join(
            f" {name.rstrip('_').replace('_', '-')}={quoteattr(value if isinstance(value, str) else number(value))}"
            for name, value in attributes.items()
            if value is not None
        )
        self._shapes.append(f"<{tag}{written}/>" if content is None else f"<{tag}{written}>{content}</{tag}>")

    def _define(self, prefix: str, markup: str) -> str:
        name = f"{prefix}{len(self._definitions)}"
        self._definitions.append(markup.replace("ID", name, 1))
        return f"url(#{name})"

    def gradient(self, stops: Sequence[tuple[float, str, float]], *, vertical: bool = False) -> str:
        """A linear gradient over the painted shape's own box; stops are (offset 0..1, colour, opacity)."""
        across = 'x1="0" y1="0" x2="0" y2="1"' if vertical else 'x1="0" y1="0" x2="1" y2="0"'
        inside = "".join(
            f'<stop offset="{number(at)}" stop-color="{color}" stop-opacity="{number(opacity)}"/>'
            for at, color, opacity in stops
        )
        return self._define("g", f'<linearGradient id="ID" {across}>{inside}</linearGradient>')

    def rect(
        self,
        box: Box,
        fill: str,
        *,
        radius: float = 0.0,
        stroke: str | None = None,
        opacity: float | None = None,
        clip: str | None = None,
    ) -> None:
        """A rectangle."""
        self._add(
            "rect",
            {
                "x": box.x,
                "y": box.y,
                "width": max(0.0, box.width),
                "height": max(0.0, box.height),
                "rx": radius or None,
                "fill": fill,
                "stroke": stroke,
                "opacity": opacity,
                "clip_path": clip,
            },
        )

    def rounded_clip(self, box: Box, radius: float) -> str:
        """A clip to a rounded box, to be handed to ``rect``, ``path`` or ``image``."""
        shape = (
            f'<rect x="{number(box.x)}" y="{number(box.y)}" width="{number(box.width)}" '
            f'height="{number(box.height)}" rx="{number(radius)}"/>'
        )
        return self._define("c", f'<clipPath id="ID">{shape}</clipPath>')

    def circle(self, centre: Point, radius: float, fill: str, *, stroke: str | None = None, width: float = 1) -> None:
        """A disc."""
        x, y = centre
        self._add(
            "circle",
            {"cx": x, "cy": y, "r": radius, "fill": fill, "stroke": stroke, "stroke_width": width if stroke else None},
        )

    def line(self, start: Point, end: Point, color: str, *, width: float = 1, opacity: float | None = None) -> None:
        """A straight stroke."""
        self._add(
            "line",
            {
                "x1": start[0],
                "y1": start[1],
                "x2": end[0],
                "y2": end[1],
                "stroke": color,
                "stroke_width": width,
                "opacity": opacity,
            },
        )

    def path(
        self,
        data: str,
        *,
        fill: str = "none",
        stroke: str | None = None,
        width: float = 1,
        opacity: float | None = None,
        dash: str | None = None,
    ) -> None:
        """A free shape."""
        self._add(
            "path",
            {
                "d": data,
                "fill": fill,
                "stroke": stroke,
                "stroke_width": width if stroke else None,
                "stroke_linecap": "round" if stroke else None,
                "stroke_linejoin": "round" if stroke else None,
                "stroke_dasharray": dash,
                "opacity": opacity,
            },
        )

    def text(
        self,
        at: Point,
        text: str,
        size: float,
        *,
        fill: str = TEXT,
        weight: Weight = 400,
        anchor: str = "start",
        spacing: float = 0.0,
    ) -> None:
        """One line of text on its baseline. Any string is safe."""
        self._add(
            "text",
            {
                "x": at[0],
                "y": at[1],
                "font_size": size,
                "font_weight": str(weight),
                "fill": fill,
                "text_anchor": anchor if anchor != "start" else None,
                "letter_spacing": spacing or None,
            },
            escape(clean(text)),
        )

    def image(self, box: Box, jpeg: bytes, *, radius: float, opacity: float | None = None, blur: bool = False) -> None:
        """A JPEG that fills the box, cropped around its middle. Raises ValueError for anything but a JPEG."""
        if not jpeg.startswith(b"\xff\xd8\xff"):
            raise ValueError("a thumbnail is not a JPEG")
        filtered = (
            self._define(
                "f", '<filter id="ID" x="0" y="0" width="1" height="1"><feGaussianBlur stdDeviation="18"/></filter>'
            )
            if blur
            else None
        )
        clip = self.rounded_clip(box, radius)
        self._shapes.append(f'<g clip-path="{clip}">')
        self._add(
            "image",
            {
                "x": box.x,
                "y": box.y,
                "width": box.width,
                "height": box.height,
                "preserveAspectRatio": "xMidYMid slice",
                "opacity": opacity,
                "filter": filtered,
                "href": "data:image/jpeg;base64," + b64encode(jpeg).decode(),
            },
        )
        self._shapes.append("</g>")

    def document(self, width: float, height: float, background: str, title: str) -> str:
        """The whole SVG."""
        size = f'width="{number(width)}" height="{number(height)}" viewBox="0 0 {number(width)} {number(height)}"'
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FONTS}" role="img">',
                f"<title>{escape(clean(title))}</title>",
                f"<defs>{''.join(self._definitions)}</defs>",
                f'<rect width="{number(width)}" height="{number(height)}" fill="{background}"/>',
                *self._shapes,
                "</svg>",
                "",
            ]
        )
