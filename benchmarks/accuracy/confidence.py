"""Does the confidence fall as the error grows? Films are damaged in known ways and grades, and measured again.

    python benchmarks/accuracy/confidence.py [--seed N] [--films N] [--json PATH] [--cache FOLDER]

The true error of a damaged film is the distance by ``style.compare`` of its style to the style of the whole,
undamaged film, which the confidence never sees. Films: templates and plain footage of ``templates.py``, made from the
seed (another seed gives other films). Spearman's rank correlation, over all and per kind of damage.
"""

from __future__ import annotations

import argparse
import itertools
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
from figures import Figure, report
from scipy.stats import spearmanr
from template_takes import ffmpeg
from templates import footage, make

from reelprint.bootstrap.engine import wire
from reelprint.core.progress import CancelToken, Silent
from reelprint.core.style import StyleJSON
from reelprint.engine.extract import extract
from reelprint.engine.ports import Tools
from reelprint.settings import load_settings
from reelprint.style.compare import compare

#: Kind of damage: its grades, mild to grave. A part is the share kept; bits are kbit/s; the rest are filter settings.
GRADES: dict[str, tuple[str, ...]] = {
    "cut short": ("0.5", "0.25", "0.125"),
    "mixed": ("0.3", "1.0"),
    "starved": ("120", "40", "15"),
    "small": ("120", "64", "36"),
    "blurred": ("2", "6", "16"),
    "noisy": ("12", "30", "70"),
    "frames lost": ("0.3", "0.6", "0.85"),
    "flickering": ("0.08", "0.2", "0.4"),
}
KINDS = tuple(GRADES)
#: Kinds of damage done to each film, at all their grades.
PER_FILM = 3


@dataclass(frozen=True)
class Case:
    """One damaged film, with its true error and the confidence in it. ``grade`` 0 is the film itself."""

    film: str
    kind: str
    grade: int
    error: float
    confidence: float
    parts: dict[str, float]


def damage(film: Path, other: Path, kind: str, setting: str, seconds: float, seed: int, out: Path) -> None:
    """Write the damaged film. ``other`` is what it is mixed with; noise and losses come from the seed."""
    encode = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-c:a", "aac", "-b:a", "128k"]
    filters = {
        "small": f"scale=w='if(gt(iw,ih),-2,{setting})':h='if(gt(iw,ih),{setting},-2)'",
        "blurred": f"gblur=sigma={setting}",
        "noisy": f"noise=alls={setting}:allf=t:all_seed={seed}",
        "frames lost": f"select='gt(random({seed % 7}),{setting})+eq(n,0)',setpts=PTS",
        "flickering": f"eq=brightness='{setting}*(2*random({seed % 7})-1)':eval=frame",
    }
    if kind == "cut short":
        ffmpeg("-i", film, "-t", f"{seconds * float(setting):.3f}", *encode, out)
    elif kind == "starved":
        ffmpeg("-i", film, "-c:v", "libx264", "-preset", "veryfast", "-b:v", f"{setting}k", "-maxrate", f"{setting}k",
               "-bufsize", f"{setting}k", "-c:a", "aac", "-b:a", "128k", out)  # fmt: skip
    elif kind == "mixed":
        shape = "scale=480:270:force_original_aspect_ratio=increase,crop=480:270,setsar=1,fps=30"
        sound = "aresample=48000,aformat=channel_layouts=stereo"
        ffmpeg("-i", film, "-t", f"{seconds * float(setting):.3f}", "-i", other, "-filter_complex",
               f"[0:v]{shape}[a];[1:v]{shape}[b];[0:a]{sound}[c];[1:a]{sound}[d];[a][c][b][d]concat=n=2:v=1:a=1[v][w]",
               "-map", "[v]", "-map", "[w]", *encode, out)  # fmt: skip
    else:
        ffmpeg("-i", film, "-vf", filters[kind], *encode, out)


def style_of(film: Path, tools: Tools) -> StyleJSON:
    return extract(film, tools, Silent(), CancelToken()).style


def case(style: StyleJSON, whole: StyleJSON, film: str, kind: str, grade: int) -> Case:
    parts = {part.name: part.score for part in style.details.confidence}
    return Case(film, kind, grade, compare(style, whole).distance, style.extraction_confidence, parts)


def cases(films: Sequence[Path], seed: int, folder: Path, tools: Tools) -> Iterator[Case]:
    """Every film whole, and damaged in PER_FILM kinds at every grade; kinds go round so that all are met."""
    rng = random.Random(seed)
    for number, film in enumerate(films):
        whole = style_of(film, tools)
        other = films[(number + 1 + rng.randrange(len(films) - 1)) % len(films)]
        yield case(whole, whole, film.stem, "whole", 0)
        for turn in range(PER_FILM):
            kind = KINDS[(number * PER_FILM + turn) % len(KINDS)]
            for grade, setting in enumerate(GRADES[kind], 1):
                out = folder / f"{film.stem}-{kind.replace(' ', '-')}-{grade}.mp4"
                if not out.exists():
                    damage(film, other, kind, setting, whole.source_duration_seconds, seed + number, out)
                yield case(style_of(out, tools), whole, film.stem, kind, grade)


def rank_correlation(found: Sequence[Case]) -> float:
    return float(spearmanr([one.error for one in found], [one.confidence for one in found]).statistic)


def falls(found: Sequence[Case]) -> list[bool]:
    """Of every step to a graver grade of one damage to one film that raised the error: whether confidence fell."""
    answers = []
    for before, after in itertools.pairwise(found):
        same = before.film == after.film and (before.kind in (after.kind, "whole"))
        if same and after.error > before.error:
            answers.append(after.confidence < before.confidence)
    return answers


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--films", type=int, default=8)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--cache", type=Path, help="keep films here between runs")
    given = arguments.parse_args()
    cv2.setNumThreads(1)
    tools = wire(load_settings())
    with tempfile.TemporaryDirectory(prefix="reelprint-confidence-") as name:
        folder = given.cache or Path(name)
        # The first footage is silent, and sound is part of what is mixed.
        films = [*make(folder, given.seed, given.films - 2), *footage(folder, given.seed, 3)[1:]]
        found = []
        for one in cases(films, given.seed, folder, tools):
            found.append(one)
            low = sorted(one.parts.items(), key=lambda part: part[1])[:3]
            doubts = ", ".join(f"{name} {score:.2f}" for name, score in low)
            told = f"error {one.error:.3f}, confidence {one.confidence:.3f} ({doubts})"
            print(f"{one.film} {one.kind} {one.grade}: {told}", flush=True)
    steps = falls(found)
    rows = [
        Figure("confidence against true error, Spearman", rank_correlation(found), -0.6, at_most=True,
               cases=len(found), note=f"seed {given.seed}, {given.films} films"),
        Figure("graver damage that adds error lowers confidence", 100 * sum(steps) / len(steps), unit="%",
               cases=len(steps)),
    ]  # fmt: skip
    for kind in KINDS:
        same = [one for one in found if one.kind in (kind, "whole")]
        if len(same) > len(films) + 2:
            rows.append(Figure(f"Spearman, {kind} and whole films", rank_correlation(same), cases=len(same)))
    report(rows, given.json)


if __name__ == "__main__":
    main()
