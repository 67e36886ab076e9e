"""The time line: shots as a heat strip, transitions, loudness, beats and camera moves over one time axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log2

from reelprint.core.shots import Shot
from reelprint.core.style import StyleJSON
from reelprint.render.report.canvas import Box, Canvas, points
from reelprint.render.report.panel import HEADING_HEIGHT, panel, said_nothing
from reelprint.render.report.theme import (
    ACCENT,
    COOL,
    FAINT,
    MUTED,
    PAD,
    SMALL,
    TINY,
    TRACK,
    TRANSITION_COLOR,
)
from reelprint.render.report.wording import amount, clock, count, is_measured, shot_count

GUTTER = 84.0
STRIP_HEIGHT = 68.0
SOUND_HEIGHT = 104.0
BEATS_HEIGHT = 26.0
MOVES_HEIGHT = 18.0
ROW_GAP = 13.0
AXIS_HEIGHT = 26.0
#: Shot lengths at the hot and the cold end of the heat strip, seconds.
HOT_S, COLD_S = 0.5, 16.0
HEAT = ((255, 199, 106), (255, 138, 76), (214, 82, 108), (116, 74, 150), (52, 60, 110))
#: The sound row shows this many dB below the loudest tenth of a second, but nothing below the floor.
SPAN_DB, FLOOR_DB = 42.0, -62.0
TICKS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


def heat(length_s: float) -> str:
    """The colour of a shot: hot when short, cold when long, by log length."""
    place = log2(max(length_s, 1e-3) / HOT_S) / log2(COLD_S / HOT_S) * (len(HEAT) - 1)
    place = min(len(HEAT) - 1.0, max(0.0, place))
    low = min(len(HEAT) - 2, int(place))
    mixed = [round(a + (b - a) * (place - low)) for a, b in zip(HEAT[low], HEAT[low + 1], strict=True)]
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def merged(shots: Sequence[Shot], least_s: float) -> list[tuple[float, float, float]]:
    """(start, end, mean shot length) in seconds: neighbours joined until each piece is ``least_s`` long."""
    pieces: list[tuple[float, float, float]] = []
    start, many = None, 0
    for shot in shots:
        start = shot.start_s if start is None else start
        many += 1
        if shot.end_s - start >= least_s or shot is shots[-1]:
            pieces.append((start, shot.end_s, (shot.end_s - start) / many))
            start, many = None, 0
    return pieces


def draw_strip(canvas: Canvas, box: Box, style: StyleJSON) -> None:
    """The heat strip of shots, gradual transitions as lozenges on it."""
    duration_s = max(style.source_duration_seconds, 1e-3)
    scale = box.width / duration_s
    shots = style.details.shots or _distribution_as_shots(style)
    if not shots:
        canvas.rect(box, TRACK, radius=8)
        said_nothing(canvas, box, "no shots measured")
        return
    clip = canvas.rounded_clip(box, 8)
    for start_s, end_s, length_s in merged(shots, 1.5 / scale):
        width = (end_s - start_s) * scale
        gap = min(2.0, width * 0.25)
        canvas.rect(Box(box.x + start_s * scale, box.y, width - gap, box.height), heat(length_s), clip=clip)
    middle = box.y + box.height / 2
    for transition in style.details.transitions:
        if transition.end_s <= transition.start_s:
            continue
        left = box.x + min(transition.start_s, duration_s) * scale
        right = box.x + min(transition.end_s, duration_s) * scale
        centre, half = (left + right) / 2, max(4.0, (right - left) / 2)
        lozenge = [(centre - half, middle), (centre, box.y + 6), (centre + half, middle), (centre, box.bottom - 6)]
        canvas.path(points(lozenge, closed=True), fill=TRANSITION_COLOR[transition.type], stroke="#0a0c10", width=2)


def _distribution_as_shots(style: StyleJSON) -> tuple[Shot, ...]:
    """A preset has no film: its shot-length distribution laid end to end."""
    shots, at = [], 0.0
    for place, length_s in enumerate(style.details.pacing.shot_lengths_s if style.details.pacing else ()):
        shots.append(Shot(start_s=at, end_s=at + length_s, start_frame=place, end_frame=place + 1))
        at += length_s
    return tuple(shots)


def draw_sound(canvas: Canvas, box: Box, style: StyleJSON) -> None:
    """The loudness envelope, mirrored around the middle; silences are the gaps in it."""
    levels, rate_hz = style.details.energy_db, style.details.energy_hz
    middle = box.y + box.height / 2
    if len(levels) < 2:
        said_nothing(canvas, box, "no sound")
        return
    canvas.line((box.x, middle), (box.right, middle), TRACK)
    bins = min(len(levels), int(box.width / 2))
    seconds_each = len(levels) / rate_hz / bins
    scale = box.width / max(style.source_duration_seconds, 1e-3)
    top_db = max(levels)
    floor_db = max(FLOOR_DB, top_db - SPAN_DB)
    upper, lower = [], []
    for place in range(bins):
        part = levels[place * len(levels) // bins : (place + 1) * len(levels) // bins]
        share = (sum(part) / len(part) - floor_db) / max(1.0, top_db - floor_db)
        half = max(0.6, min(1.0, max(0.0, share)) ** 1.4 * box.height / 2)
        x = min(box.right, box.x + (place + 0.5) * seconds_each * scale)
        upper.append((x, middle - half))
        lower.append((x, middle + half))
    paint = canvas.gradient([(0, COOL, 0.95), (0.5, COOL, 0.45), (1, COOL, 0.95)], vertical=True)
    canvas.path(points([*upper, *reversed(lower)], closed=True), fill=paint)


def draw_beats(canvas: Canvas, box: Box, style: StyleJSON) -> None:
    """Beats as ticks: tall and warm for bass, short for the rest; too dense ones are thinned."""
    scale = box.width / max(style.source_duration_seconds, 1e-3)
    bass = {beat.timestamp_ms for beat in style.detected_beats if beat.frequency == "bass"}
    last = -10.0
    for beat_s in style.details.beats_s:
        x = beat_s * scale
        if x - last < 2.5 or x > box.width:
            continue
        last = x
        heavy = round(beat_s * 1000) in bass
        height = box.height if heavy else box.height * 0.55
        canvas.line(
            (box.x + x, box.y + (box.height - height) / 2),
            (box.x + x, box.y + (box.height + height) / 2),
            ACCENT if heavy else MUTED,
            width=1.6,
            opacity=0.95 if heavy else 0.7,
        )
    if last < 0:
        said_nothing(canvas, box, "no beat")


def draw_moves(canvas: Canvas, box: Box, style: StyleJSON) -> None:
    """Zooms (warm) and camera moves (cool) as bars over the time they take."""
    scale = box.width / max(style.source_duration_seconds, 1e-3)
    for moves, color in ((style.details.camera_moves, COOL), (style.details.zooms, ACCENT)):
        for move in moves:
            left = min(box.width, move.start_s * scale)
            width = max(3.0, min(box.width, move.end_s * scale) - left)
            canvas.rect(Box(box.x + left, box.y + 5, min(width, box.width - left), 8), color, radius=4, opacity=0.85)
    if not style.details.camera_moves and not style.details.zooms:
        said_nothing(canvas, box, "still")


def draw_axis(canvas: Canvas, box: Box, duration_s: float) -> None:
    """Time labels, about ten of them."""
    step_s = next((step for step in TICKS_S if duration_s / step <= 11), TICKS_S[-1])
    for place in range(int(duration_s / step_s + 1e-9) + 1):
        x = box.x + box.width * place * step_s / max(duration_s, 1e-3)
        canvas.line((x, box.y), (x, box.y + 6), FAINT)
        label = f"{place * step_s:.1f}" if step_s < 1 else clock(place * step_s)
        anchor = "start" if place == 0 else "end" if x > box.right - 20 else "middle"
        canvas.text((x, box.y + 23), label, TINY, fill=FAINT, anchor=anchor)


def rhythm_note(style: StyleJSON) -> str:
    """What the strip says in words."""
    notes = []
    if shots := shot_count(style):
        notes.append(f"{count(shots, 'shot')}, {amount(style.cut_frequency)} cuts a minute")
    pacing = style.details.pacing
    if pacing and pacing.beat_share is not None:
        notes.append(f"{100 * pacing.beat_share:.0f} % of them on a beat")
    return ", ".join(notes)


@dataclass(frozen=True)
class Row:
    """One row of the time line and the room that it takes."""

    name: str
    height: float
    draw: Callable[[Canvas, Box, StyleJSON], None]


def rows_of(style: StyleJSON) -> list[Row]:
    """All rows of a measured film (silence is a fact worth a thin row); a preset has its shots only."""
    rows = [Row("Shots", STRIP_HEIGHT, draw_strip)]
    if is_measured(style):
        heard = len(style.details.energy_db) > 1
        rows += [
            Row("Sound", SOUND_HEIGHT if heard else BEATS_HEIGHT, draw_sound),
            Row("Beats", BEATS_HEIGHT, draw_beats),
            Row("Camera", MOVES_HEIGHT, draw_moves),
        ]
    return rows


def panel_height(style: StyleJSON) -> float:
    """How tall the panel of a style is, px."""
    return 2 * PAD + HEADING_HEIGHT + sum(row.height + ROW_GAP for row in rows_of(style)) + AXIS_HEIGHT


def draw_timeline(canvas: Canvas, box: Box, style: StyleJSON) -> float:
    """The whole panel in a box of ``panel_height``; returns that height."""
    inner = panel(canvas, box, "Rhythm", rhythm_note(style))
    left = inner.x + GUTTER
    y = inner.y
    for row in rows_of(style):
        canvas.text((inner.x, y + row.height / 2 + 5), row.name, SMALL, fill=MUTED)
        row.draw(canvas, Box(left, y, inner.right - left, row.height), style)
        y += row.height + ROW_GAP
    draw_axis(canvas, Box(left, y, inner.right - left, 0), style.source_duration_seconds)
    return box.height
