"""``reelprint apply``: footage in, restyled film out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from pydantic import ValidationError
from rich.console import Console

from reelprint.bootstrap.engine import wire
from reelprint.cli.endings import tell_json
from reelprint.cli.styles import read_style
from reelprint.cli.tables import closure_table
from reelprint.cli.watching import watching
from reelprint.core.errors import DocumentError, OutputError, VideoNotFound
from reelprint.core.plan import OutputFormat
from reelprint.core.progress import CancelToken, Reporter
from reelprint.core.style import StyleJSON
from reelprint.engine.apply import Applied, apply_style, result_files
from reelprint.engine.deliver import keep_inputs, write_whole
from reelprint.engine.extract import extract
from reelprint.engine.ports import Film, Tools
from reelprint.plan.options import PlanOptions
from reelprint.settings import load_settings
from reelprint.style.presets import preset


def command(
    footage: Annotated[Path, typer.Argument(help="The film to edit.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The film to write: .mp4, .mov or .webm.")],
    like: Annotated[Path | None, typer.Option(help="A template film: edit like this.")] = None,
    style: Annotated[Path | None, typer.Option(help="A StyleJSON file.")] = None,
    preset_: Annotated[str | None, typer.Option("--preset", help="A built-in style: see `reelprint presets`.")] = None,
    pacing: Annotated[str, typer.Option(help="match: cut as the style cuts; keep: keep the footage's edit.")] = "match",
    strength: Annotated[float, typer.Option(help="How much of the grade, 0 to 1.")] = 1.0,
    aspect_ratio: Annotated[str | None, typer.Option(help="16:9, 9:16 or 1:1; default: the style's.")] = None,
    frame_rate: Annotated[int | None, typer.Option(help="24, 30 or 60; default: the style's.")] = None,
    quality: Annotated[str, typer.Option(help="draft, standard or high.")] = "standard",
    seed: Annotated[int, typer.Option(help="Same inputs and same seed: same film.")] = 0,
    target_duration: Annotated[float | None, typer.Option(help="Length in seconds; default: the footage's.")] = None,
    captions: Annotated[bool, typer.Option("--captions/--no-captions", help="Burn in what is said.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Edit footage in the style of a template, a style file or a preset."""
    if sum(choice is not None for choice in (like, style, preset_)) != 1:
        raise DocumentError("give exactly one of --like, --style and --preset", detail="style")
    options = _options(
        pacing=pacing,
        strength=strength,
        aspect_ratio=aspect_ratio,
        frame_rate=frame_rate,
        quality=quality,
        seed=seed,
        target_duration_s=target_duration,
        container=_container(out),
    )
    for given in (footage, like):
        if given is not None and not given.exists():
            raise VideoNotFound(f"no such file: {given}")
    keep_inputs(result_files(out).values(), (footage, like, style))
    fixed = read_style(style) if style is not None else preset(preset_) if preset_ is not None else None
    settings = load_settings()
    tools = wire(settings)
    name = (like or style or Path(preset_ or "")).name
    with watching() as (reporter, cancel):

        def wanted() -> tuple[StyleJSON, Film | None]:
            return (fixed, None) if fixed is not None else _watched(like, tools, reporter, cancel)

        done = apply_style(footage, wanted, name, options, out, tools, reporter, cancel, captions=captions)
    if settings.times is not None:
        write_whole({settings.times: json.dumps(tools.stopwatch.seconds).encode()})
    if json_:
        tell_json(_document(done))
        return
    console = Console()
    console.print(closure_table(done.closure))
    for note in done.plan.notes:
        console.print(f"note: {note}", highlight=False, markup=False)
    for path in done.written:
        console.print(f"wrote {path}", highlight=False, markup=False, soft_wrap=True)


def _watched(like: Path | None, tools: Tools, reporter: Reporter, cancel: CancelToken) -> tuple[StyleJSON, Film | None]:
    if like is None:
        raise DocumentError("give exactly one of --like, --style and --preset", detail="style")
    found = extract(like, tools, reporter, cancel)
    return found.style, found.film


def _options(**given: Any) -> PlanOptions:
    try:
        return PlanOptions(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).removesuffix("_s").replace("_", "-")
        raise DocumentError(f"--{name}: {first['msg']}, not {first['input']!r}", detail=name) from None


def _container(out: Path) -> str:
    suffix = out.suffix.lower().removeprefix(".")
    if suffix not in get_args(OutputFormat):
        raise OutputError(f"the result is an .mp4, .mov or .webm, not {out.name}", detail="out")
    return suffix


def _document(done: Applied) -> dict[str, object]:
    output = done.plan.output
    return {
        **{name: str(path) for name, path in done.files.items()},
        "duration_s": output.duration_s,
        "frames": output.frame_count,
        "closure": done.closure.model_dump(mode="json"),
    }
