"""Entry point: commands, and how every ending looks (one line, an exit code, never a traceback)."""

from __future__ import annotations

import os
import sys

import typer
from typer.exceptions import TyperException

from reelprint import __version__
from reelprint.cli import apply, compare, demo, doctor, extract, presets
from reelprint.cli.endings import FAILED, INTERRUPTED, USAGE, exit_code, tell_error
from reelprint.core.errors import Cancelled, DocumentError, ReelprintError

app = typer.Typer(
    name="reelprint",
    help="Measure how a film was edited (its Style DNA) and edit your footage the same way.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("extract")(extract.command)
app.command("apply")(apply.command)
app.command("compare")(compare.command)
app.command("presets")(presets.command)
app.command("doctor")(doctor.command)
app.command("demo")(demo.command)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"reelprint {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Measure how a film was edited (its Style DNA) and edit your footage the same way."""


def main() -> None:
    """Run one command. Exit codes: 0 success, 1 the job failed, 2 wrong usage, 130 interrupted."""
    machine = "--json" in sys.argv
    try:
        code = app(standalone_mode=False)
    except Cancelled as error:
        tell_error(error, machine)
        code = INTERRUPTED
    except ReelprintError as error:
        tell_error(error, machine)
        code = exit_code(error)
    except TyperException as error:
        tell_error(DocumentError(error.format_message()), machine)
        code = USAGE
    except (KeyboardInterrupt, typer.Abort):
        tell_error(Cancelled("interrupted"), machine)
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (``| head``): nothing to say and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    sys.exit(code or 0)
