"""Style closure: how far footage is from a template before and after ``apply``, over pairs of films.

    python benchmarks/accuracy/closure.py [--seed N] [--folder DIR] [--footage 4] [--templates 10] [FILM ...]

Pairs: every plain footage after every template film (both from ``templates``), and every ordered pair of the footages;
with FILM, every ordered pair of those. Baselines: the footage as it is, and the same footage edited after a random
other template. Each result is measured like any film, but for its texts, which weigh nothing in a distance. Written for
``identification.py``: ``DIR/styles/<film>.json`` and ``DIR/results/<footage>__<template>__<pacing>.json``; what is
there is not made again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from statistics import median

import templates
from figures import Figure, report
from untexted import tools_without_text

from reelprint.core.compare import Closure
from reelprint.core.progress import CancelToken, Silent
from reelprint.core.style import StyleJSON
from reelprint.engine.extract import extract
from reelprint.engine.restyle import restyle
from reelprint.plan.options import PlanOptions
from reelprint.style.compare import compare
from reelprint.style.fields import FIELDS

WEIGHTS = {field.name: field.weight for field in FIELDS}
PACINGS = ("match", "keep")
#: A template cuts more slowly than the footage below this ratio of cuts a minute.
SLOWER = 0.9


@dataclass(frozen=True)
class Task:
    footage: Path
    template: Path
    pacing: str
    folder: Path

    @property
    def result(self) -> Path:
        name = f"{self.footage.stem}__{self.template.stem}__{self.pacing}.json"
        return self.folder / "results" / name


@dataclass(frozen=True)
class Pair:
    """A finished task."""

    footage: str
    template: str
    pacing: str
    closure: Closure
    style: StyleJSON


def style_path(folder: Path, film: Path) -> Path:
    return folder / "styles" / f"{film.stem}.json"


def measure(film: Path, folder: Path) -> None:
    """Write a film's style, once."""
    path = style_path(folder, film)
    if not path.exists():
        tools = tools_without_text()
        path.write_text(extract(film, tools, Silent(), CancelToken()).style.to_json())


def edit(task: Task) -> None:
    """Restyle one footage after one template, and write what came of it."""
    if task.result.exists():
        return
    style = StyleJSON.model_validate_json(style_path(task.folder, task.template).read_text())
    options = PlanOptions(pacing=task.pacing, quality="draft")
    with tempfile.TemporaryDirectory(dir=task.folder) as scratch:
        out = Path(scratch) / "out.mp4"
        done = restyle(task.footage, lambda: style, options, out, tools_without_text(), Silent(), CancelToken())
    whole = {"closure": done.closure.model_dump(mode="json"), "style": json.loads(done.result_style.to_json())}
    task.result.write_text(json.dumps(whole))


def load(task: Task) -> Pair:
    whole = json.loads(task.result.read_text())
    return Pair(
        task.footage.stem,
        task.template.stem,
        task.pacing,
        Closure.model_validate(whole["closure"]),
        StyleJSON.model_validate(whole["style"]),
    )


def closed(pairs: Iterable[Pair]) -> float:
    """Percent of all distance that is closed over the pairs together."""
    found = [pair.closure for pair in pairs]
    before = sum(one.before for one in found)
    return 100 * (1 - sum(one.after for one in found) / before) if before else 0.0


def not_farther(pairs: Sequence[Pair], name: str) -> float:
    """Percent of the pairs that state the field in which it is not farther from the template than before."""
    rows = [pair.closure.fields[name] for pair in pairs if name in pair.closure.fields]
    return 100 * sum(row.after <= row.before + 1e-6 for row in rows) / len(rows) if rows else 100.0


def field_table(pairs: Sequence[Pair]) -> str:
    rows = defaultdict(list)
    for pair in pairs:
        for name, field in pair.closure.fields.items():
            if WEIGHTS[name]:
                rows[name].append(field)
    lines = ["| field | weight | before | after | closed | not farther |", "|---|---|---|---|---|---|"]
    for name, found in rows.items():
        before, after = (sum(getattr(row, side) for row in found) / len(found) for side in ("before", "after"))
        share = f"{100 * (1 - after / before):.0f} %" if before else "-"
        lines.append(
            f"| {name} | {WEIGHTS[name]} | {before:.3f} | {after:.3f} | {share} | {not_farther(pairs, name):.0f} % |"
        )
    return "\n".join(lines)


