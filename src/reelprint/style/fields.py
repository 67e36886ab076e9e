"""The fields in which two styles are compared: how each is read, measured and weighed.

A distance is 0.5 where two films that have nothing to do with each other typically are, and 0 within what the analyzers
are accurate to (docs/decisions/0019; ``benchmarks/accuracy/unrelated.py`` measures the former, the others the latter):

| field | counted from | 0.5 is reached after | weight |
|---|---|---|---|
| color_grade | 5 points RMS over the six sliders | 60 points | 0.13 |
| look | 0 | see ``colour.transfer.look_distance`` | 0.15 |
| cut_frequency | 0.1 octaves (1 cut a minute added to both) | 1.5 octaves | 0.12 |
| shot_lengths | 0.1 octaves of Wasserstein-1 | 1.5 octaves | 0.08 |
| beat_alignment | 0.05 of the boundaries | 0.2 | 0.04 |
| transition_mix | 0 | linear: earth mover's distance | 0.07 |
| transition_time_ms | 40 ms of mean duration | 200 ms | 0.04 |
| primary_transition | 0 | another kind of the same branch and 200 ms | 0.02 |
| motion_intensity | 3 points | 12 points | 0.05 |
| zoom_usage | 3 points | 30 points | 0.05 |
| integrated_lufs | 0.3 LU | 5.5 LU | 0.07 |
| loudness_range_lu | 0.5 LU | 7 LU | 0.03 |
| audio_style | compression 0.1 octaves, bass 3 points | 0.7 octaves, 30 points; speech on or off | 0.05 |
| aspect_ratio | 0 | half an octave of width / height | 0.07 |
| frame_rate | 0 | twice the rate | 0.03 |

Weight 0: shown, but not counted: what no edit of the footage could change (its music, its texts, having sound), and
the secondary transition, which the transition mix has counted already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Generic, TypeVar

from reelprint.colour.transfer import look_distance
from reelprint.core.beat_alignment import beat_alignment
from reelprint.core.document import Document
from reelprint.core.lengths import length_distance_octaves
from reelprint.core.style import AspectRatio, AudioStyle, StyleJSON
from reelprint.style import readings
from reelprint.style.distances import (
    mix_distance,
    octaves,
    saturate,
    transition_distance,
)

T = TypeVar("T")
Measure = Callable[[T, T], float]


def plain(value: Any) -> Any:
    """A reading as plain JSON, numbers to four decimals."""
    if isinstance(value, Document):
        return plain(value.model_dump(mode="json"))
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    return round(value, 4) if isinstance(value, float) else value


@dataclass(frozen=True)
class StyleField(Generic[T]):
    """One row of a comparison.

    A style that does not say (None) leaves the field out, unless ``nullable``: then None is a value of its own, at
    distance 1 from any other.
    """

    name: str
    weight: float
    read: Callable[[StyleJSON], T | None]
    measure: Measure[T]
    show: Callable[[T], Any] = plain
    nullable: bool = False

    def distance(self, a: T | None, b: T | None) -> float | None:
        """0..1, or None when a side does not say."""
        if a is None or b is None:
            return float(a is not b) if self.nullable else None
        return min(1.0, max(0.0, self.measure(a, b)))

    def shown(self, value: T | None) -> Any:
        """The reading as plain JSON."""
        return None if value is None else self.show(value)


def by_difference(half: float, least: float = 0.0) -> Measure[float]:
    """0.5 at a difference of ``half`` beyond ``least``."""
    return lambda a, b: saturate(a - b, half, least)


def by_ratio(half_octaves: float, least: float = 0.0, offset: float = 0.0) -> Measure[float]:
    """0.5 at a ratio of ``half_octaves`` beyond ``least``; see ``distances.octaves`` for the offset."""
    return lambda a, b: saturate(octaves(a, b, offset), half_octaves, least)


def by_equality(a: object, b: object) -> float:
    """0 or 1."""
    return float(a != b)


def sliders_distance(a: dict[str, float], b: dict[str, float]) -> float:
    """0.5 at 60 points root mean square over the sliders, beyond 5."""
    return saturate(sqrt(sum((a[name] - b[name]) ** 2 for name in a) / len(a)), 60.0, 5.0)


def lengths_distance(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """0.5 at one and a half octaves, beyond a tenth."""
    return saturate(length_distance_octaves(a, b), 1.5, 0.1)


def audio_distance(a: AudioStyle, b: AudioStyle) -> float:
    """Compression (2 parts), bass (2 parts), speech (1 part); the level has a field of its own."""
    compression = saturate(octaves(a.compression_ratio, b.compression_ratio), 0.7, 0.1)
    bass = saturate(a.bass_boost - b.bass_boost, 30.0, 3.0)
    return (2 * compression + 2 * bass + float(a.enhance_speech != b.enhance_speech)) / 5


def aspect_distance(a: AspectRatio, b: AspectRatio) -> float:
    """0.5 at half an octave of width / height: 0.68 from wide to square, 0.90 from wide to upright."""
    return saturate(octaves(readings.aspect(a), readings.aspect(b)), 0.5)


FIELDS: tuple[StyleField[Any], ...] = (
    StyleField("color_grade", 0.13, readings.sliders, sliders_distance),
    StyleField("look", 0.15, readings.look, look_distance, readings.show_look),
    StyleField("cut_frequency", 0.12, lambda style: style.cut_frequency, by_ratio(1.5, 0.1, offset=1.0)),
    StyleField("shot_lengths", 0.08, readings.shot_lengths_s, lengths_distance, readings.show_lengths),
    StyleField("beat_alignment", 0.04, beat_alignment, by_difference(0.2, 0.05)),
    StyleField("transition_mix", 0.07, readings.transition_mix, mix_distance),
    StyleField("transition_time_ms", 0.04, readings.transition_time_ms, by_difference(200.0, 40.0)),
    StyleField("primary_transition", 0.02, lambda style: style.primary_transition, transition_distance),
    StyleField("motion_intensity", 0.05, lambda style: style.motion_intensity, by_difference(12.0, 3.0)),
    StyleField("zoom_usage", 0.05, lambda style: style.zoom_usage, by_difference(30.0, 3.0)),
    StyleField("integrated_lufs", 0.07, readings.integrated_lufs, by_difference(5.5, 0.3)),
    StyleField("loudness_range_lu", 0.03, readings.loudness_range_lu, by_difference(7.0, 0.5)),
    StyleField(
        "audio_style",
        0.05,
        readings.audio_style,
        audio_distance,
        lambda audio: audio.model_dump(exclude={"normalization_level"}),
    ),
    StyleField("aspect_ratio", 0.07, lambda style: style.aspect_ratio, aspect_distance),
    StyleField("frame_rate", 0.03, lambda style: style.frame_rate, by_ratio(1.0)),
    StyleField("sound", 0.0, readings.has_sound, by_equality),
    StyleField("tempo_bpm", 0.0, lambda style: style.tempo_bpm, by_ratio(0.25), nullable=True),
    StyleField("music_genre", 0.0, lambda style: style.music_genre, by_equality, nullable=True),
    StyleField(
        "secondary_transition", 0.0, lambda style: style.secondary_transition, transition_distance, nullable=True
    ),
    StyleField("text_overlays_per_minute", 0.0, readings.overlays_per_minute, by_ratio(1.0, offset=1.0)),
    StyleField("use_subtitles", 0.0, lambda style: style.use_subtitles, by_equality),
)
