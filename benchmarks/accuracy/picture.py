"""Planted letterbox and pillarbox bars of known size, found on encoded films; and none found where there are none.

    python benchmarks/accuracy/picture.py [--seed 1] [--films 36] [--json PATH] [--pictures DIR]

A stretch of real footage is cut to a picture shape, padded with black to a film shape, and encoded with a random size
(240 to 1080 lines) and compression (crf 18 to 35). Bars are right when every edge is within 1.2 % of the side (two rows
of what the analyzer looks at).
"""

from __future__ import annotations

import argparse
import random
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np
from figures import Figure, report
from panels import draw_panels

from reelprint.adapters.media.decode import decode_film
from reelprint.adapters.media.probe import probe
from reelprint.analyze.evidence import U8, Known
from reelprint.analyze.picture import PictureAnalyzer
from reelprint.core.analysis import ActivePicture

FOOTAGE = Path(__file__).resolve().parents[3] / "shared" / "footage"
SOURCES = (
    ("bbb_000-090s_720p.mp4", 10, 84), ("tos_battle_70s.webm", 2, 64), ("sonnets_talk_158s.mp4", 5, 150),
    ("grid_two_person_30s.mp4", 0, 24), ("nasa_13s.mp4", 0, 7), ("raw/intel_car-detection.mp4", 0, 24),
    ("raw/intel_one-by-one-person-detection.mp4", 0, 120), ("bbb_trailer_33s.webm", 4, 24),
)  # fmt: skip
#: (shape of the film, shape of the picture in it); equal: no bars.
SHAPES = (
    (16 / 9, 2.39), (16 / 9, 2.0), (16 / 9, 1.85), (16 / 9, 4 / 3), (16 / 9, 1.0), (16 / 9, 9 / 16),
    (9 / 16, 16 / 9), (9 / 16, 1.0), (9 / 16, 4 / 5), (1.0, 16 / 9), (16 / 9, 16 / 9), (9 / 16, 9 / 16),
    (1.0, 1.0), (4 / 3, 4 / 3), (2.39, 2.39),
)  # fmt: skip
SECONDS = 5
TOLERANCE = 0.012


@dataclass(frozen=True)
class Barred:
    """A film with bars of known size, pixels."""

    source: str
    start_s: float
    width: int
    height: int
    inner_width: int
    inner_height: int
    crf: int

    @property
    def bars(self) -> bool:
        """Whether there are any."""
        return self.inner_width < self.width or self.inner_height < self.height

    def wrong(self, found: ActivePicture) -> float:
        """Largest distance of an edge from where it is, share of the side."""
        x, y = (1 - self.inner_width / self.width) / 2, (1 - self.inner_height / self.height) / 2
        edges = (found.x - x, found.y - y, found.x + found.width - 1 + x, found.y + found.height - 1 + y)
        return max(abs(edge) for edge in edges)


def variant(rng: random.Random, number: int) -> Barred:
    """A random film of the shape whose turn it is."""
    shape, inner = SHAPES[number % len(SHAPES)]
    name, first, last = rng.choice(SOURCES)
    short = rng.choice((240, 360, 480, 720, 1080))
    width, height = (_even(short * shape), short) if shape >= 1 else (short, _even(short / shape))
    inner_w, inner_h = (width, _even(width / inner)) if inner > shape else (_even(height * inner), height)
    crf = rng.choice((18, 23, 28, 35))
    return Barred(name, rng.uniform(first, last), width, height, min(width, inner_w), min(height, inner_h), crf)


def _even(value: float) -> int:
    return 2 * round(value / 2)


def make(film: Barred, target: Path) -> None:
    """Encode it."""
    fill = f"scale={film.inner_width}:{film.inner_height}:force_original_aspect_ratio=increase"
    filters = (
        f"{fill},crop={film.inner_width}:{film.inner_height},pad={film.width}:{film.height}:-1:-1:black,setsar=1,fps=12"
    )
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-threads", "1", "-ss", f"{film.start_s:.3f}", "-t",
         str(SECONDS), "-i", FOOTAGE / film.source, "-vf", filters, "-an", "-c:v", "libx264", "-threads", "1",
         "-preset", "veryfast", "-crf", str(film.crf), target],
        check=True,
    )  # fmt: skip


def measure(path: Path, scratch: Path) -> tuple[ActivePicture, U8, float]:
    """The active picture, a sample to look at, and CPU seconds per minute of film."""
    with decode_film(path, probe(path), scratch) as evidence:
        begun = time.process_time()
        found = PictureAnalyzer().measure(evidence, Known(), lambda _done: None)
        spent = time.process_time() - begun
        middle = np.array(evidence.samples.rgb(len(evidence.samples.frames) // 2))
        return found, middle, 60 * spent / evidence.duration_s


def framed(sample: U8, found: ActivePicture) -> U8:
    """The sample with the active picture drawn on it."""
    height, width = sample.shape[:2]
    corner = round(found.x * width), round(found.y * height)
    far = round((found.x + found.width) * width) - 1, round((found.y + found.height) * height) - 1
    return np.asarray(cv2.rectangle(sample.copy(), corner, far, (255, 60, 60), 2))


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--films", type=int, default=36)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rng = random.Random(options.seed)
    results: list[tuple[float, Barred, ActivePicture, U8]] = []
    cost: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.films):
            film = variant(rng, number)
            if not (FOOTAGE / film.source).is_file():
                print(f"absent: {film.source}")
                continue
            path = Path(folder) / "barred.mp4"
            make(film, path)
            found, sample, spent = measure(path, Path(folder))
            wrong = film.wrong(found)
            cost.append(spent)
            results.append((wrong, film, found, sample))
            if wrong > TOLERANCE:
                print(f"wrong by {wrong:.3f}: {film} got {found}", flush=True)
    barred = [item[0] <= TOLERANCE for item in results if item[1].bars]
    bare = [item[0] > TOLERANCE for item in results if not item[1].bars]
    if options.pictures:
        shown = sorted(
            (item for item in results if item[1].bars and not item[1].source.startswith("sonnets")),
            key=lambda item: item[0],
        )
        panels = [
            (f"{what}: edges off by {wrong:.1%}\n{film.width}x{film.height} crf {film.crf}", framed(sample, found))
            for what, (wrong, film, found, sample) in (("typical", shown[len(shown) // 2]), ("worst", shown[-1]))
        ]
        draw_panels(panels, options.pictures / "picture.png")
    report(
        [
            Figure("bars found, edges within 1.2 %", 100 * float(np.mean(barred)), 95, unit="%", cases=len(barred)),
            Figure("bars found where there are none", sum(bare), 0, at_most=True, cases=len(bare)),
            Figure("cost, CPU s per minute of film", float(np.median(cost)), at_most=True, cases=len(cost)),
        ],
        options.json,
    )


if __name__ == "__main__":
    main()
