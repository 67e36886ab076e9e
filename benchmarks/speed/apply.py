"""Speed of ``extract`` and ``apply`` as ratios to bare ffmpeg on the same film, in the same run.

    python benchmarks/speed/apply.py [FILM] [--rounds N]

Without FILM a minute of real 1080p30 footage is made from ../shared/footage. References, run in turn with ours so
that a busy machine hits all alike: ffmpeg decoding the film to nothing; ffmpeg decoding it and encoding the same
number of frames at the same size with the encoder settings of the plan. The median of the rounds counts.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg

from reelprint.core.plan import EditPlan
from reelprint.render.encode import encode_settings

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
FOOTAGE = Path(__file__).parents[3] / "shared" / "footage"
REELPRINT = Path(sys.executable).with_name("reelprint")


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command and its children."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=os.environ | environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, cpu


def minute_of_footage(folder: Path) -> Path:
    """A minute of 1080p30: Big Buck Bunny, scaled up, at the bit rate of a phone."""
    film = folder / "minute.mp4"
    subprocess.run(
        [FFMPEG, "-v", "error", "-y", "-ss", "10", "-i", FOOTAGE / "bbb_000-090s_720p.mp4", "-t", "60", "-vf",
         "fps=30,scale=1920:1080:flags=lanczos", "-c:v", "libx264", "-preset", "veryfast", "-crf", "18",
         "-c:a", "aac", film],
        check=True,
    )  # fmt: skip
    return film


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("film", nargs="?", type=Path)
    arguments.add_argument("--template", type=Path, default=FOOTAGE / "bbb_trailer_33s.webm")
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="reelprint-bench-") as name:
        folder = Path(name)
        film = given.film or minute_of_footage(folder)
        run(film, given.template, folder, given.rounds)


def run(film: Path, template: Path, folder: Path, rounds: int) -> None:
    data = {"REELPRINT_DATA_DIR": str(folder / "data")}
    style, out = folder / "template.json", folder / "out.mp4"
    ours = [str(REELPRINT), "apply", str(film), "--style", str(style), "--frame-rate", "30", "-o", str(out), "--json"]
    timed([str(REELPRINT), "extract", str(template), "-o", str(style)], data)
    timed(ours, data)
    plan = EditPlan.model_validate_json(out.with_suffix(".plan.json").read_bytes())
    size = plan.output
    picture = f"fps={size.frame_rate},scale={size.width}:{size.height}"
    encode = [FFMPEG, "-v", "error", "-y", "-i", str(film), "-vf", picture,
              *encode_settings(size), "-c:a", "aac", str(folder / "bare.mp4")]  # fmt: skip

    def fresh() -> dict[str, str]:
        return {"REELPRINT_DATA_DIR": tempfile.mkdtemp(dir=folder)}

    rows: dict[str, tuple[list[str], Callable[[], dict[str, str]]]] = {
        "ffmpeg decode": ([FFMPEG, "-v", "error", "-i", str(film), "-f", "null", "-"], dict),
        "extract": ([str(REELPRINT), "extract", str(film), "--json"], fresh),
        "extract again (cached)": ([str(REELPRINT), "extract", str(film), "--json"], lambda: data),
        "ffmpeg decode + encode": (encode, dict),
        "apply (style known)": (ours, fresh),
        "apply, footage known": (ours, lambda: data),
    }
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in rows}
    for _ in range(rounds):
        for name, (command, environment) in rows.items():
            figures[name].append(timed(command, environment()))
    wall = {name: statistics.median(item[0] for item in found) for name, found in figures.items()}
    cpu = {name: statistics.median(item[1] for item in found) for name, found in figures.items()}
    decoding, encoding = "ffmpeg decode", "ffmpeg decode + encode"
    references = {
        "extract": decoding,
        "extract again (cached)": decoding,
        "apply (style known)": encoding,
        "apply, footage known": encoding,
    }
    print(f"{film.name}, {rounds} rounds, {len(plan.segments)} segments")
    print(f"output {size.width}x{size.height} at {size.frame_rate}\n")
    print("| what | wall s | CPU s | wall ratio | CPU ratio |\n|---|---|---|---|---|")
    for name in rows:
        reference = references.get(name)
        ratios = f"{wall[name] / wall[reference]:.2f} | {cpu[name] / cpu[reference]:.2f}" if reference else "1 | 1"
        print(f"| {name} | {wall[name]:.1f} | {cpu[name]:.1f} | {ratios} |")
    print("\nWhere the time of apply goes:\n")
    stages(ours, folder)


def stages(command: list[str], folder: Path) -> None:
    """Run once more with the time of every step written down by the engine."""
    times = folder / "times.json"
    environment = {"REELPRINT_DATA_DIR": tempfile.mkdtemp(dir=folder), "REELPRINT_TIMES": str(times)}
    timed(command, environment)
    print("| step | s |\n|---|---|")
    for step, seconds in json.loads(times.read_text()).items():
        print(f"| {step} | {seconds:.2f} |")


if __name__ == "__main__":
    main()
