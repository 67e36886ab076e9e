"""Planted zooms, pans and punch-ins found, and how stable the intensity is over sizes and frame rates.

    python benchmarks/accuracy/motion.py [FOOTAGE_FOLDER]

Moves are planted on stretches of real footage with a still camera (people, cars, animation), so what the analyzer
should find is known exactly and the footage's own movement is there to disturb it.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from plant_motion import WINDOW, Move, cross, load_gray, measure, plant

from reelprint.analyze.evidence import U8
from reelprint.analyze.motion.punch import find_punch
from reelprint.core.motion import MotionMeasure

STILL_CAMERA = (
    ("grid_two_person_30s.mp4", 1.0, 4.0),
    ("nasa_13s.mp4", 5.6, 7.9),
    ("bbb_000-090s_720p.mp4", 49.0, 52.0),
    ("raw/intel_one-by-one-person-detection.mp4", 6.0, 9.0),
)
#: A bird that flies before an empty sky, cars over a bare road: the subject has most of what can be tracked.
FILLED = (
    ("bbb_000-090s_720p.mp4", 16.0, 19.0),
    ("raw/intel_car-detection.mp4", 5.0, 8.0),
    ("raw/intel_car-detection.mp4", 16.0, 19.0),
)
CUTS = (
    ("bbb_000-090s_720p.mp4", 24, (286, 379, 554, 1146, 1347, 1457)),
    ("bbb_trailer_33s.webm", 25, (227, 280, 330, 347, 375, 400, 415, 623, 650, 749, 756, 776)),
)
ZOOMS = (
    *(Move(zoom=ratio) for ratio in (1.05, 1.08, 1.15, 1.3, 0.95, 0.9, 0.8)),
    Move(zoom=1.2, anchor=(0.3, -0.2)),
    Move(zoom=1.12, anchor=(-0.25, 0.25)),
    Move(zoom=1.15, shake=0.6),
)
NO_ZOOMS = (
    Move(),
    Move(x=0.2),
    Move(x=-0.38),
    Move(y=0.25),
    Move(x=0.15, y=-0.3),
    Move(roll_deg=8),
    Move(shake=1.0),
    Move(shake=2.5),
)
FILMS = ((24, 480), (30, 720), (60, 240))


def zoomed(result: MotionMeasure, move: Move) -> bool:
    """Whether the zooms found are the planted one: right way, ratio within a quarter of its logarithm or 1.5 %."""
    total = math.prod(item.amount for item in result.zooms)
    wanted = math.log(move.zoom)
    return bool(result.zooms) and abs(math.log(total) - wanted) <= max(0.25 * abs(wanted), 0.015)


def moved(result: MotionMeasure, kind: str, amount: float) -> bool:
    total = sum(item.amount for item in result.camera_moves if item.kind == kind)
    return abs(total - amount) <= 0.2 * abs(amount)


@dataclass
class Score:
    """Counts (right, of all) by row, and what went wrong."""

    rows: dict[str, list[int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    cpu_s: float = 0.0
    frames: int = 0

    def add(self, row: str, counted: bool, *, fault: bool, text: str) -> None:
        tally = self.rows.setdefault(row, [0, 0])
        tally[0] += counted
        tally[1] += 1
        if fault:
            self.faults.append(f"{row}: {text}")


def main(folder: Path) -> None:
    cv2.setNumThreads(1)
    score = Score()
    clips = [(name, *load_gray(folder / name, start, end)) for name, start, end in STILL_CAMERA]
    filled = [(name, *load_gray(folder / name, start, end)) for name, start, end in FILLED]
    for clip in clips:
        plant_all(score, clip, FILMS, "")
        views = cross(plant(clip[1], clip[2], Move(), 2.5, 30, 480), clips[0][1][0])
        zooms = measure(views, np.arange(len(views)) / 30).zooms
        score.add("false zooms, subject crossing", bool(zooms), fault=bool(zooms), text=clip[0])
    for clip in filled:
        plant_all(score, clip, FILMS[:1], " (subject fills the picture)")
    punches(score, folder, clips)
    for row, (counted, count) in score.rows.items():
        print(f"{row:66} {counted:4d} of {count:4d}  {100 * counted / max(1, count):5.1f} %")
    print(f"{'cost':66} {1000 * score.cpu_s / score.frames:.2f} ms a frame (24, 30 and 60 fps)")
    print(*score.faults, sep="\n")
    stability(clips)


def plant_all(score: Score, clip: tuple[str, U8, float], films: tuple[tuple[int, int], ...], note: str) -> None:
    """Plant every move on a clip as the first film, a third of them as the others."""
    name, frames, rate = clip
    for number, (out_rate, short) in enumerate(films):
        times = np.arange(round(2.5 * out_rate)) / out_rate
        for move in (*ZOOMS, *NO_ZOOMS) if number == 0 else (*ZOOMS[number::3], *NO_ZOOMS[number::3]):
            views = plant(frames, rate, move, 2.5, out_rate, short)
            begun = time.process_time()
            result = measure(views, times)
            score.cpu_s += time.process_time() - begun
            score.frames += len(views)
            text = f"{name} {out_rate} fps {move} {[(m.kind, m.amount) for m in result.zooms + result.camera_moves]}"
            if move.zoom != 1:
                hit = zoomed(result, move)
                score.add("planted zooms found, right ratio" + note, hit, fault=not hit, text=text)
                continue
            score.add("false zooms without one" + note, bool(result.zooms), fault=bool(result.zooms), text=text)
            wanted = {"pan": move.x / WINDOW, "tilt": move.y / WINDOW, "roll": move.roll_deg}
            for kind, amount in wanted.items():
                if amount:
                    hit = moved(result, kind, amount)
                    score.add("pans, tilts and rolls within 20 %" + note, hit, fault=not hit, text=f"{kind} {text}")


def punches(score: Score, folder: Path, clips: list[tuple[str, U8, float]]) -> None:
    """Punch-ins and -outs over jump cuts found; punches seen in plain jump cuts and in cuts to another scene."""
    for name, frames, rate in clips:
        for later_s in (0.04, 0.5, 1.2):
            before, later = frames[0], frames[min(len(frames) - 1, round(later_s * rate))]
            graded = np.clip(later.astype(np.float32) * 1.1 + 4, 0, 255).astype(np.uint8)
            jump = find_punch(proxy(before), proxy(later))
            score.add("false punches in jump cuts", jump is not None, fault=jump is not None, text=f"{name} {jump}")
            for ratio in (1.1, 1.2, 1.35, 1.6, 2.0):
                for dx, dy in ((0.0, 0.0), (0.6, -0.4)):
                    close = proxy(tight(graded, ratio, dx, dy))
                    for pair, wanted in (((proxy(before), close), ratio), ((close, proxy(before)), 1 / ratio)):
                        punch = find_punch(*pair)
                        hit = punch is not None and abs(math.log(punch.ratio / wanted)) < 0.05
                        text = f"{name} {later_s} s {wanted:.2f} {punch}"
                        score.add("punch-ins and -outs found, right ratio", hit, fault=not hit, text=text)
    pairs = []
    for name, rate, cuts in CUTS:
        frames, _ = load_gray(folder / name, 0.0, (max(cuts) + 2) / rate)
        pairs += [(f"{name} {cut}", proxy(frames[cut - 1]), proxy(frames[cut])) for cut in cuts]
    ends = [(name, proxy(frames[0])) for name, frames, _ in clips]
    pairs += [(f"{a} {b}", first, second) for a, first in ends for b, second in ends if a != b]
    for text, first, second in pairs:
        if first.shape == second.shape:
            punch = find_punch(first, second)
            score.add("false punches in other cuts", punch is not None, fault=punch is not None, text=f"{text} {punch}")


def tight(frame: U8, ratio: float, dx: float, dy: float) -> U8:
    """The frame ``ratio`` times closer; (dx, dy) = -1..1 says where in the room that leaves."""
    height, width = frame.shape
    inner_w, inner_h = round(width / ratio), round(height / ratio)
    left, top = round((width - inner_w) * (dx + 1) / 2), round((height - inner_h) * (dy + 1) / 2)
    return cv2.resize(frame[top : top + inner_h, left : left + inner_w], (width, height), interpolation=cv2.INTER_CUBIC)


def proxy(frame: U8, short: int = 90) -> U8:
    height, width = frame.shape
    scale = short / min(height, width)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(frame, (round(width * scale / 2) * 2, round(height * scale / 2) * 2), interpolation=way)


def stability(clips: list[tuple[str, U8, float]]) -> None:
    """Print the intensity of one film at other sizes and rates."""
    print("\nintensity of one film at other sizes and rates")
    cases: list[tuple[str, Callable[[float, int], U8]]] = [
        ("slow pan", lambda rate, short: plant(clips[2][1][:1], 24, Move(x=0.2), 3.0, rate, short)),
        ("fast pan", lambda rate, short: plant(clips[2][1][:1], 24, Move(x=0.38), 1.0, rate, short)),
        ("zoom", lambda rate, short: plant(clips[3][1][:1], 24, Move(zoom=1.3), 2.0, rate, short)),
        ("hand-held", lambda rate, short: shaken(clips[2][1], rate, short)),
    ]
    for text, make in cases:
        values = {}
        for short in (240, 480, 1080, 2160):
            values[f"{short}p"] = measured(make(30, short), 30)
        for rate in (12, 24, 25, 50, 60):
            values[f"{rate} fps"] = measured(make(rate, 480), rate)
        doubled = np.repeat(make(10, 480), 3, axis=0)
        values["10 in 30"] = measured(doubled, 30)
        show(text, values)
    for name, frames, rate in clips:
        values = {"as is": measured(np.stack([proxy(frame) for frame in frames]), rate)}
        for short in (240, 360, 720, 1080):
            values[f"{short}p"] = measured(np.stack([proxy(proxy(frame, short)) for frame in frames]), rate)
        half = np.stack([proxy(frame) for frame in frames[::2]])
        values["half rate"] = measured(half, rate / 2)
        values["doubled"] = measured(np.repeat(half, 2, axis=0), rate)
        show(name, values)


def shaken(frames: U8, rate: float, short: int) -> U8:
    """A hand-held camera: sines of 0.7 and 1.9 Hz, the same at every rate."""
    height, width = frames.shape[1:]
    views = []
    for index in range(round(2.5 * rate)):
        at = index / rate
        x = 0.012 * width * (math.sin(2 * math.pi * 0.7 * at) + 0.5 * math.sin(2 * math.pi * 1.9 * at))
        y = 0.010 * height * math.cos(2 * math.pi * 0.7 * at + 1)
        matrix = np.array([[1.1, 0, -0.05 * width + x], [0, 1.1, -0.05 * height + y]])
        view = cv2.warpAffine(frames[0], matrix, (width, height))
        views.append(proxy(proxy(view, short)))
    return np.stack(views)


def measured(frames: U8, rate: float) -> float:
    return measure(frames, np.arange(len(frames)) / rate).intensity


def show(text: str, values: dict[str, float]) -> None:
    spread = max(values.values()) - min(values.values())
    print(f"{text[:36]:36} spread {spread:4.1f}  " + "  ".join(f"{key} {value:.1f}" for key, value in values.items()))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[3] / "shared" / "footage")
