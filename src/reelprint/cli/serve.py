"""``reelprint serve``: the whole service on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from reelprint.serve.start import serve
from reelprint.settings import load_settings


def command(
    host: Annotated[str | None, typer.Option(help="Address to listen on (HOST).", show_default="127.0.0.1")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on (PORT); 0: a free one.", show_default="8000")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=64,
            help="Jobs worked on at the same time, each in a process of its own; never more than MAX_CONCURRENT_JOBS."
            " 0: the API alone, workers run elsewhere.",
            show_default="MAX_CONCURRENT_JOBS, or 2",
        ),
    ] = None,
) -> int:
    """Run the service: database, API and workers. Prints its address on stdout when it is ready.

    Ends on SIGTERM or Ctrl-C within 20 s; jobs under way go on at the next start. Logs are JSON lines on stderr and in
    `log` in DATA_DIR.
    """
    serve(load_settings(), host=host, port=port, workers=workers)
    return 0