def against_another(pairs: Sequence[Pair], styles: dict[str, StyleJSON], seed: int) -> tuple[float, float]:
    """Percent closed against the same footage edited after a random other template, and how often ours is nearer."""
    rng = random.Random(seed)
    ours, others, nearer = 0.0, 0.0, 0
    for pair in pairs:
        rest = [other for other in pairs if other.footage == pair.footage and other.template != pair.template]
        distance = compare(rng.choice(rest).style, styles[pair.template]).distance
        ours, others = ours + pair.closure.after, others + distance
        nearer += pair.closure.after < distance
    return 100 * (1 - ours / others), 100 * nearer / len(pairs)


def figures(pacing: str, pairs: Sequence[Pair], styles: dict[str, StyleJSON], seed: int) -> list[Figure]:
    goal = 80.0 if pacing == "match" else 60.0
    slower = [
        pair for pair in pairs if styles[pair.template].cut_frequency < SLOWER * styles[pair.footage].cut_frequency
    ]
    others = [pair for pair in pairs if pair not in slower]
    middle = 100 * median(pair.closure.closed for pair in pairs)
    least = 100 * min(pair.closure.closed for pair in pairs)
    found = [
        Figure(f"{pacing}: distance closed, all pairs together", closed(pairs), goal, unit="%", cases=len(pairs),
               note=f"median {middle:.0f}, worst {least:.0f}"),
    ]  # fmt: skip
    for note, some in (("template cuts at least as often", others), ("template cuts more slowly", slower)):
        if some and pacing == "match":
            found.append(Figure(f"{pacing}: {note}", closed(some), goal, unit="%", cases=len(some)))
    against, nearer = against_another(pairs, styles, seed)
    found.append(Figure(f"{pacing}: closed against a random other style", against, unit="%", cases=len(pairs)))
    found.append(Figure(f"{pacing}: nearer than a random other style", nearer, unit="%", cases=len(pairs)))
    counted = [name for name in WEIGHTS if WEIGHTS[name]]
    shares = {name: not_farther(pairs, name) for name in counted}
    below = ", ".join(f"{name} {share:.0f}" for name, share in shares.items() if share < 90)
    met = 100 * sum(share >= 90 for share in shares.values()) / len(shares)
    found.append(Figure(f"{pacing}: fields not farther in 90 % of pairs", met, 100, unit="%", note=below))
    return found


def line(pair: Pair) -> str:
    """One pair in words."""
    fields = pair.closure.fields
    away = [name for name, row in fields.items() if WEIGHTS[name] and row.after > row.before + 1e-6]
    share = f"{100 * pair.closure.closed:.0f} %"
    return f"{pair.footage} after {pair.template}: {share}; farther: {', '.join(away) or 'nothing'}"


def run(folder: Path, pairs: Sequence[tuple[Path, Path]], pacings: Sequence[str], processes: int) -> list[Pair]:
    """All pairs, measured; two at a time on two cores."""
    for name in ("styles", "results"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    films = sorted({film for pair in pairs for film in pair})
    tasks = [Task(footage, template, pacing, folder) for footage, template in pairs for pacing in pacings]
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(measure, films, [folder] * len(films)))
        list(pool.map(edit, tasks))
    return [load(task) for task in tasks]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", nargs="*", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--footage", type=int, default=4)
    parser.add_argument("--templates", type=int, default=10)
    parser.add_argument("--pacing", choices=PACINGS, nargs="+", default=PACINGS)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--pairs", action="store_true", help="print every pair")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reelprint-closure-") as scratch:
        folder = given.folder or Path(scratch)
        plain = given.films or templates.footage(folder / "films", given.seed, given.footage)
        models = [] if given.films else templates.make(folder / "films", given.seed, given.templates)
        wanted = [(film, model) for film in plain for model in models] + list(permutations(plain, 2))
        done = run(folder, wanted, given.pacing, given.processes)
        styles = {
            film.stem: StyleJSON.model_validate_json(style_path(folder, film).read_text()) for film in [*plain, *models]
        }
    rows: list[Figure] = []
    for pacing in given.pacing:
        pairs = [pair for pair in done if pair.pacing == pacing]
        print(f"\npacing {pacing}, {len(pairs)} pairs\n\n{field_table(pairs)}", flush=True)
        if given.pairs:
            print("\n".join(line(pair) for pair in pairs))
        rows += figures(pacing, pairs, styles, given.seed)
    report(rows, given.json)


if __name__ == "__main__":
    main()
