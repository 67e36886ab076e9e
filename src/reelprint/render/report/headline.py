"""The head of the picture (title and ring), its row of figures, and its foot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reelprint.core.colour import Swatch
from reelprint.core.style import StyleJSON
from reelprint.render.report.canvas import Box, Canvas, clean
from reelprint.render.report.metrics import ellipsize, text_width, wrap
from reelprint.render.report.panel import meter, ring
from reelprint.render.report.theme import (
    ACCENT,
    BAD,
    BODY,
    COOL,
    FAINT,
    GAP,
    GOOD,
    HEADING,
    INNER,
    MARGIN,
    MUTED,
    NUMBER,
    PAD,
    PANEL,
    PANEL_EDGE,
    RADIUS,
    SMALL,
    TINY,
    TITLE,
    WIDTH,
)
from reelprint.render.report.wording import NONE, amount, is_measured, trust

RING_RADIUS = 50.0
RING_ROOM = 300.0
"""Width kept free of title at the right: the ring and the words beside it."""


@dataclass(frozen=True)
class Badge:
    """The ring at the right of the head: how full, its figure, and two lines beside it."""

    share: float
    figure: str
    color: str
    name: str
    word: str


def confidence_badge(style: StyleJSON) -> Badge:
    """The extraction confidence as a badge."""
    share = style.extraction_confidence
    color = GOOD if share > 0.85 else ACCENT if share >= 0.6 else BAD
    word = trust(share) if is_measured(style) else "by design"
    return Badge(share, f"{100 * share:.0f}", color, "Confidence", word)


def draw_ribbon(canvas: Canvas, palette: Sequence[Swatch]) -> None:
    """The film's palette as a ribbon along the upper edge; without one, the house colours."""
    shares = [(swatch.color, swatch.share) for swatch in palette] or [(ACCENT, 1.0), (COOL, 1.0)]
    total = sum(share for _, share in shares) or 1.0
    at = 0.0
    for color, share in shares:
        width = WIDTH * share / total
        canvas.rect(Box(at, 0, width + 0.5, 10), color)
        at += width


def draw_head(canvas: Canvas, eyebrow: str, title: str, facts: str, badge: Badge) -> float:
    """Title (two lines at most, then an ellipsis), facts and badge; returns the y where content may start."""
    _mark(canvas, MARGIN, 62)
    canvas.text((MARGIN + 42, 82), eyebrow.upper(), SMALL, fill=ACCENT, weight=600, spacing=2.6)
    room = INNER - RING_ROOM
    lines = wrap(clean(title), room, TITLE, 600, 2) or ["Untitled"]
    y = 146.0
    for line in lines:
        canvas.text((MARGIN, y), line, TITLE, weight=600)
        y += 56
    canvas.text((MARGIN, y - 14), ellipsize(facts, room, BODY), BODY, fill=MUTED)
    centre = (WIDTH - MARGIN - RING_RADIUS - 5, 126.0)
    ring(canvas, centre, RING_RADIUS, badge.share, badge.color, badge.figure)
    beside = centre[0] - RING_RADIUS - 28
    canvas.text((beside, 120), badge.name, SMALL, fill=MUTED, anchor="end")
    canvas.text((beside, 146), badge.word, HEADING, fill=badge.color, weight=600, anchor="end")
    return y + 24


def _mark(canvas: Canvas, x: float, y: float) -> None:
    """The house mark: three strips of film as the ridges of a print."""
    for number, (top, height) in enumerate(((6.0, 14.0), (0.0, 26.0), (8.0, 10.0))):
        canvas.rect(Box(x + number * 9, y + top, 5.5, height), ACCENT, radius=2.75)


@dataclass(frozen=True)
class Figure:
    """One headline number; ``share`` 0..1 draws a meter under it."""

    name: str
    value: str
    unit: str = ""
    share: float | None = None


def figures_of(style: StyleJSON) -> list[Figure]:
    """The six figures that tell a style at a glance."""
    pacing, loudness = style.details.pacing, style.details.loudness
    return [
        Figure("Cuts per minute", amount(style.cut_frequency)),
        Figure("Median shot", amount(pacing.median_shot_s) if pacing else NONE, "s" if pacing else ""),
        Figure("Motion", f"{style.motion_intensity:.0f}", "of 100", style.motion_intensity / 100),
        Figure("Zooms", f"{style.zoom_usage:.0f}", "of 100", style.zoom_usage / 100),
        Figure("Tempo", f"{style.tempo_bpm:.0f}" if style.tempo_bpm else NONE, "BPM" if style.tempo_bpm else "no beat"),
        Figure(
            "Loudness",
            f"{loudness.integrated_lufs:.1f}".replace("-", "−") if loudness else NONE,
            "LUFS" if loudness else "no sound",
        ),
    ]


def draw_figures(canvas: Canvas, y: float, figures: Sequence[Figure]) -> float:
    """One tile per figure; returns the height used."""
    height = 136.0
    width = (INNER - GAP * (len(figures) - 1)) / len(figures)
    for place, figure in enumerate(figures):
        box = Box(MARGIN + place * (width + GAP), y, width, height)
        canvas.rect(box, PANEL, radius=RADIUS, stroke=PANEL_EDGE)
        left = box.x + PAD - 4
        canvas.text((left, box.y + 36), figure.name, SMALL, fill=MUTED)
        value = ellipsize(figure.value, width - 2 * PAD - text_width(figure.unit, SMALL), NUMBER, 600)
        canvas.text((left, box.y + 90), value, NUMBER, weight=600)
        canvas.text((left + text_width(value, NUMBER, 600) + 9, box.y + 90), figure.unit, SMALL, fill=MUTED)
        if figure.share is not None:
            meter(canvas, Box(left, box.y + 110, width - 2 * (PAD - 4), 5), figure.share, ACCENT)
    return height


def draw_foot(canvas: Canvas, y: float, credit: str) -> float:
    """The credit line; returns the y of the picture's lower edge."""
    house = "Made with Reelprint"
    room = INNER - text_width(house, TINY, 600) - 40
    canvas.text((MARGIN, y + 14), ellipsize(clean(credit), room, TINY), TINY, fill=FAINT)
    canvas.text((WIDTH - MARGIN, y + 14), house, TINY, fill=MUTED, weight=600, anchor="end")
    return y + 56
