"""What the ``reelprint`` command runs: Ctrl-C during the imports ends like any other Ctrl-C."""

from __future__ import annotations

import importlib
import sys

from reelprint.cli.endings import INTERRUPTED


def main() -> None:
    """Import the commands and run one."""
    try:
        commands = importlib.import_module("reelprint.cli.main")
    except KeyboardInterrupt:
        sys.stderr.write("reelprint: interrupted\n")
        sys.exit(INTERRUPTED)
    commands.main()
