"""Data folders for servers: short paths, outside of pytest's own folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def place() -> Iterator[Path]:
    """A data folder that is not there yet.

    Not ``tmp_path``: its long name leaves no room for a socket, and a second pytest run by root takes the right to walk
    through its parent away again.
    """
    folder = Path(tempfile.mkdtemp(prefix="rp-", dir="/tmp"))
    yield folder / "data"
    shutil.rmtree(folder)
