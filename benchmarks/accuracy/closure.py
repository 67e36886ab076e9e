"""Style closure for every ordered pair of a set of films: distance to the template before and after ``apply``.

    python benchmarks/accuracy/closure.py [--pacing match|keep] [--seconds N] [FILM ...]

Without FILM, excerpts of ../shared/footage are used, each at most N seconds long.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
from pathlib import Path

import imageio_ffmpeg

from reelprint.bootstrap.engine import wire
from reelprint.core.compare import Closure
from reelprint.core.progress import CancelToken, Silent
from reelprint.engine.extract import extract
from reelprint.engine.ports import Tools
from reelprint.engine.restyle import restyle
from reelprint.plan.options import PlanOptions
from reelprint.settings import load_settings

FOOTAGE = Path(__file__).parents[3] / "shared" / "footage"
#: (film, where the excerpt starts, seconds)
EXCERPTS = (
    ("tos_battle_70s.webm", 35),
    ("bbb_trailer_33s.webm", 0),
    ("edit_dev_9x16.mp4", 0),
    ("grid_multi_talk_30s.mp4", 0),
    ("raw/intel_one-by-one-person-detection.mp4", 20),
)


def excerpt(name: str, start_s: int, seconds: float, folder: Path) -> Path:
    path = folder / f"{Path(name).stem}.mp4"
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-ss", str(start_s), "-i", FOOTAGE / name, "-t",
         str(seconds), "-c:v", "libx264", "-preset", "veryfast", "-crf", "16", "-c:a", "aac", "-b:a", "192k", path],
        check=True,
    )  # fmt: skip
    return path


def edit(footage: Path, template: Path, pacing: str, folder: Path, tools: Tools) -> Closure:
    style = extract(template, tools, Silent(), CancelToken()).style
    options = PlanOptions(pacing=pacing, quality="draft")
    out = folder / f"{footage.stem}-like-{template.stem}-{pacing}.mp4"
    return restyle(footage, lambda: style, options, out, tools, Silent(), CancelToken()).closure


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("films", nargs="*", type=Path)
    arguments.add_argument("--pacing", choices=("match", "keep"), default="match")
    arguments.add_argument("--seconds", type=float, default=20.0)
    given = arguments.parse_args()
    tools = wire(load_settings())
    with tempfile.TemporaryDirectory(prefix="reelprint-closure-") as name:
        folder = Path(name)
        films = given.films or [excerpt(film, start, given.seconds, folder) for film, start in EXCERPTS]
        print(f"pacing {given.pacing}\n")
        print("| footage | template | before | after | closed | fields that moved away |")
        print("|---|---|---|---|---|---|", flush=True)
        closed: list[float] = []
        for footage in films:
            for template in films:
                if footage == template:
                    continue
                result = edit(footage, template, given.pacing, folder, tools)
                closed.append(result.closed)
                away = [name for name, field in result.fields.items() if field.after > field.before + 0.02]
                print(
                    f"| {footage.stem} | {template.stem} | {result.before:.3f} | {result.after:.3f} | "
                    f"{100 * result.closed:.0f} % | {', '.join(away) or 'none'} |",
                    flush=True,
                )
    fell = sum(share > 0 for share in closed)
    print(f"\n{fell} of {len(closed)} pairs closer, median {100 * statistics.median(closed):.0f} % closed")


if __name__ == "__main__":
    main()
