"""Results are put in place whole, and never over an input."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reelprint.core.errors import OutputError
from reelprint.engine.deliver import keep_inputs, place, write_whole


def test_all_files_or_none(tmp_path: Path) -> None:
    (tmp_path / "taken.json").mkdir()
    with pytest.raises(OutputError, match="folder"):
        write_whole({tmp_path / "a": b"1", tmp_path / "taken.json": b"2"})
    assert [path.name for path in tmp_path.iterdir()] == ["taken.json"]
    write_whole({tmp_path / "a": b"1", tmp_path / "b": b"2"})
    assert (tmp_path / "a").read_bytes() + (tmp_path / "b").read_bytes() == b"12"


def test_a_folder_in_the_way_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "out.mp4").mkdir()
    with pytest.raises(OutputError, match="folder"), place(tmp_path / "out.mp4"):
        pytest.fail("the work was started")


def test_an_input_is_never_replaced(tmp_path: Path) -> None:
    film, other = tmp_path / "film.mp4", tmp_path / "link.mp4"
    film.write_bytes(b"footage")
    os.link(film, other)
    with pytest.raises(OutputError, match="is an input"):
        keep_inputs([tmp_path / "new.json", other], [None, film])
    with pytest.raises(OutputError, match="twice"):
        keep_inputs([tmp_path / "x.png", tmp_path / "sub" / ".." / "x.png"], [film])
    keep_inputs([tmp_path / "x.png"], [film, tmp_path / "absent"])
