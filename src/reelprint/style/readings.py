"""What a comparison reads from one style. None: the style does not say.

Readings fall back on the contract's own fields where ``details`` is empty, so that a bare StyleJSON written by hand
compares like a measured one.
"""

from __future__ import annotations

from typing import Any

from reelprint.core.colour import Look
from reelprint.core.shots import TransitionType
from reelprint.core.style import AspectRatio, AudioStyle, StyleJSON


def has_sound(style: StyleJSON) -> bool:
    """False for a measured film without sound; a style without measurements is taken to have some."""
    return style.details.loudness is not None or not style.details.shots


def audio_style(style: StyleJSON) -> AudioStyle | None:
    """How the sound is treated; None for a silent film."""
    return style.audio_style if has_sound(style) else None


def integrated_lufs(style: StyleJSON) -> float | None:
    """Measured loudness, else the one that ``normalization_level`` stands for (DESIGN section 4); None if silent."""
    if style.details.loudness is not None:
        return style.details.loudness.integrated_lufs
    return 31 * style.audio_style.normalization_level - 40 if has_sound(style) else None


def loudness_range_lu(style: StyleJSON) -> float | None:
    """EBU Tech 3342 loudness range."""
    return style.details.loudness.range_lu if style.details.loudness else None


def sliders(style: StyleJSON) -> dict[str, float]:
    """The six colour sliders by name."""
    return style.color_grade.model_dump()


def look(style: StyleJSON) -> Look | None:
    """The measured look."""
    return style.details.look


def shot_lengths_s(style: StyleJSON) -> tuple[float, ...] | None:
    """Lengths of all shots, in seconds."""
    pacing = style.details.pacing
    return tuple(length for length in pacing.shot_lengths_s if length > 0) or None if pacing else None


def transition_mix(style: StyleJSON) -> dict[TransitionType, float]:
    """Shares of transition kinds adding up to 1; without a measured mix the primary transition stands for all."""
    shares: dict[TransitionType, float] = {}
    for part in style.details.transition_mix:
        shares[part.type] = shares.get(part.type, 0.0) + part.share
    total = sum(shares.values())
    return {kind: share / total for kind, share in shares.items()} if total else {style.primary_transition.type: 1.0}


def transition_time_ms(style: StyleJSON) -> float:
    """Mean time that a boundary takes, cuts counted as 0."""
    parts = style.details.transition_mix
    total = sum(part.share for part in parts)
    if not total:
        return float(style.primary_transition.duration_ms)
    return sum(part.share * part.duration_ms for part in parts) / total


def overlays_per_minute(style: StyleJSON) -> float:
    """How often text is put on the picture."""
    return 60 * len(style.text_overlays) / max(style.source_duration_seconds, 1.0)


def aspect(ratio: AspectRatio) -> float:
    """Width / height."""
    width, height = ratio.split(":")
    return int(width) / int(height)


def show_look(value: Look) -> dict[str, float]:
    """The figures of a look that a person can read."""
    quantiles = value.lightness_quantiles
    return {
        "lightness_median": round(quantiles[len(quantiles) // 2], 4),
        "lightness_range": round(quantiles[-1] - quantiles[0], 4),
        "chroma_mean": round(value.chroma_mean, 4),
    }


def show_lengths(value: tuple[float, ...]) -> dict[str, Any]:
    """Quartiles of the shot lengths, seconds."""
    ordered = sorted(value)
    levels = {"q1_s": 0.25, "median_s": 0.5, "q3_s": 0.75}
    return {name: round(ordered[int(level * len(ordered))], 3) for name, level in levels.items()}
