"""Planted zooms, pans and punch-ins found; motion of one film the same in files of any size, rate and compression.

    python benchmarks/accuracy/motion.py [--seed 1] [--files-of 3] [--json PATH] [--pictures DIR] [--verbose]

Moves are planted on stretches of real footage with a still camera (people, cars, animation), so what the analyzer
should find is known exactly and the footage's own movement is there to disturb it. Then stretches of real films are
encoded many times over (motion_films.py).
"""

from __future__ import annotations

import argparse
import math
import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from figures import Figure, report
from motion_films import FILMS as FILES
from motion_films import speed_errors, spread_of
from panels import draw_panels
from plant_motion import WINDOW, Move, cross, load_gray, measure, plant

from reelprint.analyze.evidence import F64, U8
from reelprint.analyze.motion.punch import find_punch
from reelprint.core.motion import MotionMeasure

FOOTAGE = Path(__file__).resolve().parents[3] / "shared" / "footage"
#: Film and the range in which its camera rests; a stretch of 2.5 s is drawn from it.
STILL_CAMERA = (
    ("grid_two_person_30s.mp4", 0.5, 28.0),
    ("nasa_13s.mp4", 5.6, 7.9),
    ("bbb_000-090s_720p.mp4", 49.0, 52.0),
    ("raw/intel_one-by-one-person-detection.mp4", 4.0, 130.0),
)
CLIP_SECONDS = 2.5
#: Points by which a number may differ between two files of one film.
SAME_POINTS = 3.0
FILLED = (
    ("bbb_000-090s_720p.mp4", 16.0, 19.0),
    ("raw/intel_car-detection.mp4", 5.0, 8.0),
    ("raw/intel_car-detection.mp4", 16.0, 19.0),
)
CUTS = (
    ("bbb_000-090s_720p.mp4", 24, (286, 379, 554, 1146, 1347, 1457)),
    ("bbb_trailer_33s.webm", 25, (227, 280, 330, 347, 375, 400, 415, 623, 650, 749, 756, 776)),
)
FILMS = ((24, 480), (30, 720), (60, 240))


def random_zooms(rng: random.Random, count: int) -> list[Move]:
    """Zooms in and out of 5 to 40 %, about the middle or elsewhere, a third of them by a trembling hand."""
    moves = []
    for number in range(count):
        zoom = math.exp(rng.choice((-1, 1)) * rng.uniform(math.log(1.05), math.log(1.4)))
        anchor = (0.0, 0.0) if number % 2 else (rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.3))
        moves.append(Move(zoom=zoom, anchor=anchor, shake=rng.uniform(0.2, 0.7) if number % 3 == 2 else 0.0))
    return moves


