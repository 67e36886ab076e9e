"""Transitions and shot lengths: what joins the shots, and how long they are."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

from reelprint.core.style import StyleJSON, TransitionShare
from reelprint.render.report.canvas import Box, Canvas
from reelprint.render.report.metrics import ellipsize, text_width
from reelprint.render.report.panel import panel, said_nothing
from reelprint.render.report.theme import FAINT, HEADING, MUTED, SMALL, TEXT, TINY, TRACK, TRANSITION_COLOR
from reelprint.render.report.timeline import heat

BAR_HEIGHT = 18.0
ROW = 28.0
ROWS = 4
#: Upper edges of the shot-length bins, seconds; the last bin is open.
EDGES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


def stated_mix(style: StyleJSON) -> list[TransitionShare]:
    """The mix, most frequent first; without a measured one, the primary transition alone."""
    measured = sorted(style.details.transition_mix, key=lambda part: -part.share)
    primary = style.primary_transition
    alone = TransitionShare(type=primary.type, share=1.0, duration_ms=primary.duration_ms, easing=primary.easing)
    return measured or ([] if len(style.details.shots) == 1 else [alone])


def shape_of(part: TransitionShare) -> str:
    """Duration, direction and easing in words."""
    if part.type == "cut":
        return "instant"
    words = [f"{part.duration_ms} ms"]
    if part.direction:
        words.append(part.direction)
    if part.easing != "linear":
        words.append(part.easing)
    return ", ".join(words)


def _draw_mix(canvas: Canvas, box: Box, mix: Sequence[TransitionShare]) -> None:
    bar = Box(box.x, box.y, box.width, BAR_HEIGHT)
    canvas.rect(bar, TRACK, radius=BAR_HEIGHT / 2)
    if not mix:
        said_nothing(canvas, Box(box.x, bar.bottom, box.width, ROW * 2), "one shot, so nothing joins")
        return
    clip = canvas.rounded_clip(bar, BAR_HEIGHT / 2)
    total, x = sum(part.share for part in mix) or 1.0, bar.x
    for part in mix:
        width = bar.width * part.share / total
        canvas.rect(Box(x, bar.y, max(0.0, width - 2), bar.height), TRANSITION_COLOR[part.type], clip=clip)
        x += width
    y = bar.bottom + ROW
    shown = list(mix) if len(mix) <= ROWS else list(mix[: ROWS - 1])
    for part in shown:
        canvas.circle((box.x + 6, y - 5), 5, TRANSITION_COLOR[part.type])
        canvas.text((box.x + 20, y), part.type, SMALL, weight=600)
        share = f"{100 * part.share:.0f} %"
        room = box.width - 20 - text_width(part.type, SMALL, 600) - text_width(share, SMALL, 600) - 40
        canvas.text((box.right - 62, y), ellipsize(shape_of(part), room, SMALL), SMALL, fill=MUTED, anchor="end")
        canvas.text((box.right, y), share, SMALL, fill=TEXT, weight=600, anchor="end")
        y += ROW
    if len(shown) < len(mix):
        rest = sum(part.share for part in mix[len(shown) :])
        canvas.text((box.x + 20, y), "others", SMALL, fill=MUTED)
        canvas.text((box.right, y), f"{100 * rest:.0f} %", SMALL, fill=TEXT, weight=600, anchor="end")


def bin_counts(lengths_s: Sequence[float]) -> list[int]:
    """How many shots fall into each bin of EDGES_S."""
    counts = [0] * (len(EDGES_S) + 1)
    for length_s in lengths_s:
        counts[sum(length_s >= edge for edge in EDGES_S)] += 1
    return counts


def _draw_lengths(canvas: Canvas, box: Box, lengths_s: Sequence[float]) -> None:
    canvas.text((box.x, box.y + 15), "Shot lengths", HEADING, weight=600)
    plot = Box(box.x, box.y + 46, box.width, box.height - 46 - 24)
    canvas.line((plot.x, plot.bottom), (plot.right, plot.bottom), TRACK)
    if not lengths_s:
        said_nothing(canvas, plot, "no shot lengths in this style")
        return
    counts = bin_counts(lengths_s)
    step = plot.width / len(counts)
    for place, many in enumerate(counts):
        middle = 2 ** (log2(EDGES_S[0]) + place - 0.5)
        height = (plot.height - 18) * many / max(counts)
        column = Box(plot.x + place * step + 3, plot.bottom - height, step - 6, height)
        if many:
            canvas.rect(column, heat(middle), radius=4)
            centre = column.x + column.width / 2
            canvas.text((centre, column.y - 6), str(many), TINY, fill=MUTED, anchor="middle")
    for place, edge in enumerate(EDGES_S):
        x = plot.x + (place + 1) * step
        canvas.text((x, plot.bottom + 20), f"{edge:g} s", TINY, fill=FAINT, anchor="middle")


def draw_transitions(canvas: Canvas, box: Box, style: StyleJSON) -> None:
    """Mix on top, histogram of shot lengths under it."""
    inner = panel(canvas, box, "Transitions")
    mix = stated_mix(style)
    _draw_mix(canvas, inner, mix)
    used = BAR_HEIGHT + ROW * max(2, min(len(mix), ROWS)) + 32
    pacing = style.details.pacing
    lengths = pacing.shot_lengths_s if pacing else tuple(shot.duration_s for shot in style.details.shots)
    _draw_lengths(canvas, Box(inner.x, inner.y + used, inner.width, inner.height - used), lengths)
