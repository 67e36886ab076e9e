"""Inspect one upload: ``python -m reelprint.adapters.intake.probe PATH``, in a process that may come to harm.

Prints one JSON object on standard output: {"media": MediaInfo} or {"error": {"code", "message", "detail"}}. The exit
code is 0 for both; anything else means that the file was too much for the process.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from reelprint.adapters.media.probe import probe
from reelprint.core.errors import MediaError


def verdict(path: Path) -> dict[str, Any]:
    """What is printed."""
    try:
        return {"media": probe(path).model_dump(mode="json")}
    except MediaError as error:
        return {"error": {"code": error.code, "message": error.message, "detail": error.detail}}
    except MemoryError:
        return {"error": {"code": "CORRUPT_VIDEO", "message": f"{path.name} needs too much memory to decode"}}


if __name__ == "__main__":
    # Damaged text in a file's tags must not make the answer unreadable, so it goes out in ASCII.
    sys.stdout.write(json.dumps(verdict(Path(sys.argv[1]))) + "\n")
