"""Scratch folders that go away and a cache of films that heals itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reelprint.adapters.storage.films import FolderFilmCache
from reelprint.adapters.storage.scratch import ScratchFolders
from reelprint.core.errors import OutputError
from reelprint.core.thumbnail import Thumbnail
from reelprint.engine.ports import Film
from tests.factories import footage

FILM = Film(
    analysis=footage(10, [4.0]).model_copy(update={"analyzers": {"shots": 1, "colour": 2}}),
    thumbnails=(Thumbnail(1.5, b"\xff\xd8 not really", 320, 180),),
)
HASH, ANALYZERS = FILM.analysis.media.content_hash, FILM.analysis.analyzers


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


def test_a_film_comes_back_as_it_was(tmp_path: Path) -> None:
    cache = FolderFilmCache(tmp_path)
    assert cache.load(HASH, ANALYZERS) is None
    cache.store(FILM)
    assert cache.load(HASH, ANALYZERS) == FILM
    cache.store(FILM)
    assert cache.load(HASH, dict(reversed(ANALYZERS.items()))) == FILM


def test_another_film_or_another_analyzer_version_is_another_entry(tmp_path: Path) -> None:
    cache = FolderFilmCache(tmp_path)
    cache.store(FILM)
    assert cache.load("cd" * 32, ANALYZERS) is None
    assert cache.load(HASH, {**ANALYZERS, "shots": 2}) is None
    assert cache.load(HASH, {"shots": 1}) is None


@pytest.mark.parametrize("name", ["analysis.json", "thumbnails.json"])
@pytest.mark.parametrize("content", [b"", b"{", b'{"schema_version": 99}', b"\xff\xfe\x00", b"[1]"])
def test_a_damaged_entry_is_measured_again(tmp_path: Path, name: str, content: bytes) -> None:
    cache = FolderFilmCache(tmp_path)
    cache.store(FILM)
    (path,) = tmp_path.rglob(name)
    path.write_bytes(content)
    assert cache.load(HASH, ANALYZERS) is None
    cache.store(FILM)
    assert cache.load(HASH, ANALYZERS) == FILM


def test_a_store_leaves_nothing_but_the_entry(tmp_path: Path) -> None:
    FolderFilmCache(tmp_path).store(FILM)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["analysis.json", "thumbnails.json"]
