"""Before and after: template, footage and result side by side, and how much of the distance was closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reelprint.core.compare import Closure, FieldClosure
from reelprint.core.style import StyleJSON
from reelprint.core.thumbnail import Thumbnail
from reelprint.render.report.canvas import Box, Canvas, clean
from reelprint.render.report.colour_panel import draw_palette
from reelprint.render.report.headline import Badge, draw_foot, draw_head, draw_ribbon
from reelprint.render.report.metrics import ellipsize
from reelprint.render.report.panel import pair, panel, said_nothing
from reelprint.render.report.style_report import credit_line
from reelprint.render.report.theme import (
    ACCENT,
    BACKGROUND,
    BAD,
    GAP,
    GOOD,
    INNER,
    MARGIN,
    MUTED,
    PAD,
    PANEL_EDGE,
    SMALL,
    TEXT,
    TRACK,
    WIDTH,
)
from reelprint.render.report.thumbnails import SHAPE, Sheet, draw_sheet
from reelprint.render.report.timeline import draw_strip
from reelprint.render.report.wording import NONE, amount, field_name, summary

#: Fewer than four wide pictures: one, large.
ONE_WIDE = Sheet(1, 1, 242, 10)
SHEETS = {"16:9": Sheet(2, 2, 116, 10), "9:16": Sheet(3, 1, 242, 10), "1:1": Sheet(2, 1, 242, 10)}
SHEET_HEIGHT = 242.0
SIDE_HEIGHT = 640.0
FIELD_ROW = 38.0
#: Changes smaller than this are drawn as no change.
STILL = 0.005


@dataclass(frozen=True)
class Side:
    """One of the three films of a closure picture: style, pictures, and the film's own name (shown small)."""

    style: StyleJSON
    thumbnails: Sequence[Thumbnail]
    name: str


def side_figures(style: StyleJSON) -> list[tuple[str, str]]:
    """What is compared at a glance."""
    pacing, loudness = style.details.pacing, style.details.loudness
    mix = style.primary_transition
    return [
        ("Cuts per minute", amount(style.cut_frequency)),
        ("Median shot", f"{amount(pacing.median_shot_s)} s" if pacing else NONE),
        ("Main transition", mix.type if not mix.duration_ms else f"{mix.type}, {mix.duration_ms} ms"),
        ("Motion · zooms", f"{style.motion_intensity:.0f} · {style.zoom_usage:.0f}"),
        ("Loudness", f"{loudness.integrated_lufs:.1f} LUFS".replace("-", "−") if loudness else NONE),
        ("Shape", f"{style.aspect_ratio}, {style.frame_rate} fps"),
    ]


def _draw_side(canvas: Canvas, box: Box, role: str, side: Side, edge: str) -> None:
    inner = panel(canvas, box, role, clean(side.name), edge=edge)
    style = side.style
    room = Box(inner.x, inner.y, inner.width, 0)
    wide_few = style.aspect_ratio == "16:9" and len(side.thumbnails) < 4
    sheet = ONE_WIDE if wide_few else SHEETS[style.aspect_ratio]
    if not draw_sheet(canvas, room, side.thumbnails, SHAPE[style.aspect_ratio], sheet):
        empty = Box(inner.x, inner.y, inner.width, SHEET_HEIGHT)
        canvas.rect(empty, TRACK, radius=10, opacity=0.5)
        said_nothing(canvas, empty, "a style without a film")
    y = inner.y + SHEET_HEIGHT + 20
    draw_strip(canvas, Box(inner.x, y, inner.width, 34), style)
    draw_palette(canvas, Box(inner.x, y + 50, inner.width, 34), style.details.palette, labels=False)
    y += 124
    for name, value in side_figures(style):
        pair(canvas, (inner.x, y), inner.right, name, value)
        y += 30


def field_rows(closure: Closure) -> list[tuple[str, FieldClosure]]:
    """Fields in which the films differ at all: those that moved, from the largest difference on, then the others."""
    rows = [(name, row) for name, row in closure.fields.items() if max(row.before, row.after) >= STILL]
    return sorted(rows, key=lambda row: (abs(row[1].before - row[1].after) < STILL, -row[1].before, row[0]))


