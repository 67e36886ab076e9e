"""Pictures of a film and their arrangement in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reelprint.core.style import AspectRatio
from reelprint.core.thumbnail import Thumbnail
from reelprint.render.report.canvas import Box, Canvas
from reelprint.render.report.metrics import text_width
from reelprint.render.report.theme import BACKGROUND, TINY
from reelprint.render.report.wording import clock

SHAPE: dict[AspectRatio, float] = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0}


@dataclass(frozen=True)
class Sheet:
    """How many pictures at most, side by side and one above the other, and how tall one may be (px)."""

    columns: int
    rows: int
    max_height: float
    gap: float = 20.0


def spread(thumbnails: Sequence[Thumbnail], count: int) -> list[Thumbnail]:
    """``count`` of them, evenly from first to last, in time order."""
    ordered = sorted(thumbnails, key=lambda thumbnail: thumbnail.time_s)
    if count >= len(ordered):
        return ordered
    return [ordered[(2 * number + 1) * len(ordered) // (2 * count)] for number in range(count)]


def sheet_cells(area: Box, shape: float, available: int, sheet: Sheet) -> list[Box]:
    """Cells for as many of ``available`` pictures as fill whole rows; ``shape`` is width / height of a picture.

    Fewer pictures than columns stand in one row, centred. The height of ``area`` is ignored: it follows.
    """
    columns = min(sheet.columns, available)
    rows = min(sheet.rows, available // columns) if columns else 0
    if not rows:
        return []
    height = min(sheet.max_height, (area.width - (columns - 1) * sheet.gap) / columns / shape)
    width = height * shape
    left = area.x + (area.width - columns * width - (columns - 1) * sheet.gap) / 2
    return [
        Box(left + column * (width + sheet.gap), area.y + row * (height + sheet.gap), width, height)
        for row in range(rows)
        for column in range(columns)
    ]


def draw_sheet(canvas: Canvas, area: Box, thumbnails: Sequence[Thumbnail], shape: float, sheet: Sheet) -> float:
    """Draw the pictures with their times; returns the height used, 0 without pictures.

    Room that is left over shows the first picture, blurred.
    """
    cells = sheet_cells(area, shape, len(thumbnails), sheet)
    if not cells:
        return 0.0
    height = cells[-1].bottom - area.y
    chosen = spread(thumbnails, len(cells))
    if cells[0].x - area.x > sheet.gap:
        canvas.image(Box(area.x, area.y, area.width, height), chosen[0].jpeg, radius=12, opacity=0.35, blur=True)
    for cell, thumbnail in zip(cells, chosen, strict=True):
        canvas.image(cell, thumbnail.jpeg, radius=10)
        _time_pill(canvas, cell, clock(thumbnail.time_s))
    return height


def _time_pill(canvas: Canvas, cell: Box, time: str) -> None:
    width = text_width(time, TINY, 600) + 14
    if width + 16 > cell.width or cell.height < 60:
        return
    pill = Box(cell.x + 8, cell.bottom - 30, width, 22)
    canvas.rect(pill, BACKGROUND, radius=6, opacity=0.72)
    canvas.text((pill.x + 7, pill.y + 15.7), time, TINY, weight=600)
