"""Does the confidence fall as the error grows? Films are damaged in known ways and grades, and measured again.

    python benchmarks/accuracy/confidence.py [--seed N] [--films N] [--json PATH] [--cache FOLDER]
                                              [--pictures FOLDER]

The true error of a damaged film is the distance by ``style.compare`` of its style to the style of the whole,
undamaged film, which the confidence never sees. Films and damages: ``confidence_films.py``; another seed cuts other
stretches and montages and damages them elsewhere. Texts are not read, to save time: they weigh nothing in the
distance, and no part of the confidence looks at them.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
from charts import Axis, Dot, draw_scatter
from confidence_films import DEGRADED, SHORTER, Whole, damage, make_whole
from figures import Figure, report
from scipy.stats import rankdata, spearmanr
from untexted import tools_without_text

from reelprint.core.analysis import Analysis
from reelprint.core.progress import CancelToken, Silent
from reelprint.engine.extract import now
from reelprint.engine.ports import Tools
from reelprint.engine.watch import watch
from reelprint.style.compare import compare
from reelprint.style.extract import style_of

#: Kinds of degradation done to each film, at both grades; they go round, so that all are met.
KINDS_PER_FILM = 1


@dataclass(frozen=True)
class Case:
    """One damaged film, with its true error and the confidence in it. ``grade`` 0 is the film itself."""

    film: Whole
    kind: str
    grade: int
    error: float
    confidence: float
    parts: dict[str, float]


def measured(film: Path, tools: Tools) -> Analysis:
    """What is measured on a film, kept beside it."""
    kept = film.with_suffix(".analysis.json")
    if not kept.exists():
        kept.write_text(watch(film, tools, Silent(), CancelToken()).analysis.model_dump_json())
    return Analysis.model_validate_json(kept.read_text())


def case(analysis: Analysis, whole: Analysis, film: Whole, kind: str, grade: int) -> Case:
    style = style_of(analysis, now())
    parts = {part.name: part.score for part in style.details.confidence}
    error = compare(style, style_of(whole, now())).distance
    return Case(film, kind, grade, error, style.extraction_confidence, parts)


def damages(number: int) -> Iterator[tuple[str, int, str]]:
    """(kind, grade, setting) of what is done to a film."""
    for grade, setting in enumerate(SHORTER, 1):
        yield "shorter", grade, setting
    yield "mixed", 1, ""
    kinds = tuple(DEGRADED)
    for turn in range(KINDS_PER_FILM):
        kind = kinds[(number * KINDS_PER_FILM + turn) % len(kinds)]
        for grade, setting in enumerate(DEGRADED[kind], 1):
            yield kind, grade, setting


def cases(count: int, seed: int, folder: Path, tools: Tools) -> Iterator[Case]:
    """Every film whole and damaged."""
    films, known = [], []
    for number in range(count):
        path, source = make_whole(folder, seed, number)
        analysis = measured(path, tools)
        video = analysis.media.video
        known.append(analysis)
        films.append(Whole(path, source, analysis.timing.duration_s, video.width, video.height))
    for number, (film, whole) in enumerate(zip(films, known, strict=True)):
        yield case(whole, whole, film, "whole", 0)
        for kind, grade, setting in damages(number):
            out = folder / f"{film.path.stem}-{kind.replace(' ', '-')}-{grade}.mp4"
            if not out.exists():
                damage(film, films[(number + 1) % count], kind, setting, seed * 1000 + number, out)
            yield case(measured(out, tools), whole, film, kind, grade)


def rank_correlation(found: Sequence[Case]) -> float:
    return float(spearmanr([one.error for one in found], [one.confidence for one in found]).statistic)


def falls(found: Sequence[Case], kinds: Sequence[str]) -> list[bool]:
    """Of every step to a graver grade of one of ``kinds`` that raised the error: whether the confidence fell."""
    answers = []
    for after in found:
        if after.kind not in kinds:
            continue
        before = next(
            one
            for one in found
            if one.film == after.film
            and one.grade == after.grade - 1
            and one.kind == (after.kind if after.grade > 1 else "whole")
        )
        if after.error > before.error:
            answers.append(after.confidence < before.confidence)
    return answers


def figures(found: Sequence[Case], seed: int) -> list[Figure]:
    held_out = [one for one in found if one.film.held_out]
    rows = [
        Figure("confidence against true error, Spearman", rank_correlation(found), -0.6, at_most=True,
               cases=len(found), note=f"seed {seed}"),
        Figure("the same, films of sources that nothing was tuned on", rank_correlation(held_out), -0.6, at_most=True,
               cases=len(held_out)),
    ]  # fmt: skip
    families = {"halved": ("shorter",), "mixed": ("mixed",), "degraded": tuple(DEGRADED)}
    for name, kinds in families.items():
        steps = falls(found, kinds)
        if steps:
            note = "steps that raised the error"
            rows.append(Figure(f"confidence falls when {name}", 100 * sum(steps) / len(steps), unit="%",
                               cases=len(steps), note=note))  # fmt: skip
    for kind in ("shorter", "mixed", *DEGRADED):
        damaged = [one for one in found if one.kind == kind]
        if damaged:
            same = [one for one in found if one.kind in (kind, "whole")]
            error = sum(one.error for one in damaged) / len(damaged)
            rows.append(Figure(f"Spearman, whole films and {kind}", rank_correlation(same), cases=len(same),
                               note=f"mean error {error:.3f}"))  # fmt: skip
    return rows


def draw(found: Sequence[Case], target: Path) -> None:
    """Error against confidence; the case that is furthest from where its error's rank would have it is the worst."""
    errors, doubts = (rankdata([sign * getattr(one, name) for one in found])
                      for sign, name in ((1, "error"), (-1, "confidence")))  # fmt: skip
    worst = max(range(len(found)), key=lambda at: abs(errors[at] - doubts[at]))
    grave = [at for at in range(len(found)) if errors[at] > len(found) / 2]
    typical = min(grave, key=lambda at: abs(errors[at] - doubts[at]))
    named = {worst: "worst: ", typical: "typical: "}
    groups: dict[str, list[Dot]] = {"whole": []}
    for at, one in enumerate(found):
        label = f"{named[at]}{one.film.path.stem}, {one.kind} {one.grade}" if at in named else ""
        groups.setdefault(one.kind, []).append(Dot(one.error, one.confidence, label))
    most = max(one.error for one in found)
    error, confidence = Axis("distance from the whole film", 0, round(most + 0.05, 1)), Axis("confidence", 0, 1)
    title = f"Confidence against true error, Spearman {rank_correlation(found):.2f}"
    draw_scatter(title, groups, error, confidence, target)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--films", type=int, default=8)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--cache", type=Path, help="keep films and what was measured on them between runs")
    arguments.add_argument("--pictures", type=Path)
    given = arguments.parse_args()
    cv2.setNumThreads(1)
    tools = tools_without_text()
    with tempfile.TemporaryDirectory(prefix="reelprint-confidence-") as name:
        folder = given.cache or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        found = []
        for one in cases(given.films, given.seed, folder, tools):
            found.append(one)
            low = sorted(one.parts.items(), key=lambda part: part[1])[:3]
            doubts = ", ".join(f"{name} {score:.2f}" for name, score in low)
            told = f"error {one.error:.3f}, confidence {one.confidence:.3f} ({doubts})"
            print(f"{one.film.path.stem} {one.kind} {one.grade}: {told}", flush=True)
    report(figures(found, given.seed), given.json)
    if given.pictures:
        draw(found, given.pictures / "confidence.png")


if __name__ == "__main__":
    main()
