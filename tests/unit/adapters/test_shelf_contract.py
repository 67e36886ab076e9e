"""What every ObjectShelf promises, tried on the storage of the service and on its twin in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelprint.adapters.storage.objects import ObjectStorage
from reelprint.engine.ports import ObjectShelf
from tests.shelf import MemoryShelf


@pytest.fixture(params=["folder", "memory"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectShelf:
    return MemoryShelf() if request.param == "memory" else ObjectStorage.local(tmp_path / "s", tmp_path / "c")


def test_what_was_put_is_there_whole_until_it_is_replaced(shelf: ObjectShelf, tmp_path: Path) -> None:
    assert shelf.get("work/job/plan.json") is None
    assert not shelf.exists("work/job/plan.json")
    assert not shelf.fetch("work/job/plan.json", tmp_path / "none")
    assert shelf.local_path("work/job/plan.json") is None
    assert not (tmp_path / "none").exists()
    for data in (b"first", b"", b"\x00second"):
        shelf.put("work/job/plan.json", data)
        assert shelf.get("work/job/plan.json") == data
        assert shelf.exists("work/job/plan.json")
        assert shelf.fetch("work/job/plan.json", tmp_path / "copy")
        assert (tmp_path / "copy").read_bytes() == data


def test_a_kept_file_stays_where_it_was_and_is_a_copy(shelf: ObjectShelf, tmp_path: Path) -> None:
    source = tmp_path / "film.mp4"
    source.write_bytes(b"film")
    shelf.keep("outputs/job/1/film.mp4", source)
    source.write_bytes(b"changed")
    assert shelf.get("outputs/job/1/film.mp4") == b"film"
    local = shelf.local_path("outputs/job/1/film.mp4")
    assert local is None or local.read_bytes() == b"film"


def test_a_prefix_is_whole_segments(shelf: ObjectShelf) -> None:
    for key in ("work/a/x", "work/a/pieces/y", "work/ab/x", "cache/films/aa/z"):
        shelf.put(key, b"1")
    shelf.delete_prefix("work/a")
    assert [key for key in ("work/a/x", "work/a/pieces/y") if shelf.exists(key)] == []
    assert shelf.exists("work/ab/x")
    shelf.delete_prefix("work/none")
    shelf.delete_prefix("cache/films")
    assert not shelf.exists("cache/films/aa/z")
