"""Scratch folders that go away: when their work ends, and those of killed processes at the next start."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reelprint.core.errors import OutputError


class ScratchFolders:
    """Folders ``<purpose>-<pid>-<random>`` under one root."""

    def __init__(self, root: Path) -> None:
        # FFmpeg reads relative names in a list of chunks from the list's folder, not from ours.
        self._root = root.absolute()

    @contextmanager
    def folder(self, purpose: str) -> Iterator[Path]:
        """An empty folder that is removed with everything in it. Raises OutputError when it cannot be made."""
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            sweep(self._root)
            path = Path(tempfile.mkdtemp(prefix=f"{purpose}-{os.getpid()}-", dir=self._root))
        except OSError as error:
            raise OutputError(f"cannot make scratch files in {self._root}: {error.strerror}; set DATA_DIR") from None
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)


def sweep(root: Path) -> None:
    """Remove scratch of this machine's dead processes: whatever is named ``<purpose>-<pid>-<more>``."""
    for path in root.iterdir() if root.is_dir() else ():
        parts = path.name.split("-")
        if len(parts) >= 3 and parts[1].isdigit() and not _alive(int(parts[1])):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
