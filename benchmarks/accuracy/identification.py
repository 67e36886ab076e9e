"""Can a restyled film be told by its style? The nearest template by ``compare`` should be the one it was made from.

    python benchmarks/accuracy/identification.py --folder DIR [--seed N] [--json PATH]

DIR is what ``closure.py --folder DIR`` has written: ``styles/<film>.json`` (StyleJSON of every template) and
``results/<footage>__<template>__<pacing>.json`` with the StyleJSON of the restyled film under ``style``. So the pairs
are those of the closure benchmark and no film is rendered twice. Confusions are listed with the fields that caused
them: what each adds to the distance to the true template, less what it adds to the distance to the nearest one.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from figures import Figure, report

from reelprint.core.style import StyleJSON
from reelprint.style.compare import compare
from reelprint.style.fields import FIELDS

WEIGHTS = {field.name: field.weight for field in FIELDS}
LEAST_TEMPLATES = 10


@dataclass(frozen=True)
class Answer:
    """One restyled film: what it was made from, and what it is nearest to. ``margin`` < 0 is a confusion."""

    footage: str
    template: str
    pacing: str
    nearest: str
    margin: float
    causes: tuple[tuple[str, float], ...]


def identify(style: StyleJSON, templates: Mapping[str, StyleJSON], true: str) -> tuple[str, float, dict[str, float]]:
    """(nearest template, distance to the best wrong one less that to the true one, what each field adds to that)."""
    against = {name: compare(style, template) for name, template in templates.items()}
    rival = min((name for name in against if name != true), key=lambda name: (against[name].distance, name))
    margin = against[rival].distance - against[true].distance
    shares = {name: _shares({key: row.distance for key, row in against[name].fields.items()}) for name in (true, rival)}
    causes = {key: shares[true].get(key, 0.0) - shares[rival].get(key, 0.0) for key in WEIGHTS}
    return (true if margin > 0 else rival), margin, causes


def _shares(distances: Mapping[str, float]) -> dict[str, float]:
    """What each field adds to the overall distance."""
    total = sum(WEIGHTS[name] for name in distances)
    return {name: WEIGHTS[name] * distance / total for name, distance in distances.items()}


def answers(folder: Path, seed: int) -> tuple[list[Answer], int]:
    """What every restyled film of a seed is taken for, and among how many templates."""
    paths = sorted((folder / "styles").glob(f"template-*-s{seed}-*.json"))
    templates = {path.stem: StyleJSON.model_validate_json(path.read_text()) for path in paths}
    if len(templates) < LEAST_TEMPLATES:
        raise SystemExit(f"{folder}: {len(templates)} template styles, {LEAST_TEMPLATES} are needed")
    found = []
    for path in sorted((folder / "results").glob("*.json")):
        footage, template, pacing = path.stem.split("__")
        if template not in templates:  # after a plain footage, or of another seed
            continue
        style = StyleJSON.model_validate(json.loads(path.read_text())["style"])
        nearest, margin, causes = identify(style, templates, template)
        worst = tuple(sorted(causes.items(), key=lambda item: -item[1])[:4])
        found.append(Answer(footage, template, pacing, nearest, margin, worst))
    if not found:
        raise SystemExit(f"{folder}: no restyled films in results/")
    return found, len(templates)


def rows(found: Sequence[Answer], templates: int) -> list[Figure]:
    by_pacing: dict[str, list[Answer]] = defaultdict(list)
    for answer in found:
        by_pacing[answer.pacing].append(answer)
    return [
        Figure(f"restyled film told among {templates} templates, pacing {pacing}",
               100 * sum(answer.nearest == answer.template for answer in same) / len(same),
               95 if pacing == "match" else None, unit="%", cases=len(same),
               note=f"by chance {100 / templates:.0f} %; least margin {min(answer.margin for answer in same):.3f}")
        for pacing, same in sorted(by_pacing.items())
    ]  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--folder", type=Path, required=True)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    found, templates = answers(given.folder, given.seed)
    for answer in found:
        if answer.nearest != answer.template:
            causes = ", ".join(f"{name} {share:+.3f}" for name, share in answer.causes)
            print(f"{answer.footage} like {answer.template} ({answer.pacing}) taken for {answer.nearest}, "
                  f"margin {answer.margin:.3f}: {causes}")  # fmt: skip
    report(rows(found, templates), given.json)


if __name__ == "__main__":
    main()
