"""``python -m reelprint.api.main``: starts the API process (``process``)."""

from __future__ import annotations

import gc
import importlib
import sys


def main() -> int:
    """Import the process and run it. Exit code 1 when it cannot start."""
    # Imports make many things that stay: looking through them for garbage takes a fifth of the start and finds none.
    gc.disable()
    run = importlib.import_module("reelprint.api.process").run
    gc.enable()
    return int(run(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
