"""One film as many files: sizes, frame rates, compressions and speeds of real footage, through decoding and analysis.

A stretch of footage is encoded in every variant from the same source. What is measured must not depend on the file:
once with the shots that the shot analyzer finds in each file, once with those of the first file given, which leaves the
motion analyzer alone.
"""

from __future__ import annotations

import math
import subprocess
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from reelprint.adapters.media.decode import decode_film
from reelprint.adapters.media.probe import probe
from reelprint.analyze.evidence import F64, Evidence, Known
from reelprint.analyze.motion import MotionAnalyzer
from reelprint.analyze.motion.intensity import REFERENCE_SPEED
from reelprint.analyze.picture import PictureAnalyzer
from reelprint.analyze.shots import ShotAnalyzer
from reelprint.core.motion import MotionMeasure
from reelprint.core.shots import Shot, ShotList

SECONDS = 7.0
#: Film and the range its stretch is drawn from.
FILMS = (
    ("bbb_000-090s_720p.mp4", 14.0, 78.0), ("bbb_trailer_33s.webm", 3.0, 22.0), ("tos_battle_70s.webm", 2.0, 56.0),
    ("edit_dev_9x16.mp4", 0.0, 11.0), ("nasa_13s.mp4", 0.0, 3.5), ("sonnets_talk_158s.mp4", 5.0, 140.0),
)  # fmt: skip
VARIABLE = "variable"


@dataclass(frozen=True)
class Variant:
    """Short side in pixels, frames a second as ffmpeg says them (None: the source's), crf, speed."""

    short: int
    rate: str | None = None
    crf: int = 23
    speed: float = 1.0

    def __str__(self) -> str:
        return f"{self.short}p {self.rate or 'own rate'} crf {self.crf}" + (
            f" x{self.speed}" if self.speed != 1 else ""
        )


FIRST = Variant(720)
VARIANTS = (
    Variant(240), Variant(1080), Variant(480, crf=18), Variant(480, crf=35), Variant(360, "24000/1001"),
    Variant(360, "25"), Variant(360, "60"), Variant(360, VARIABLE),
)  # fmt: skip
#: Slow to make and to decode: for one film only.
LARGE = Variant(2160)
SPEEDS = (Variant(480, speed=0.5), Variant(480, speed=2.0))


def encode(source: Path, start_s: float, variant: Variant, target: Path) -> None:
    """Write one variant."""
    side = variant.short
    scale = f"scale=w='if(gt(iw,ih),-2,{side})':h='if(gt(iw,ih),{side},-2)'"
    rate: tuple[str, ...] = ()
    mode: tuple[str, ...] = ()
    if variant.rate == VARIABLE:
        # Every fourth frame, at random, is not there; the others keep their times.
        rate, mode = ("select='gt(random(7),0.25)'",), ("-fps_mode", "vfr")
    elif variant.rate is not None:
        rate = (f"fps={variant.rate}",)
    filters = ",".join((f"setpts=PTS/{variant.speed}", *rate, scale))
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-threads", "1", "-ss", f"{start_s:.3f}", "-t",
         f"{SECONDS:.3f}", "-i", source, "-vf", filters, *mode, "-an", "-c:v", "libx264", "-threads", "1", "-preset",
         "superfast", "-crf", str(variant.crf), target],
        check=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """Motion of one file, with the shots found in it and with those given; the same where none were."""

    shots: ShotList
    found: MotionMeasure
    given: MotionMeasure


def measure_file(path: Path, scratch: Path, wanted: ShotList | None) -> Measured:
    """Decode and analyse one file; ``wanted`` are the shots of another variant of it."""

    def tick(_done: float) -> None:
        """Nobody waits."""

    with decode_film(path, probe(path), scratch) as evidence:
        picture = PictureAnalyzer().measure(evidence, Known(), tick)
        shots = ShotAnalyzer().measure(evidence, Known(picture=picture), tick)
        found = MotionAnalyzer().measure(evidence, Known(picture=picture, shots=shots), tick)
        if wanted is None:
            return Measured(shots, found, found)
        mapped = same_shots(wanted, evidence)
        return Measured(shots, found, MotionAnalyzer().measure(evidence, Known(picture=picture, shots=mapped), tick))


def same_shots(shots: ShotList, evidence: Evidence) -> ShotList:
    """The shots of one variant in the frames of another, by time."""
    count = len(evidence.times_s)
    # A frame that is shown a moment too early for its time stamp is still the cut's.
    edges = [int(np.searchsorted(evidence.times_s, shot.start_s - 0.004)) for shot in shots.shots] + [count]
    times = [*(float(evidence.times_s[edge]) for edge in edges[:-1]), evidence.duration_s]
    mapped = tuple(
        Shot(start_s=times[i], end_s=times[i + 1], start_frame=edges[i], end_frame=edges[i + 1])
        for i in range(len(shots.shots))
    )
    inner = iter(mapped[1:])
    transitions = []
    for item in shots.transitions:
        shot = next(inner) if item.edge is None else None
        at = {"start_s": shot.start_s, "end_s": shot.start_s} if shot is not None and item.type == "cut" else {}
        transitions.append(item.model_copy(update=at))
    return ShotList(shots=mapped, transitions=tuple(transitions))


def speed_of(intensity: float) -> float:
    """Diagonals per second that an intensity stands for."""
    return -REFERENCE_SPEED * math.log(max(1e-6, 1 - intensity / 100))


@dataclass(frozen=True)
class Spread:
    """How far each file of one film is from their median, points, (n,) each."""

    intensity_found: F64
    intensity_given: F64
    zoom_found: F64
    zoom_given: F64


def from_median(values: list[float]) -> F64:
    """Distances."""
    return np.abs(np.array(values) - np.median(values))


def spread_of(name: str, start_s: float, source: Path, scratch: Path, *, large: bool) -> Spread:
    """Encode and measure all variants of one stretch."""
    results: list[tuple[Variant, Measured]] = []
    target = scratch / "variant.mp4"
    for variant in (FIRST, *VARIANTS, *((LARGE,) if large else ())):
        encode(source, start_s, variant, target)
        measured = measure_file(target, scratch, results[0][1].shots if results else None)
        results.append((variant, measured))
    for variant, item in results:
        print(
            f"{name} {start_s:5.1f} s {variant!s:24} shots {len(item.shots.shots):2d}  intensity "
            f"{item.found.intensity:5.1f} (given shots {item.given.intensity:5.1f})  zoom usage "
            f"{item.found.zoom_usage:5.1f} ({item.given.zoom_usage:5.1f})",
            flush=True,
        )
    all_of = [item for _, item in results]
    return Spread(
        intensity_found=from_median([item.found.intensity for item in all_of]),
        intensity_given=from_median([item.given.intensity for item in all_of]),
        zoom_found=from_median([item.found.zoom_usage for item in all_of]),
        zoom_given=from_median([item.given.zoom_usage for item in all_of]),
    )


def speed_errors(source: Path, start_s: float, scratch: Path) -> list[float]:
    """Played at half and double speed: the ratio of speeds read from the intensities over the true one, minus 1."""
    target = scratch / "speed.mp4"
    encode(source, start_s, Variant(480), target)
    plain = speed_of(measure_file(target, scratch, None).found.intensity)
    errors = []
    for variant in SPEEDS:
        encode(source, start_s, variant, target)
        fast = speed_of(measure_file(target, scratch, None).found.intensity)
        errors.append(fast / plain / variant.speed - 1)
    return errors