def random_moves(rng: random.Random) -> list[Move]:
    """Moves without a zoom: rest, pan, tilt, both, roll, shake."""
    way = rng.choice((-1, 1))
    return [
        Move(), Move(x=way * rng.uniform(0.15, 0.38)), Move(y=way * rng.uniform(0.15, 0.3)),
        Move(x=rng.uniform(0.1, 0.2), y=way * rng.uniform(0.2, 0.3)), Move(roll_deg=way * rng.uniform(5, 12)),
        Move(shake=rng.uniform(0.5, 2.5)),
    ]  # fmt: skip


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
    zooms: list[tuple[float, str, U8]] = field(default_factory=list)

    def add(self, row: str, counted: bool, *, fault: bool, text: str) -> None:
        tally = self.rows.setdefault(row, [0, 0])
        tally[0] += counted
        tally[1] += 1
        if fault:
            self.faults.append(f"{row}: {text}")

    def figures(self) -> list[Figure]:
        """Rows in per cent; of what must not be there, the count."""
        goals = {"planted zooms found, right ratio": 95.0, "punch-ins and -outs found, right ratio": 95.0}
        rows = []
        for row, (counted, count) in self.rows.items():
            if row.startswith("false"):
                limit = None if "fills" in row else 0.0
                rows.append(Figure(row, counted, limit, at_most=True, cases=count))
            else:
                rows.append(Figure(row, 100 * counted / max(1, count), goals.get(row), unit="%", cases=count))
        cost = 1000 * self.cpu_s / max(1, self.frames)
        return [*rows, Figure("cost of motion", cost, at_most=True, unit="ms a frame", cases=self.frames)]

    def draw(self, folder: Path) -> None:
        """First and last frame of a typical and of the worst planted zoom."""
        ranked = sorted(self.zooms, key=lambda item: item[0])
        shown = (("typical", ranked[len(ranked) // 2]), ("worst", ranked[-1]))
        draw_panels([(f"{what}: {text}", view) for what, (_, text, view) in shown], folder / "motion.png")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--files-of", type=int, default=3, help="films of which many files are made")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rng = random.Random(options.seed)
    score = Score()
    clips = []
    for name, start, end in STILL_CAMERA:
        at = rng.uniform(start, max(start, end - CLIP_SECONDS))
        clips.append((f"{name} at {at:.1f} s", *load_gray(FOOTAGE / name, at, at + CLIP_SECONDS)))
    filled = [(name, *load_gray(FOOTAGE / name, start, end)) for name, start, end in FILLED]
    for clip in clips:
        plant_all(score, clip, FILMS, rng, "")
        views = cross(plant(clip[1], clip[2], Move(), CLIP_SECONDS, 30, 480), clips[0][1][0])
        zooms = measure(views, np.arange(len(views)) / 30).zooms
        score.add("false zooms, subject crossing", bool(zooms), fault=bool(zooms), text=clip[0])
    for clip in filled:
        plant_all(score, clip, FILMS[:1], rng, " (subject fills the picture)")
    punches(score, clips)
    if options.verbose:
        print(*score.faults, sep="\n")
    if options.pictures:
        score.draw(options.pictures)
    report([*score.figures(), *of_files(rng, options.files_of)], options.json)


def of_files(rng: random.Random, count: int) -> list[Figure]:
    """Many files of one film, and films at another speed."""
    chosen = [(name, rng.uniform(start, end)) for name, start, end in rng.sample(FILES, count)]
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        spreads = [
            spread_of(name, start, FOOTAGE / name, scratch, large=number == 0)
            for number, (name, start) in enumerate(chosen)
        ]
        speeds = [abs(error) for name, start in chosen[1:2] for error in speed_errors(FOOTAGE / name, start, scratch)]

    def near(what: str, parts: list[F64]) -> Figure:
        apart = np.concatenate(parts)
        share = 100 * float(np.mean(apart <= SAME_POINTS))
        note = (
            f"within 3 points of the film's median; {count} films, {len(apart)} files, worst {apart.max():.1f} points"
        )
        return Figure(what, share, 100.0, unit="%", cases=len(apart), note=note)

    return [
        near("motion_intensity the same in every file of a film", [item.intensity_found for item in spreads]),
        near("the same with shots given", [item.intensity_given for item in spreads]),
        near("zoom_usage the same in every file of a film", [item.zoom_found for item in spreads]),
        near("the same with shots given (zoom_usage)", [item.zoom_given for item in spreads]),
        Figure("planted speed 0.5x and 2x, read from intensity, error", 100 * max(speeds, default=0.0), at_most=True,
               unit="%", cases=len(speeds)),
    ]  # fmt: skip


def plant_all(
    score: Score, clip: tuple[str, U8, float], films: tuple[tuple[int, int], ...], rng: random.Random, note: str
) -> None:
    """Plant moves on a clip as the first film, fewer as the others."""
    name, frames, rate = clip
    for number, (out_rate, short) in enumerate(films):
        times = np.arange(round(CLIP_SECONDS * out_rate)) / out_rate
        moves = random_moves(rng)
        for move in (*random_zooms(rng, 8 if number == 0 else 2), *(moves if number == 0 else moves[number::3])):
            views = plant(frames, rate, move, CLIP_SECONDS, out_rate, short)
            begun = time.process_time()
            result = measure(views, times)
            score.cpu_s += time.process_time() - begun
            score.frames += len(views)
            text = f"{name} {out_rate} fps {move} {[(m.kind, m.amount) for m in result.zooms + result.camera_moves]}"
            if move.zoom != 1:
                hit = zoomed(result, move)
                score.add("planted zooms found, right ratio" + note, hit, fault=not hit, text=text)
                if not note and clip[0].startswith(("bbb", "grid", "nasa")):
                    score.zooms.append(example(views, result, move))
                continue
            score.add("false zooms without one" + note, bool(result.zooms), fault=bool(result.zooms), text=text)
            wanted = {"pan": move.x / WINDOW, "tilt": move.y / WINDOW, "roll": move.roll_deg}
            for kind, amount in wanted.items():
                if amount:
                    hit = moved(result, kind, amount)
                    score.add("pans, tilts and rolls within 20 %" + note, hit, fault=not hit, text=f"{kind} {text}")


def example(views: U8, result: MotionMeasure, move: Move) -> tuple[float, str, U8]:
    """How wrong the ratio is (log), what was planted and found, and the first and last frame one over the other."""
    found = math.prod(item.amount for item in result.zooms)
    both = np.repeat(np.concatenate([views[0], views[-1]])[..., None], 3, axis=2)
    text = f"zoom {move.zoom:.2f} planted,\n{found:.2f} measured (first and last frame)"
    return abs(math.log(found / move.zoom)), text, np.asarray(both)


def punches(score: Score, clips: list[tuple[str, U8, float]]) -> None:
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
        frames, _ = load_gray(FOOTAGE / name, 0.0, (max(cuts) + 2) / rate)
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


if __name__ == "__main__":
    main()
