"""What a person sees on the terminal."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from reelprint.core.compare import Closure, Comparison
from reelprint.core.style import StyleJSON


def style_table(style: StyleJSON, title: str) -> Table:
    """The main numbers of a style."""
    table = Table("Style DNA", escape(title), show_header=True)
    grade = style.color_grade
    names = ("temperature", "tint", "saturation", "contrast", "highlights", "shadows")
    table.add_row("colour", ", ".join(f"{name} {getattr(grade, name):+.0f}" for name in names))
    table.add_row("aspect, rate", f"{style.aspect_ratio}, {style.frame_rate} fps")
    table.add_row("cuts a minute", f"{style.cut_frequency:.1f} ({len(style.details.shots)} shots)")
    second = style.secondary_transition
    kinds = [style.primary_transition] + ([second] if second else [])
    table.add_row("transitions", ", then ".join(f"{kind.type} {kind.duration_ms} ms" for kind in kinds))
    table.add_row("motion, zoom", f"{style.motion_intensity:.0f}, {style.zoom_usage:.0f}")
    loudness = style.details.loudness
    sound = "none" if loudness is None else f"{loudness.integrated_lufs:.1f} LUFS, range {loudness.range_lu:.1f} LU"
    table.add_row("sound", sound)
    tempo = "no music" if style.tempo_bpm is None else f"{style.tempo_bpm:.1f} BPM, {len(style.detected_beats)} beats"
    table.add_row("music", tempo)
    texts = ", ".join(f"“{item.content}”" for item in style.text_overlays[:4]) or "none"
    table.add_row("text", f"{escape(texts)}{' and captions' if style.use_subtitles else ''}")
    table.add_row("confidence", f"{style.extraction_confidence:.2f}")
    return table


def comparison_table(result: Comparison, a: str, b: str) -> Table:
    """Field by field."""
    table = Table(
        "field",
        escape(a),
        escape(b),
        "distance",
        caption=f"distance {result.distance:.3f} (0 same, 1 as far as can be)",
    )
    for name, field in result.fields.items():
        table.add_row(name, escape(_value(field.a)), escape(_value(field.b)), f"{field.distance:.3f}")
    return table


def closure_table(closure: Closure) -> Table:
    """How far the footage was from the template, and how far the result is."""
    table = Table("distance to the style", "before", "after", title="style closure")
    for name, field in closure.fields.items():
        table.add_row(name, f"{field.before:.3f}", f"{field.after:.3f}")
    table.add_section()
    closed = f"  ({100 * closure.closed:.0f}% closed)"
    table.add_row("[bold]overall", f"[bold]{closure.before:.3f}", f"[bold]{closure.after:.3f}{closed}")
    return table


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, (list, tuple, dict)):
        text = str(value)
        return text if len(text) <= 40 else f"{text[:39]}…"
    return "none" if value is None else str(value)
