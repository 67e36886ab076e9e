"""One measured figure beside the peers' and the goal: what every script here ends with.

A script collects ``Figure`` rows and calls ``report(rows, path)``: a Markdown table for people, and JSON for
``everything.py``, which puts the tables of all scripts together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One row. ``goal`` is a bound: at least (``at_most`` False) or at most; None is a figure without a goal."""

    what: str
    ours: float
    goal: float | None = None
    at_most: bool = False
    unit: str = ""
    peers: Mapping[str, float] = field(default_factory=dict)
    cases: int = 0
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal holds, None without one."""
        if self.goal is None:
            return None
        return self.ours <= self.goal if self.at_most else self.ours >= self.goal


def _number(value: float, unit: str) -> str:
    shown = f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"
    return f"{shown} {unit}".strip()


def table(figures: Sequence[Figure]) -> str:
    """Markdown."""
    lines = ["| what | ours | peers | goal | met | cases | note |", "|---|---|---|---|---|---|---|"]
    for row in figures:
        peers = ", ".join(f"{name} {_number(value, row.unit)}" for name, value in row.peers.items()) or "-"
        goal = "-" if row.goal is None else f"{'<=' if row.at_most else '>='} {_number(row.goal, row.unit)}"
        met = {None: "-", True: "yes", False: "**no**"}[row.met]
        ours = _number(row.ours, row.unit)
        lines.append(f"| {row.what} | {ours} | {peers} | {goal} | {met} | {row.cases or '-'} | {row.note} |")
    return "\n".join(lines)


def report(figures: Sequence[Figure], path: Path | None = None) -> None:
    """Print the table, and write the rows to ``path`` as JSON when there is one."""
    print(f"\n{table(figures)}", flush=True)
    if path is not None:
        path.write_text(json.dumps([asdict(row) for row in figures], indent=1))
