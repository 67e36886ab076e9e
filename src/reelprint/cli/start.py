"""What the ``reelprint`` command runs. Ctrl-C ends it like any other Ctrl-C, also while modules are being imported."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from types import FrameType

from reelprint.cli.endings import INTERRUPTED


def main() -> None:
    """Import the commands and run one."""
    signal.signal(signal.SIGINT, _quit)
    importlib.import_module("reelprint.cli.main").main()


def _quit(_number: int, _frame: FrameType | None) -> None:
    """End at once: outside of ``watching`` nothing is under way that would have to be cleaned up.

    A KeyboardInterrupt will not do: CPython remembers one that passed through ``exec`` of a string, as imports do, and
    then dies of SIGINT whatever exit code is asked for.
    """
    sys.stderr.write("reelprint: interrupted\n")
    sys.stderr.flush()
    os._exit(INTERRUPTED)
