"""``reelprint jobs``: jobs on a Reelprint server. Imports no film library, so it starts at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from reelprint.cli.endings import FAILED, tell_json
from reelprint.cli.following import interruptible, job_progress, transfer
from reelprint.client.client import Client
from reelprint.client.errors import ApiError, NoServer
from reelprint.client.models import Job, JobResult
from reelprint.core.errors import DocumentError, OutputError, ReelprintError, VideoNotFound
from reelprint.core.jobs import JobConfig
from reelprint.core.plan import OutputFormat

_PATIENCE_S = 3.0
_VIDEO_ID = re.compile(r"vid_[0-9a-f]{12}")
_WRONG_USAGE = ("VALIDATION_ERROR", "MISSING_FIELD")

app = typer.Typer(
    help="Have films edited by a Reelprint server (`reelprint serve`, here or elsewhere).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Server = Annotated[str, typer.Option("--server", envvar="REELPRINT_SERVER", help="Where the server is.")]
Key = Annotated[
    str | None,
    typer.Option("--key", envvar="REELPRINT_API_KEY", help="API key; better in the variable than on the command line."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Out = Annotated[Path | None, typer.Option("-o", "--out", help="Fetch the film to this file when it is done.")]
JobId = Annotated[str, typer.Argument(help="The job's id: job_...")]
_HERE = "http://127.0.0.1:8000"


class JobEnded(ReelprintError):
    """A job ended otherwise than completed."""

    code = "JOB_FAILED"

    def __init__(self, job: Job) -> None:
        where = f" in {job.error.stage}" if job.error is not None and job.error.stage else ""
        why = f": {job.error.message}" if job.error is not None else ""
        super().__init__(f"{job.job_id} {job.status}{where}{why}", detail=f"{job.job_id}{where}{why}")
        if job.status == "cancelled":
            self.code = "JOB_CANCELLED"


@app.command()
def submit(
    footage: Annotated[str, typer.Argument(help="The film to edit, or the id of one that is on the server.")],
    like: Annotated[str | None, typer.Option(help="A template film, or its id: edit like this.")] = None,
    style: Annotated[Path | None, typer.Option(help="A StyleJSON file.")] = None,
    style_id: Annotated[str | None, typer.Option(help="A style saved on the server.")] = None,
    preset: Annotated[str | None, typer.Option(help="A built-in style: see `reelprint presets`.")] = None,
    pacing: Annotated[str | None, typer.Option(help="match: cut as the style cuts; keep: keep the edit.")] = None,
    strength: Annotated[float | None, typer.Option(help="How much of the grade, 0 to 1.")] = None,
    aspect_ratio: Annotated[str | None, typer.Option(help="16:9, 9:16 or 1:1; default: the style's.")] = None,
    frame_rate: Annotated[int | None, typer.Option(help="24, 30 or 60; default: the style's.")] = None,
    quality: Annotated[str | None, typer.Option(help="draft, standard or high.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same inputs and same seed: same film.")] = None,
    target_duration: Annotated[float | None, typer.Option(help="Length in seconds.")] = None,
    captions: Annotated[
        bool | None, typer.Option("--captions/--no-captions", help="Captions; not burned in yet.")
    ] = None,
    output_format: Annotated[str | None, typer.Option("--format", help="mp4, mov or webm; default: as OUT.")] = None,
    webhook_url: Annotated[str | None, typer.Option(help="Told when the job has ended.")] = None,
    watch_: Annotated[bool, typer.Option("--watch", help="Wait for the end; -o does too.")] = False,
    out: Out = None,
    server: Server = _HERE,
    key: Key = None,
    json_: AsJson = False,
) -> None:
    """Upload footage and have it edited in the style of a template, a style or a preset; without any, cleaned up."""
    if sum(choice is not None for choice in (like, style, style_id, preset)) > 1:
        raise DocumentError("give at most one of --like, --style, --style-id and --preset", detail="style")
    films = [_film(given) for given in (footage, like) if given is not None]
    if out is not None:
        output_format = _container(out, output_format)
        _check_place(out, [film for film in films if isinstance(film, Path)])
    config = _config(
        pacing=pacing,
        strength=strength,
        aspect_ratio=aspect_ratio,
        frame_rate=frame_rate,
        quality=quality,
        seed=seed,
        target_duration_seconds=target_duration,
        captions=captions,
        output_format=output_format,
        style_json=None if style is None else _document(style),
        style_id=style_id,
        preset=preset,
    )
    with _client(server, key) as client:
        with interruptible("interrupted; no job was submitted"):
            video_ids = [_uploaded(client, film) for film in films]
        with interruptible("interrupted while the job was being made; it may be among those of: reelprint jobs list"):
            job = client.create_job(*video_ids, config=config, webhook_url=webhook_url)
        if watch_ or out is not None:
            _follow(client, job.job_id, out, json_)
        elif json_:
            tell_json(job.model_dump(mode="json"))
        else:
            _say(f"{job.job_id} is {job.status}; follow it with: reelprint jobs watch {job.job_id}")


@app.command()
def watch(job_id: JobId, out: Out = None, server: Server = _HERE, key: Key = None, json_: AsJson = False) -> None:
    """Wait for a job to end. Ctrl-C ends the waiting; the job goes on."""
    if out is not None:
        _check_place(out, [])
    with _client(server, key) as client:
        _follow(client, job_id, out, json_)


@app.command("list")
def list_(
    status: Annotated[str | None, typer.Option(help="Only jobs with this status.")] = None,
    page: Annotated[int, typer.Option(min=1, help="Which page; 1 has the newest.")] = 1,
    page_size: Annotated[int, typer.Option(min=1, max=100, help="Jobs on a page.")] = 10,
    server: Server = _HERE,
    key: Key = None,
    json_: AsJson = False,
) -> None:
    """List jobs, newest first."""
    with _client(server, key) as client:
        found = client.jobs(page, page_size, status=status)
    if json_:
        tell_json(found.model_dump(mode="json"))
        return
    table = Table(Column("job", no_wrap=True), "status", "%", "stage", "made (UTC)")
    for job in found.jobs:
        made = job.created_at.strftime("%Y-%m-%d %H:%M:%S")
        cells = (job.job_id, job.status, str(job.progress_percent), job.current_stage or "", made)
        table.add_row(*(escape(cell) for cell in cells))
    Console().print(table)
    _say(f"page {found.page}: {len(found.jobs)} of {found.total} jobs")


@app.command()
def cancel(job_id: JobId, server: Server = _HERE, key: Key = None, json_: AsJson = False) -> None:
    """Stop a job."""
    with _client(server, key) as client:
        job = client.cancel(job_id)
    if json_:
        tell_json(job.model_dump(mode="json"))
    else:
        _say(f"{job.job_id} is {job.status}")


@app.command()
def result(job_id: JobId, out: Out = None, server: Server = _HERE, key: Key = None, json_: AsJson = False) -> None:
    """Show what a job that ended has made; exit code 1 when it did not complete."""
    if out is not None:
        _check_place(out, [])
    with _client(server, key) as client, interruptible("interrupted; nothing was written"):
        found = client.result(job_id)
        fetched = _fetched(client, found, out) if found.status == "completed" else None
    _tell(found, fetched, json_)
    if found.status != "completed":
        raise typer.Exit(FAILED)


def _follow(client: Client, job_id: str, out: Path | None, json_: bool) -> None:
    """Wait for the end of a job, fetch its film, say so. Raises JobEnded when it did not complete."""
    meaning = f"interrupted; {job_id} goes on: reelprint jobs watch {job_id}"
    with job_progress(job_id, meaning) as on_progress:
        found = client.watch(job_id, on_progress)
    if found.status != "completed":
        raise JobEnded(found)
    with interruptible(f"interrupted; fetch the film with: reelprint jobs result {job_id} -o FILE"):
        fetched = _fetched(client, found, out)
    _tell(found, fetched, json_)


def _fetched(client: Client, found: JobResult, out: Path | None) -> Path | None:
    if out is None:
        return None
    if found.output_video_url is None:
        raise OutputError(f"{found.job_id} has measured a style and made no film", detail="out")
    with transfer("fetching", out.name) as on_bytes:
        return client.download(found.job_id, out, on_bytes=on_bytes)


def _tell(found: JobResult, fetched: Path | None, json_: bool) -> None:
    if json_:
        document = found.model_dump(mode="json")
        tell_json(document if fetched is None else document | {"output": str(fetched)})
        return
    took = "" if found.processing_time_seconds is None else f" after {found.processing_time_seconds:.1f} s"
    _say(f"{found.job_id} {found.status}{took}")
    if found.error is not None:
        _say(f"{found.error.stage or 'reason'}: {found.error.message}")
    if fetched is not None:
        _say(f"wrote {fetched}")
    elif found.output_video_url is not None:
        _say(f"film: {found.output_video_url}")


def _say(line: str) -> None:
    Console().print(line, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _client(server: str, key: str | None) -> Iterator[Client]:
    """A client whose errors say what to do about them. Raises DocumentError for what the server calls wrong usage."""
    try:
        with Client(server, key, patience_s=_PATIENCE_S) as client:
            yield client
    except NoServer as error:
        raise NoServer(
            f"{error.message}; is it running? `reelprint serve` starts one, --server names another",
            detail=error.detail,
        ) from None
    except ApiError as error:
        if error.status == 422 and error.code in _WRONG_USAGE:
            raise DocumentError(error.message, detail=error.detail) from None
        if error.status == 401:
            error.message += "; give the API key in REELPRINT_API_KEY or with --key"
        raise


def _film(given: str) -> Path | str:
    """A file, or the id of a film that is on the server."""
    path = Path(given)
    if path.exists():
        return path
    if _VIDEO_ID.fullmatch(given):
        return given
    raise VideoNotFound(f"no such file: {given}")


def _uploaded(client: Client, film: Path | str) -> str:
    if isinstance(film, str):
        return film
    with transfer("sending", film.name) as on_bytes:
        return client.upload(film, on_bytes=on_bytes).video_id


def _container(out: Path, asked: str | None) -> str:
    suffix = out.suffix.lower().removeprefix(".")
    if suffix not in get_args(OutputFormat):
        raise OutputError(f"the result is an .mp4, .mov or .webm, not {out.name}", detail="out")
    if asked not in (None, suffix):
        raise OutputError(f"--format {asked} does not fit {out.name}", detail="out")
    return suffix


def _check_place(out: Path, inputs: list[Path]) -> None:
    """Say before the work what would fail after it."""
    if not out.parent.is_dir():
        raise OutputError(f"there is no folder {out.parent}", detail="out")
    if out.is_dir() or any(out.exists() and out.samefile(path) for path in inputs):
        raise OutputError(f"{out} is a folder or an input; choose another name for the result", detail="out")


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise VideoNotFound(f"no such file: {path}") from None
    except OSError as error:
        raise DocumentError(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise DocumentError(f"{path.name} is no JSON: {error}", detail="style") from None


def _config(**given: Any) -> JobConfig:
    """What was given, checked before any film is sent. Raises DocumentError naming the option or the style's field."""
    try:
        return JobConfig(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name, *inside = (str(part) for part in first["loc"])
        option = {"style_json": "style", "target_duration_seconds": "target-duration", "output_format": "format"}
        told = option.get(name, name.replace("_", "-"))
        place = f" {'.'.join(inside)}" if inside else ""
        raise DocumentError(f"--{told}:{place} {first['msg']}", detail=".".join([told, *inside])) from None
