"""Exit codes and error texts."""

from __future__ import annotations

import json
import sys

from reelprint.core.errors import DocumentError, OutputError, ReelprintError

FAILED, USAGE, INTERRUPTED = 1, 2, 130


def exit_code(error: ReelprintError) -> int:
    """2 when the call was wrong, 1 when the job failed."""
    return USAGE if isinstance(error, (DocumentError, OutputError)) else FAILED


def tell_error(error: ReelprintError, machine: bool) -> None:
    """One line on stderr; with ``--json`` the error object of the contract on stdout."""
    if machine:
        body = {"code": error.code, "detail": error.detail}
        sys.stdout.write(json.dumps({"success": False, "message": error.message, "error": body}) + "\n")
    else:
        line = " ".join(error.message.split())
        sys.stderr.write(f"reelprint: {line}\n")


def tell_json(document: object) -> None:
    """The one JSON document of a successful command."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
