"""Colour: the palette, the six sliders, and the tone curve."""

from __future__ import annotations

from collections.abc import Sequence

from reelprint.core.colour import QUANTILE_LEVELS, Look, Swatch
from reelprint.core.style import StyleJSON
from reelprint.render.report.canvas import Box, Canvas, points
from reelprint.render.report.metrics import text_width
from reelprint.render.report.panel import pair, panel, said_nothing
from reelprint.render.report.theme import FAINT, MUTED, SMALL, TEXT, TINY, TRACK
from reelprint.render.report.wording import signed

PALETTE_HEIGHT = 76.0
SLIDER_STEP = 37.0
#: Colours of the two ends of each slider's track.
SLIDERS: tuple[tuple[str, str, str, str], ...] = (
    ("temperature", "Temperature", "#4f8dff", "#ffb454"),
    ("tint", "Tint", "#46c46a", "#e05bd0"),
    ("saturation", "Saturation", "#6f7683", "#ff5b6e"),
    ("contrast", "Contrast", "#4b5160", "#f3f5f9"),
    ("highlights", "Highlights", "#4b5160", "#f3f5f9"),
    ("shadows", "Shadows", "#1a1d24", "#aab3c5"),
)


def draw_palette(canvas: Canvas, box: Box, palette: Sequence[Swatch], *, labels: bool = True) -> None:
    """Swatches side by side, as wide as their share of the picture."""
    total = sum(swatch.share for swatch in palette)
    if not total:
        canvas.rect(box, TRACK, radius=10)
        said_nothing(canvas, box, "no palette in this style")
        return
    clip = canvas.rounded_clip(box, 10)
    x = box.x
    for swatch in palette:
        width = box.width * swatch.share / total
        canvas.rect(Box(x, box.y, width + 0.5, box.height), swatch.color, clip=clip)
        if labels and width > text_width(swatch.color, TINY) + 16:
            ink = "#0a0c10" if _luma(swatch.color) > 0.42 else TEXT
            canvas.text((x + 8, box.bottom - 9), swatch.color, TINY, fill=ink)
        x += width


def _luma(color: str) -> float:
    red, green, blue = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def draw_colour(canvas: Canvas, box: Box, style: StyleJSON) -> None:
    """Palette over the six sliders."""
    inner = panel(canvas, box, "Colour")
    draw_palette(canvas, Box(inner.x, inner.y, inner.width, PALETTE_HEIGHT), style.details.palette)
    grade = style.color_grade.model_dump()
    y = inner.y + PALETTE_HEIGHT + 42
    for name, label, cold, warm in SLIDERS:
        value = grade[name]
        canvas.text((inner.x, y + 5), label, SMALL, fill=MUTED)
        track = Box(inner.x + 112, y - 3, inner.width - 112 - 58, 6)
        canvas.rect(track, canvas.gradient([(0, cold, 0.9), (1, warm, 0.9)]), radius=3)
        middle = track.x + track.width / 2
        canvas.line((middle, track.y - 4), (middle, track.bottom + 4), FAINT)
        canvas.circle((middle + value / 100 * track.width / 2, y), 8.5, TEXT, stroke="#0a0c10", width=3)
        canvas.text((inner.right, y + 5), signed(value), SMALL, weight=600, anchor="end")
        y += SLIDER_STEP


def draw_tone(canvas: Canvas, box: Box, style: StyleJSON) -> None:
    """The tone curve: lightness against the share of the picture that is darker."""
    inner = panel(canvas, box, "Tone curve")
    look = style.details.look
    plot = Box(inner.x, inner.y, inner.width, inner.height - 62)
    if look is None:
        said_nothing(canvas, plot, "this style states its grade by the sliders")
        return
    for step in range(5):
        y = plot.y + plot.height * step / 4
        canvas.line((plot.x, y), (plot.right, y), TRACK)
    curve = _curve(plot, look)
    canvas.path(points([(plot.x, plot.bottom), (plot.right, plot.y)]), stroke=FAINT, width=1.5, dash="3 6")
    paint = canvas.gradient([(0, "#f3f5f9", 0.42), (1, "#f3f5f9", 0.02)], vertical=True)
    canvas.path(points([(curve[0][0], plot.bottom), *curve, (curve[-1][0], plot.bottom)], closed=True), fill=paint)
    canvas.path(points(curve), stroke=TEXT, width=3)
    lightness = dict(zip(QUANTILE_LEVELS, look.lightness_quantiles, strict=True))
    width = inner.width / 3
    for place, (name, level) in enumerate((("Blacks", 0.02), ("Middle", 0.5), ("Whites", 0.98))):
        left = inner.x + place * width
        right = left + width - (0 if place == 2 else 22)
        pair(canvas, (left, plot.bottom + 32), right, name, f"{100 * lightness[level]:.0f} %")
    note = f"{100 * look.chroma_mean:.1f}"
    pair(canvas, (inner.x, plot.bottom + 60), inner.right, "Mean chroma (Oklab, × 100)", note)


def _curve(plot: Box, look: Look) -> list[tuple[float, float]]:
    return [
        (plot.x + level * plot.width, plot.bottom - min(1.0, max(0.0, lightness)) * plot.height)
        for level, lightness in zip(QUANTILE_LEVELS, look.lightness_quantiles, strict=True)
    ]