def _draw_field(canvas: Canvas, box: Box, name: str, row: FieldClosure) -> None:
    """One dumbbell: a hollow dot before, a full one after, green when nearer to the template (the left)."""
    gained = row.before - row.after
    color = MUTED if abs(gained) < STILL else GOOD if gained > 0 else BAD
    middle = box.y + box.height / 2
    canvas.text((box.x, middle + 5), ellipsize(field_name(name), 168, SMALL), SMALL, fill=TEXT)
    track = Box(box.x + 176, middle - 3, box.width - 176 - 128, 6)
    canvas.rect(track, TRACK, radius=3)
    before, after = (track.x + track.width * share for share in (row.before, row.after))
    canvas.rect(Box(min(before, after), track.y, abs(before - after), 6), color, radius=3, opacity=0.55)
    canvas.circle((before, middle), 6.5, BACKGROUND, stroke=MUTED, width=2.5)
    canvas.circle((after, middle), 7.5, color)
    canvas.text((box.right - 66, middle + 5), f"{row.before:.2f}  →", SMALL, fill=MUTED, anchor="end")
    canvas.text((box.right, middle + 5), f"{row.after:.2f}", SMALL, fill=color, weight=600, anchor="end")


def _draw_fields(canvas: Canvas, y: float, closure: Closure) -> float:
    rows = field_rows(closure)
    lines = max(1, -(-len(rows) // 2))
    box = Box(MARGIN, y, INNER, 2 * PAD + 44 + lines * FIELD_ROW + 8)
    inner = panel(
        canvas,
        box,
        "Distance to the template, field by field",
        "hollow: footage · full: result · left end: the same as the template",
    )
    width = (inner.width - 2 * GAP - 16) / 2
    for place, (name, row) in enumerate(rows):
        column, line = divmod(place, lines)
        left = inner.x + column * (width + 2 * GAP + 16)
        _draw_field(canvas, Box(left, inner.y + 8 + line * FIELD_ROW, width, FIELD_ROW), name, row)
    if not rows:
        canvas.text((inner.x, inner.y + 28), "The footage was like the template already.", SMALL, fill=MUTED)
    return box.height


def closure_badge(closure: Closure) -> Badge:
    """How much was closed; an edit that led away from the template says so."""
    share = max(0.0, closure.closed)
    if closure.closed >= 0:
        color = GOOD if share >= 0.5 else ACCENT
        return Badge(
            share, f"{100 * share:.0f}%", color, "Distance closed", f"{closure.before:.2f} → {closure.after:.2f}"
        )
    return Badge(0.0, "0%", BAD, "Farther than before", f"{closure.before:.2f} → {closure.after:.2f}")


def closure_svg(
    template: Side, footage: Side, result: Side, closure: Closure, title: str = "", credit: str = ""
) -> str:
    """One SVG, 1600 px wide: the three films side by side and every field's distance before and after. Pure.

    Without a title the names of footage and template make one.
    """
    title = title or f"{footage.name}, edited like {template.name}"
    canvas = Canvas()
    draw_ribbon(canvas, result.style.details.palette)
    y = draw_head(canvas, "Restyled", title, summary(result.style), closure_badge(closure))
    width = (INNER - 2 * GAP) / 3
    sides = (("Template", template, PANEL_EDGE), ("Footage", footage, PANEL_EDGE), ("Result", result, ACCENT))
    for place, (role, side, edge) in enumerate(sides):
        _draw_side(canvas, Box(MARGIN + place * (width + GAP), y, width, SIDE_HEIGHT), role, side, edge)
    y += SIDE_HEIGHT + GAP
    y += _draw_fields(canvas, y, closure) + 32
    foot = "   ·   ".join(filter(None, [credit, credit_line(result.style)]))
    height = draw_foot(canvas, y, foot)
    return canvas.document(WIDTH, height, BACKGROUND, f"Restyled: {title}")
