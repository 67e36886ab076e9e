"""The Style DNA of one film as a picture."""

from __future__ import annotations

from collections.abc import Sequence

from reelprint.core.style import StyleJSON
from reelprint.core.thumbnail import Thumbnail
from reelprint.render.report import timeline
from reelprint.render.report.canvas import Box, Canvas
from reelprint.render.report.colour_panel import draw_colour, draw_tone
from reelprint.render.report.facts_panel import draw_facts, facts_of
from reelprint.render.report.headline import (
    confidence_badge,
    draw_figures,
    draw_foot,
    draw_head,
    draw_ribbon,
    figures_of,
)
from reelprint.render.report.mix_panel import draw_transitions
from reelprint.render.report.theme import BACKGROUND, GAP, INNER, MARGIN, WIDTH
from reelprint.render.report.thumbnails import SHAPE, Sheet, draw_sheet
from reelprint.render.report.wording import summary

LOWER_HEIGHT = 428.0
SHEETS = {"16:9": Sheet(6, 2, 272), "9:16": Sheet(9, 1, 272), "1:1": Sheet(6, 1, 272)}


def credit_line(style: StyleJSON) -> str:
    """Where the numbers come from."""
    provenance = style.details.provenance
    parts = []
    if provenance:
        if provenance.filename:
            parts.append(provenance.filename)
        parts.append(f"measured by Reelprint {provenance.reelprint_version}")
        if provenance.content_hash:
            parts.append(f"SHA-256 {provenance.content_hash[:12]}")
    parts.append(style.created_at[:10])
    return "   ·   ".join(parts)


def report_svg(style: StyleJSON, thumbnails: Sequence[Thumbnail], title: str, credit: str = "") -> str:
    """One SVG, 1600 px wide, as tall as it needs: pictures, figures, time line, colour, tone, transitions, sound.

    ``thumbnails``: any number, best one from the middle of each shot; they are thinned evenly. ``credit`` (of the
    film's makers, say) stands at the foot before where the numbers come from. Every text is escaped. Pure.
    """
    canvas = Canvas()
    draw_ribbon(canvas, style.details.palette)
    y = draw_head(canvas, "Style DNA", title, summary(style), confidence_badge(style))
    room = Box(MARGIN, y, INNER, 0)
    used = draw_sheet(canvas, room, thumbnails, SHAPE[style.aspect_ratio], SHEETS[style.aspect_ratio])
    y += used + GAP if used else 0.0
    y += draw_figures(canvas, y, figures_of(style)) + GAP
    y += timeline.draw_timeline(canvas, Box(MARGIN, y, INNER, timeline.panel_height(style)), style) + GAP
    width = (INNER - 2 * GAP) / 3
    for place, draw in enumerate((draw_colour, draw_tone, draw_transitions)):
        draw(canvas, Box(MARGIN + place * (width + GAP), y, width, LOWER_HEIGHT), style)
    y += LOWER_HEIGHT + GAP
    y += draw_facts(canvas, y, facts_of(style)) + 32
    foot = "   ·   ".join(filter(None, [credit, credit_line(style)]))
    height = draw_foot(canvas, y, foot)
    return canvas.document(WIDTH, height, BACKGROUND, f"Style DNA: {title}")
