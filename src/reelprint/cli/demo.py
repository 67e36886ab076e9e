"""``reelprint demo``: the main job on the demo pair."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from reelprint.cli import apply
from reelprint.core.errors import VideoNotFound

_EXAMPLES = Path("examples")
_TEMPLATE, _FOOTAGE = "bbb_trailer_33s.webm", "tos_battle_36s.webm"


def command(
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the result.")] = Path("out/demo"),
    examples: Annotated[Path, typer.Option(help="Folder of the demo pair.")] = _EXAMPLES,
    json_: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Restyle a piece of Tears of Steel after the trailer of Big Buck Bunny (both CC BY, Blender Foundation)."""
    template, footage = examples / _TEMPLATE, examples / _FOOTAGE
    if not (template.exists() and footage.exists()):
        raise VideoNotFound(
            f"no demo pair in {examples.absolute()}; run this in the project's folder or give --examples"
        )
    if not json_:
        Console(stderr=True).print(f"editing {footage.name} after {template.name}", highlight=False)
    apply.command(footage, out / "demo.mp4", like=template, json_=json_)
