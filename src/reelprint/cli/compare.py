"""``reelprint compare``: two styles side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from reelprint.bootstrap.engine import wire
from reelprint.cli.endings import tell_json
from reelprint.cli.styles import style_from
from reelprint.cli.tables import comparison_table
from reelprint.cli.watching import watching
from reelprint.settings import load_settings
from reelprint.style.compare import compare


def command(
    a: Annotated[Path, typer.Argument(help="A film, or a style file (.json).")],
    b: Annotated[Path, typer.Argument(help="Another film or style file.")],
    json_: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Compare two styles, field by field and with one distance from 0 (same) to 1."""
    tools = wire(load_settings())
    with watching() as (reporter, cancel):
        first, second = (style_from(path, tools, reporter, cancel) for path in (a, b))
    result = compare(first, second)
    if json_:
        tell_json(result.model_dump(mode="json"))
    else:
        Console().print(comparison_table(result, a.name, b.name))
