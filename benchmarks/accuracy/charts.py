"""Scatter charts for docs: one dot a case, coloured by its group, the worst case named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 900, 520, 64, 62, 170, 56
COLOURS = ("#1f5fa8", "#c62828", "#2e7d32", "#b8860b", "#6a1b9a", "#00838f", "#5d4037", "#455a64", "#ef6c00", "#111111")
_DOT_PX, _STEPS = 5, 5


@dataclass(frozen=True)
class Dot:
    """A case at x and y; ``label`` is written beside it."""

    x: float
    y: float
    label: str = ""


@dataclass(frozen=True)
class Axis:
    """A title and the range that is shown."""

    title: str
    low: float
    high: float

    def share(self, value: float) -> float:
        """0..1 along the axis; beyond the range at its end."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def draw_scatter(title: str, groups: Mapping[str, Sequence[Dot]], x: Axis, y: Axis, target: Path) -> None:
    """Write a PNG chart of groups of dots, with a legend."""
    sheet = Image.new("RGB", (WIDTH, HEIGHT), "#ffffff")
    pen = ImageDraw.Draw(sheet)
    font, small = ImageFont.load_default(16), ImageFont.load_default(13)

    def place(dot_x: float, dot_y: float) -> tuple[float, float]:
        across, up = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        return LEFT + x.share(dot_x) * across, HEIGHT - BOTTOM - y.share(dot_y) * up

    pen.text((LEFT, 10), title, font=font, fill="#111111")
    for step in range(_STEPS + 1):
        at_x = x.low + step / _STEPS * (x.high - x.low)
        at_y = y.low + step / _STEPS * (y.high - y.low)
        pen.line([place(at_x, y.low), place(at_x, y.high)], fill="#e4e4e4")
        pen.line([place(x.low, at_y), place(x.high, at_y)], fill="#e4e4e4")
        pen.text((place(at_x, y.low)[0], HEIGHT - BOTTOM + 6), f"{at_x:.3g}", font=small, fill="#555555", anchor="ma")
        pen.text((LEFT - 8, place(x.low, at_y)[1]), f"{at_y:.3g}", font=small, fill="#555555", anchor="rm")
    pen.text(((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 22), x.title, font=font, fill="#111111", anchor="ma")
    pen.text((8, TOP - 24), y.title, font=small, fill="#111111")
    for number, (name, dots) in enumerate(groups.items()):
        colour = COLOURS[number % len(COLOURS)]
        row = TOP + 10 + 24 * number
        _dot(pen, (WIDTH - RIGHT + 20, row + 8), colour)
        pen.text((WIDTH - RIGHT + 34, row), f"{name} ({len(dots)})", font=small, fill="#111111")
        for dot in dots:
            at = place(dot.x, dot.y)
            _dot(pen, at, colour)
            if dot.label:
                left = at[0] > LEFT + 0.6 * (WIDTH - LEFT - RIGHT)
                pen.text((at[0] + (-9 if left else 9), at[1]), dot.label, font=small, fill=colour,
                         anchor="rm" if left else "lm")  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet.quantize(64).save(target, optimize=True)


def _dot(pen: ImageDraw.ImageDraw, at: tuple[float, float], colour: str) -> None:
    pen.ellipse([at[0] - _DOT_PX, at[1] - _DOT_PX, at[0] + _DOT_PX, at[1] + _DOT_PX], fill=colour, outline="#ffffff")
