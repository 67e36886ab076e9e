"""Where template films and plain footage are taken from: real material, one unbroken take at a time."""

from __future__ import annotations

import itertools
import subprocess
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
SHARED = Path(__file__).parents[3] / "shared" / "footage"


def ffmpeg(*arguments: str | Path) -> None:
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-threads", "1", *arguments], check=True)


@dataclass(frozen=True)
class Take:
    """Frames ``start`` .. ``end`` (half open) of a source, free of cuts by its hand-made labels."""

    source: str
    fps: float
    start: int
    end: int
    kind: str

    @property
    def frames(self) -> int:
        return self.end - self.start


def _between(source: str, fps: float, kind: str, cuts: tuple[int, ...], margin: int = 2) -> tuple[Take, ...]:
    pairs = itertools.pairwise(cuts)
    return tuple(Take(source, fps, a + margin, b - margin, kind) for a, b in pairs if b - a > 30)


#: Action from 309 to 715 (one long take) is dealt as three; the titles of Big Buck Bunny (frames 500-770) stay out.
TAKES: tuple[Take, ...] = (
    *_between("tos_battle_70s.webm", 24, "action",
              (0, 52, 122, 158, 221, 309, 440, 570, 715, 788, 872, 901, 987, 1127, 1157, 1203, 1234, 1284, 1345, 1378,
               1430, 1472, 1525, 1571, 1618)),
    *_between("bbb_000-090s_720p.mp4", 24, "animation",
              (70, 180, 286, 379, 495), 4),
    *_between("bbb_000-090s_720p.mp4", 24, "animation",
              (820, 980, 1146, 1347, 1457, 1532, 1667, 1712, 1764, 1814, 1920, 2040, 2155)),
    *_between("grid_multi_talk_30s.mp4", 25, "talk", tuple(range(0, 751, 75))),
    *_between("raw/intel_car-detection.mp4", 12.5, "surveillance", (0, 120, 240, 370)),
    *_between("raw/intel_one-by-one-person-detection.mp4", 10, "surveillance", (100, 220, 340, 460, 580, 700, 900)),
    *_between("nasa_13s.mp4", 30000 / 1001, "documentary", (0, 148), 0),
    *_between("nasa_13s.mp4", 30000 / 1001, "documentary", (240, 389), 1),
    *_between("raw/cityCC0.mpg", 25, "city", (0, 90, 180)),
)  # fmt: skip

#: (source, first and last second an excerpt may start at, kind): whole stretches as their makers left them.
STRETCHES: tuple[tuple[str, float, float, str], ...] = (
    ("raw/intel_one-by-one-person-detection.mp4", 10, 110, "surveillance"),
    ("sonnets_talk_158s.mp4", 0, 140, "talk"),
    ("bbb_000-090s_720p.mp4", 34, 74, "animation"),
    ("tos_battle_70s.webm", 0, 54, "action"),
    ("raw/intel_car-detection.mp4", 0, 14, "surveillance"),
    ("grid_two_person_30s.mp4", 0, 14, "talk"),
    ("bbb_trailer_33s.webm", 0, 17, "trailer"),
)


def read(take: Take, first: int, count: int, size: tuple[int, int]) -> U8:
    """(count, height, width, 3) BGR frames from the ``first`` frame of a take, cropped to fill ``size`` (w, h)."""
    width, height = size
    start_s = max(0.0, (take.start + first - 0.5) / take.fps)
    fill = f"scale={width}:{height}:force_original_aspect_ratio=increase:flags=bilinear,crop={width}:{height}"
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-threads", "1", "-ss", f"{start_s:.5f}",
            "-i", str(SHARED / take.source), "-an", "-vf", fill, "-fps_mode", "passthrough",
            "-frames:v", str(count), "-f", "rawvideo", "-pix_fmt", "bgr24", "-"]  # fmt: skip
    raw = subprocess.run(argv, check=True, capture_output=True).stdout
    frames = np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)
    if len(frames) < count:  # the last frames of a file can be missing after a seek: hold the last one
        frames = np.concatenate([frames, np.repeat(frames[-1:], count - len(frames), axis=0)])
    return frames
