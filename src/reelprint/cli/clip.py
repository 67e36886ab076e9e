"""``reelprint clip``: a long film in, captioned shorts out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from reelprint.bootstrap.engine import wire
from reelprint.bootstrap.language import asked_from
from reelprint.cli.endings import tell_json
from reelprint.cli.styles import read_style
from reelprint.cli.watching import watching
from reelprint.core.clip_lengths import options_given
from reelprint.core.clips import ClipOptions
from reelprint.core.clips_shown import result_shown
from reelprint.core.errors import DocumentError, VideoNotFound
from reelprint.engine.clips.make import Clips, make_clips
from reelprint.engine.deliver import write_whole
from reelprint.settings import load_settings


def command(
    video: Annotated[str, typer.Argument(metavar="VIDEO|URL", help="The film, or where to fetch it.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The folder for the clips.")],
    clips: Annotated[int | None, typer.Option(help="How many, 1 to 15; default: by the film's length.")] = None,
    min_seconds: Annotated[float | None, typer.Option(help="Shortest clip, 5 to 175; default: 15.")] = None,
    max_seconds: Annotated[float | None, typer.Option(help="Longest clip, 10 to 180; default: 60.")] = None,
    format_: Annotated[str, typer.Option("--format", help="vertical, horizontal, square or auto.")] = "auto",
    captions: Annotated[bool, typer.Option("--captions/--no-captions", help="Burn in what is said.")] = True,
    caption_style: Annotated[str, typer.Option(help="plain, karaoke or boxed.")] = "karaoke",
    language: Annotated[str | None, typer.Option(help="Language that is spoken (en, de ...); default: heard.")] = None,
    prompt: Annotated[str | None, typer.Option(help="What to look for.")] = None,
    style: Annotated[Path | None, typer.Option(help="A StyleJSON file: grade and sound of the clips.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Cut a long film into captioned shorts, best first."""
    options = _options(
        target_clips=clips,
        clip_min_seconds=min_seconds,
        clip_max_seconds=max_seconds,
        output_format=format_,
        captions=captions,
        caption_style=caption_style,
        language=language,
        prompt=prompt,
    )
    source: Path | str = video if _is_url(video) else Path(video)
    if isinstance(source, Path) and not source.exists():
        raise VideoNotFound(f"no such file: {source}")
    fixed = read_style(style) if style is not None else None
    settings = load_settings()
    tools = wire(settings)
    asked = asked_from(settings, None)
    model = tools.language_model(asked) if asked is not None else None
    with watching("clips that were finished stay") as (reporter, cancel):
        done = make_clips(source, out, options, fixed, model, tools, reporter, cancel, _say)
    if settings.times is not None:
        write_whole({settings.times: json.dumps(tools.stopwatch.seconds).encode()})
    if json_:
        tell_json(result_shown(done.clips, done.cost, lambda name: str(out / name)))
        return
    console = Console()
    console.print(_table(done))
    for note in done.notes:
        console.print(f"note: {note}", highlight=False, markup=False)
    for clip in done.clips:
        console.print(f"wrote {clip.film}", highlight=False, markup=False, soft_wrap=True)


def _is_url(text: str) -> bool:
    return "://" in text and not Path(text).exists()


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


#: Fields of ClipOptions whose option on the command line is called otherwise.
_NAMES = {
    "target_clips": "clips",
    "clip_min_seconds": "min-seconds",
    "clip_max_seconds": "max-seconds",
    "output_format": "format",
    "caption_style": "caption-style",
}


def _options(**given: Any) -> ClipOptions:
    try:
        return options_given(given)
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:
            raise DocumentError("--max-seconds is less than --min-seconds", detail="max-seconds") from None
        field = str(first["loc"][0])
        name = _NAMES.get(field, field)
        raise DocumentError(f"--{name}: {first['msg']}, not {first['input']!r}", detail=name) from None


def _table(done: Clips) -> Table:
    table = Table("score", "from", "to", "title", box=None, pad_edge=False)
    for clip in done.clips:
        moment = clip.pick.moment
        times = (_clock(moment.start_s), _clock(moment.end_s))
        table.add_row(str(moment.virality_score), *times, escape(clip.pick.texts.title))
    return table


def _clock(at_s: float) -> str:
    minutes, seconds = divmod(round(at_s, 1), 60)
    return f"{int(minutes)}:{seconds:04.1f}"
