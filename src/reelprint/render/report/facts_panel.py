"""Sound treatment, captions and texts as a row of small cards."""

from __future__ import annotations

from collections.abc import Sequence

from reelprint.core.style import StyleJSON
from reelprint.render.report.canvas import Box, Canvas, clean
from reelprint.render.report.metrics import ellipsize, text_width
from reelprint.render.report.theme import BODY, GAP, INNER, MARGIN, MUTED, PAD, PANEL, PANEL_EDGE, RADIUS, SMALL
from reelprint.render.report.wording import NONE, amount, count, signed

HEIGHT = 92.0


def facts_of(style: StyleJSON) -> list[tuple[str, str]]:
    """Names and values of the four cards."""
    audio, details = style.audio_style, style.details
    loudness = details.loudness
    silent = bool(details.shots) and loudness is None
    sound = f"{amount(audio.compression_ratio)} : 1,  bass {signed(audio.bass_boost)}"
    if audio.enhance_speech:
        sound += ",  speech lifted"
    dynamics = f"{loudness.range_lu:.1f} LU,  peak {signed_db(loudness.true_peak_dbtp)} dBTP" if loudness else NONE
    look = details.captions
    captions = "none"
    if style.use_subtitles:
        captions = ", ".join(filter(None, [look.position, look.color])) if look and look.present else "yes"
    texts = "none"
    if style.text_overlays:
        first = clean(style.text_overlays[0].content)
        texts = f"{count(len(style.text_overlays), 'text')}: “{first}”"
    return [
        ("Sound treatment", NONE if silent else sound),
        ("Dynamics", dynamics),
        ("Captions", captions),
        ("Texts on screen", texts),
    ]


def signed_db(value: float) -> str:
    """A level with one decimal and a real minus sign."""
    return f"{value:.1f}".replace("-", "−")


def draw_facts(canvas: Canvas, y: float, facts: Sequence[tuple[str, str]]) -> float:
    """One card per fact; returns the height used."""
    width = (INNER - GAP * (len(facts) - 1)) / len(facts)
    for place, (name, value) in enumerate(facts):
        box = Box(MARGIN + place * (width + GAP), y, width, HEIGHT)
        canvas.rect(box, PANEL, radius=RADIUS, stroke=PANEL_EDGE)
        left, room = box.x + PAD - 4, width - 2 * (PAD - 4)
        canvas.text((left, box.y + 36), name, SMALL, fill=MUTED)
        size = BODY if text_width(value, BODY, 600) <= room else SMALL
        canvas.text((left, box.y + 65), ellipsize(value, room, size, 600), size, weight=600)
    return HEIGHT
