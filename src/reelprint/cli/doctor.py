"""``reelprint doctor``: what is installed and whether it works."""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from reelprint.bootstrap.engine import health_checks
from reelprint.cli.endings import FAILED, tell_json
from reelprint.settings import load_settings


def command(json_: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False) -> int:
    """Check everything that Reelprint works with by using it once."""
    checks = [("python", True, platform.python_version())]
    checks += [_try(name, check) for name, check in health_checks(load_settings())]
    healthy = all(ok for _, ok, _ in checks)
    if json_:
        tell_json({"ok": healthy, "checks": [{"name": name, "ok": ok, "detail": text} for name, ok, text in checks]})
    else:
        table = Table("part", "", "detail")
        for name, ok, text in checks:
            table.add_row(name, "[green]works" if ok else "[red]fails", escape(text))
        Console().print(table)
    return 0 if healthy else FAILED


def _try(name: str, check: Callable[[], str]) -> tuple[str, bool, str]:
    try:
        return name, True, check()
    except Exception as error:  # whatever a broken installation throws is what the doctor is here to say
        return name, False, str(error) or type(error).__name__
