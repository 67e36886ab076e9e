"""Entry point: commands, and how every ending looks (one line, an exit code, never a traceback)."""

from __future__ import annotations

import io
import os
import sys
import traceback
from pathlib import Path

import typer
from typer.exceptions import TyperException

from reelprint import __version__
from reelprint.cli.commands import OnDemand
from reelprint.cli.endings import FAILED, INTERRUPTED, USAGE, exit_code, tell_error
from reelprint.core.errors import Cancelled, DocumentError, ReelprintError

app = typer.Typer(
    name="reelprint",
    cls=OnDemand,
    help="Measure how a film was edited (its Style DNA) and edit your footage the same way.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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
    _print_anything(machine)
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
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
    except OSError as error:
        # A full disk under the scratch files, say.
        place = f"{error.filename}: " if error.filename else ""
        tell_error(ReelprintError(f"{place}{error.strerror or error}"), machine)
        code = FAILED
    except Exception as error:
        tell_error(_defect(error), machine)
        code = FAILED
    sys.exit(code or 0)


def _print_anything(machine: bool) -> None:
    """JSON goes out as UTF-8 whatever the locale; file names that are no text never stop a line from being printed."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        if machine:
            sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
        else:
            sys.stdout.reconfigure(errors="replace")


def _defect(error: Exception) -> ReelprintError:
    """Our own mistake in one line, with the place where it happened for a bug report."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(frame.filename).name}:{frame.lineno}"
    return ReelprintError(f"internal error, please report it: {type(error).__name__} at {where}: {error}")
