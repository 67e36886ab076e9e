"""How far apart films are that have nothing to do with each other, field by field.

    PYTHONPATH=. python benchmarks/accuracy/unrelated.py [STYLE.json ...]

The medians are where ``style/fields.py`` puts a distance of 0.5 (docs/decisions/0019). Without STYLE, the films of
../shared/footage are extracted. A field in which many films are equal (shape, rate) has its median over the others.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from reelprint.bootstrap.engine import wire
from reelprint.colour.transfer import look_distance
from reelprint.core.beat_alignment import beat_alignment
from reelprint.core.lengths import length_distance_octaves
from reelprint.core.progress import CancelToken, Silent
from reelprint.core.style import StyleJSON
from reelprint.engine.extract import extract
from reelprint.settings import load_settings
from reelprint.style import readings
from reelprint.style.distances import mix_distance, octaves

FOOTAGE = Path(__file__).parents[3] / "shared" / "footage"


def rms(a: dict[str, float], b: dict[str, float]) -> float:
    return math.sqrt(sum((a[name] - b[name]) ** 2 for name in a) / len(a))


def gap(a: float, b: float) -> float:
    return abs(a - b)


#: field: (unit, how it is read, how two readings differ)
DIFFERENCES: dict[str, tuple[str, Callable[[StyleJSON], Any], Callable[[Any, Any], float]]] = {
    "color_grade": ("points RMS", readings.sliders, rms),
    "look": ("of 1", readings.look, look_distance),
    "cut_frequency": ("octaves", lambda s: s.cut_frequency, lambda a, b: abs(octaves(a, b, 1.0))),
    "shot_lengths": ("octaves", readings.shot_lengths_s, length_distance_octaves),
    "beat_alignment": ("of 1", beat_alignment, gap),
    "transition_mix": ("of 1", readings.transition_mix, mix_distance),
    "transition_time_ms": ("ms", readings.transition_time_ms, gap),
    "motion_intensity": ("points", lambda s: s.motion_intensity, gap),
    "zoom_usage": ("points", lambda s: s.zoom_usage, gap),
    "integrated_lufs": ("LU", readings.integrated_lufs, gap),
    "loudness_range_lu": ("LU", readings.loudness_range_lu, gap),
    "compression_ratio": (
        "octaves",
        lambda s: s.audio_style.compression_ratio if readings.has_sound(s) else None,
        lambda a, b: abs(octaves(a, b)),
    ),
    "bass_boost": ("points", lambda s: s.audio_style.bass_boost if readings.has_sound(s) else None, gap),
    "aspect_ratio": ("octaves", lambda s: readings.aspect(s.aspect_ratio), lambda a, b: abs(octaves(a, b))),
    "frame_rate": ("octaves", lambda s: s.frame_rate, lambda a, b: abs(octaves(a, b))),
}


def films() -> list[StyleJSON]:
    tools = wire(load_settings())
    names = sorted([*FOOTAGE.glob("*.mp4"), *FOOTAGE.glob("*.webm"), *(FOOTAGE / "raw").glob("*.mp4")])
    if not names:
        raise SystemExit(f"no footage at {FOOTAGE}: give styles instead")
    return [extract(name, tools, Silent(), CancelToken()).style for name in names]


def main() -> None:
    styles = [StyleJSON.model_validate_json(Path(name).read_text()) for name in sys.argv[1:]] or films()
    print(f"{len(styles)} films\n\n| field | quartile | median | quartile | unit |\n|---|---|---|---|---|")
    for name, (unit, read, differ) in DIFFERENCES.items():
        values = [value for style in styles if (value := read(style)) is not None]
        apart = [differ(a, b) for a, b in combinations(values, 2)]
        apart = [value for value in apart if value > 1e-9] or [0.0]
        low, middle, high = np.quantile(apart, [0.25, 0.5, 0.75])
        print(f"| {name} | {low:.2f} | {middle:.2f} | {high:.2f} | {unit} |")


if __name__ == "__main__":
    main()
