"""How the report says things: times, counts, names."""

from __future__ import annotations

from reelprint.core.style import StyleJSON
from reelprint.core.time import parse_rate

NONE = "–"

FIELD_NAMES = {
    "color_grade": "Colour grade",
    "look": "Look",
    "cut_frequency": "Cut frequency",
    "shot_lengths": "Shot lengths",
    "beat_alignment": "Cuts on the beat",
    "transition_mix": "Transition mix",
    "transition_time_ms": "Transition time",
    "primary_transition": "Main transition",
    "secondary_transition": "Second transition",
    "motion_intensity": "Motion",
    "zoom_usage": "Zooms",
    "integrated_lufs": "Loudness",
    "loudness_range_lu": "Loudness range",
    "audio_style": "Sound treatment",
    "aspect_ratio": "Aspect ratio",
    "frame_rate": "Frame rate",
    "tempo_bpm": "Tempo",
}


def clock(seconds: float, *, precise: bool = False) -> str:
    """``1:23``, ``2:05:07``; with ``precise`` tenths below a minute: ``4.5 s``."""
    if precise and seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def amount(value: float) -> str:
    """Three digits at most: ``0``, ``0.42``, ``3.1``, ``142``."""
    if value == 0:
        return "0"
    if abs(value) < 1:
        return f"{value:.2f}"
    return f"{value:.1f}" if abs(value) < 100 else f"{value:.0f}"


def signed(value: float) -> str:
    """``+12``, ``−8``, ``0`` with a real minus sign."""
    whole = round(value)
    return "0" if whole == 0 else f"{'+' if whole > 0 else '−'}{abs(whole)}"


def count(many: int, one: str) -> str:
    """``1 shot``, ``12 shots``."""
    return f"{many} {one}" if many == 1 else f"{many} {one}s"


def field_name(name: str) -> str:
    """A comparison field for people."""
    return FIELD_NAMES.get(name, name.replace("_", " ").capitalize())


def trust(confidence: float) -> str:
    """The contract's reading of the confidence."""
    if confidence > 0.85:
        return "reliable"
    return "fair" if confidence >= 0.6 else "weak"


def shot_count(style: StyleJSON) -> int:
    """Shots measured, or in a preset's distribution."""
    details = style.details
    return len(details.shots) or (len(details.pacing.shot_lengths_s) if details.pacing else 0)


def is_measured(style: StyleJSON) -> bool:
    """Whether the style was measured on a film; else it was written by hand, like a preset."""
    return bool(style.details.shots)


def frame_rate(style: StyleJSON) -> str:
    """The rate that was measured (``23.976 fps``), else the style's nominal one."""
    exact = style.details.frame_rate_exact
    rate = float(parse_rate(exact)) if exact else style.frame_rate
    return f"{round(rate, 3):g} fps"


def summary(style: StyleJSON) -> str:
    """One line on what was measured: length, size, rate, shape, shots, genre."""
    parts = [clock(style.source_duration_seconds, precise=True)]
    if style.details.resolution:
        width, height = style.details.resolution
        parts.append(f"{width}×{height}")
    parts += [frame_rate(style), style.aspect_ratio]
    if shots := shot_count(style):
        parts.append(count(shots, "shot"))
    if style.music_genre:
        parts.append(style.music_genre)
    return "   ·   ".join(parts)
