"""``reelprint presets``: the built-in styles."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from reelprint.cli.endings import tell_json
from reelprint.style.presets import preset, preset_names


def command(json_: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False) -> None:
    """List the built-in styles."""
    styles = {name: preset(name) for name in preset_names()}
    if json_:
        tell_json({name: style.model_dump(mode="json") for name, style in styles.items()})
        return
    table = Table(Column("preset", no_wrap=True), "warm", "satur.", "contrast", "cuts/min", "mostly", "aspect")
    for name, style in styles.items():
        grade = style.color_grade
        table.add_row(
            name,
            f"{grade.temperature:+.0f}",
            f"{grade.saturation:+.0f}",
            f"{grade.contrast:+.0f}",
            f"{style.cut_frequency:.0f}",
            style.primary_transition.type,
            style.aspect_ratio,
        )
    Console().print(table)
