"""``reelprint extract``: the Style DNA of a film."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from reelprint.bootstrap.engine import wire
from reelprint.cli.tables import style_table
from reelprint.cli.watching import watching
from reelprint.core.errors import DocumentError
from reelprint.engine.deliver import keep_inputs, picture_bytes, write_whole
from reelprint.engine.extract import extract
from reelprint.render.report import report_svg
from reelprint.settings import load_settings


def command(
    template: Annotated[Path, typer.Argument(help="The film to measure.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write the StyleJSON here.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the report picture here (.svg or .png).")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print the StyleJSON on stdout.")] = False,
) -> None:
    """Measure how a film was edited: its Style DNA."""
    if report is not None and report.suffix.lower() not in (".svg", ".png"):
        raise DocumentError(f"the report is an .svg or a .png, not {report.name}", detail="report")
    keep_inputs([path for path in (out, report) if path is not None], (template,))
    tools = wire(load_settings())
    with watching() as (reporter, cancel):
        found = extract(template, tools, reporter, cancel)
        files: dict[Path, bytes] = {}
        text = found.style.to_json(indent=2) + "\n"
        if out is not None:
            files[out] = text.encode()
        if report is not None:
            svg = report_svg(found.style, found.film.thumbnails, template.name)
            files[report] = picture_bytes(svg, report, tools.rasterizer)
        cancel.check()
        write_whole(files)
    if json_:
        typer.echo(text, nl=False)
    else:
        console = Console()
        console.print(style_table(found.style, template.name))
        for path in files:
            console.print(f"wrote {path}", highlight=False, markup=False, soft_wrap=True)
