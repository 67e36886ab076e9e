"""What all panels share: the frame with its heading, meters, rings."""

from __future__ import annotations

from math import cos, pi, sin

from reelprint.render.report.canvas import Box, Canvas, Point, number
from reelprint.render.report.metrics import ellipsize, text_width
from reelprint.render.report.theme import FAINT, HEADING, MUTED, PAD, PANEL, PANEL_EDGE, RADIUS, SMALL, TEXT, TRACK

HEADING_HEIGHT = 44.0
"""From the inner top of a panel to where its content starts."""


def panel(canvas: Canvas, box: Box, heading: str, note: str = "", *, edge: str = PANEL_EDGE) -> Box:
    """Draw a panel with a heading and a muted note at the right; returns the box for its content."""
    canvas.rect(box, PANEL, radius=RADIUS, stroke=edge)
    inner = box.inset(PAD)
    canvas.text((inner.x, inner.y + 15), heading, HEADING, weight=600)
    if note:
        room = inner.width - text_width(heading, HEADING, 600) - 24
        canvas.text((inner.right, inner.y + 15), ellipsize(note, room, SMALL), SMALL, fill=MUTED, anchor="end")
    return Box(inner.x, inner.y + HEADING_HEIGHT, inner.width, inner.height - HEADING_HEIGHT)


def meter(canvas: Canvas, box: Box, share: float, color: str) -> None:
    """A horizontal bar filled to ``share`` 0..1."""
    radius = box.height / 2
    canvas.rect(box, TRACK, radius=radius)
    if share > 0:
        canvas.rect(Box(box.x, box.y, max(box.height, box.width * min(1.0, share)), box.height), color, radius=radius)


def ring(canvas: Canvas, centre: Point, radius: float, share: float, color: str, figure: str) -> None:
    """A ring filled clockwise from the top to ``share`` 0..1 with a figure in its middle."""
    x, y = centre
    canvas.circle(centre, radius, "none", stroke=TRACK, width=9)
    share = min(1.0, max(0.0, share))
    if share >= 0.9995:
        canvas.circle(centre, radius, "none", stroke=color, width=9)
    elif share > 0.005:
        turn = 2 * pi * share
        end = (x + radius * sin(turn), y - radius * cos(turn))
        arc = f"A{number(radius)} {number(radius)} 0 {int(share > 0.5)} 1 {number(end[0])} {number(end[1])}"
        canvas.path(f"M{number(x)} {number(y - radius)}{arc}", stroke=color, width=9)
    canvas.text((x, y + 10), figure, 28, weight=600, anchor="middle")


def said_nothing(canvas: Canvas, box: Box, message: str) -> None:
    """A quiet sentence in the middle of a box that has nothing to show."""
    fitted = ellipsize(message, box.width, SMALL)
    canvas.text((box.x + box.width / 2, box.y + box.height / 2 + 5), fitted, SMALL, fill=FAINT, anchor="middle")


def pair(canvas: Canvas, at: Point, right: float, name: str, value: str, size: float = SMALL) -> None:
    """A muted name at the left and its value at the right of one line."""
    canvas.text(at, ellipsize(name, right - at[0] - text_width(value, size, 600) - 12, size), size, fill=MUTED)
    canvas.text((right, at[1]), value, size, fill=TEXT, weight=600, anchor="end")
