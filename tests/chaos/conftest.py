"""Fixtures of the chaos tests."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for a service. Not one of pytest's: those are closed to other users at every start of a pytest, and the
    database of a service that root runs has a user of its own.
    """
    folder = Path(tempfile.mkdtemp(prefix="reelprint-home-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
