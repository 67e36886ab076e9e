"""Scratch folders that go away."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reelprint.adapters.storage.scratch import ScratchFolders
from reelprint.core.errors import OutputError


def test_a_scratch_folder_goes_away(tmp_path: Path) -> None:
    scratch = ScratchFolders(tmp_path / "scratch")
    with scratch.folder("render") as path:
        (path / "deep").mkdir()
        (path / "deep" / "file").write_text("x")
        with scratch.folder("render") as other:
            assert other != path
    assert list((tmp_path / "scratch").iterdir()) == []
    with pytest.raises(RuntimeError), scratch.folder("watch") as path:
        raise RuntimeError
    assert not path.exists()


def test_folders_of_the_dead_are_swept_and_those_of_the_living_are_not(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as dead:
        dead.wait()
    left, living, foreign = (
        tmp_path / name for name in (f"render-{dead.pid}-abc", f"watch-{os.getppid()}-abc", "notes")
    )
    for path in (left, living, foreign):
        path.mkdir()
    with ScratchFolders(tmp_path).folder("watch"):
        assert not left.exists()
        assert living.exists()
        assert foreign.exists()


def test_scratch_paths_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FFmpeg reads the names in a list of chunks from the folder of the list."""
    monkeypatch.chdir(tmp_path)
    with ScratchFolders(Path("data")).folder("render") as path:
        assert path.is_absolute()


def test_scratch_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="DATA_DIR"), ScratchFolders(tmp_path / "file").folder("watch"):
        pass
