"""Grades of known sliders planted on real footage: excerpts graded by ffmpeg's lut3d at full size and encoded."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from reelprint.analyze.colour import ColourAnalyzer  # noqa: E402
from reelprint.analyze.evidence import Known  # noqa: E402
from reelprint.analyze.picture import PictureAnalyzer  # noqa: E402
from reelprint.colour.cube import cube_text  # noqa: E402
from reelprint.colour.sliders import grade, grade_of, sliders_raw  # noqa: E402
from reelprint.core.shots import Shot, ShotList  # noqa: E402
from tests.evidence import memory_evidence  # noqa: E402

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]

FOOTAGE = ROOT.parent / "shared" / "footage"
SECONDS = 4
_RATE = 4
#: Limits of sliders planted alone and together.
ALONE, TOGETHER = (12.0, 50.0), 35.0


@dataclass(frozen=True)
class Plant:
    """One excerpt with one grade. ``values`` in the order of colour.sliders.NAMES."""

    film: str
    start_s: float
    values: tuple[float, ...]
    height: int
    crf: int

    @property
    def alone(self) -> bool:
        return sum(value != 0 for value in self.values) == 1


def plants(films: list[tuple[str, float]], seed: int, rounds: int) -> list[Plant]:
    """For every film, ``rounds`` times one slider alone and one mix of all; sizes and compression at random.

    Within a round all films share nothing but the generator; sliders alone are dealt in turn, so that all six come up.
    """
    rng = np.random.default_rng(seed)
    made = []
    turn = int(rng.integers(6))
    for _ in range(rounds):
        for film, seconds in films:
            start = round(float(rng.uniform(0.05, 0.9) * max(0.0, seconds - SECONDS)), 2)
            alone = np.zeros(6)
            alone[turn % 6] = rng.choice([-1, 1]) * rng.uniform(*ALONE)
            turn += 1
            for values in (alone, rng.uniform(-TOGETHER, TOGETHER, 6)):
                height, crf = int(rng.choice([240, 360, 480, 720, 1080])), int(rng.integers(18, 36))
                made.append(Plant(film, start, tuple(np.round(values, 1).tolist()), height, crf))
    return made


def encode(plant: Plant, folder: Path, *, graded: bool) -> Path:
    """The excerpt, scaled and encoded as the plant says, with its grade or without."""
    target = folder / f"{'graded' if graded else 'plain'}.mp4"
    filters = []
    if graded:
        (folder / "plant.cube").write_text(cube_text(grade(grade_of(np.array(plant.values)))))
        filters += ["format=gbrp16le", "lut3d=file=plant.cube:interp=tetrahedral"]
    filters += [f"scale=-2:{plant.height}:out_color_matrix=bt709:flags=bicubic", "format=yuv420p"]
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-threads", "1", "-ss", str(plant.start_s),
         "-i", FOOTAGE / plant.film, "-t", str(SECONDS), "-an", "-r", "12", "-vf", ",".join(filters), "-c:v", "libx264",
         "-preset", "superfast", "-crf", str(plant.crf), "-threads", "1",
         "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", target],
        check=True, cwd=folder,
    )  # fmt: skip
    return target


def decoded(path: Path, *, side: int = 180, rate: float = _RATE, start_s: float = 0, seconds: float = SECONDS) -> U8:
    """(n, h, w, 3) frames with the short side ``side``, ``rate`` a second."""
    frames = []
    with av.open(str(path)) as source:
        stream = source.streams.video[0]
        scale = side / min(stream.width, stream.height)
        size = (2 * round(stream.width * scale / 2), 2 * round(stream.height * scale / 2))
        source.seek(int(max(0.0, start_s - 0.5) * 1e6))
        due = start_s
        for frame in source.decode(stream):
            if frame.time is None or frame.time < due - 1e-6:
                continue
            if frame.time >= start_s + seconds:
                break
            due = max(due + 1 / rate, frame.time)
            frames.append(frame.reformat(*size, "rgb24", interpolation="AREA", src_colorspace="ITU709").to_ndarray())
    return np.stack(frames)


def measured(path: Path) -> F64:
    """(6,) sliders by the analyzers' own road, before they are limited to -100..100."""
    frames = decoded(path)
    evidence = memory_evidence(frames, _RATE)
    picture = PictureAnalyzer().measure(evidence, Known(), lambda _: None)
    shot = Shot(start_s=0, end_s=len(frames) / _RATE, start_frame=0, end_frame=len(frames))
    known = Known(picture=picture, shots=ShotList(shots=(shot,)))
    return sliders_raw(ColourAnalyzer().measure(evidence, known, lambda _: None).look)


def plant_errors(plant: Plant, folder: Path) -> F64:
    """(6,) found minus planted, where -100..100 ends taken into account."""
    before, after = (measured(encode(plant, folder, graded=graded)) for graded in (False, True))
    wanted = np.clip(before + np.array(plant.values), -100, 100) - np.clip(before, -100, 100)
    return np.asarray(np.clip(after, -100, 100) - np.clip(before, -100, 100) - wanted)
