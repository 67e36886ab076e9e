"""What only storage in folders promises."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from reelprint.adapters.storage.objects import ObjectStorage
from reelprint.core.errors import Unavailable


@pytest.fixture
def storage(tmp_path: Path) -> ObjectStorage:
    return ObjectStorage.local(tmp_path / "storage", tmp_path / "cache")


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_objects_are_files_where_one_expects_them(storage: ObjectStorage, tmp_path: Path) -> None:
    storage.put("videos/vid_1", b"film")
    storage.put("cache/films/a", b"analysis")
    assert storage.local_path("videos/vid_1") == tmp_path / "storage/videos/vid_1"
    assert storage.local_path("videos/vid_2") is None
    assert storage.url("videos/vid_1") == (tmp_path / "storage/videos/vid_1").as_uri()
    assert (tmp_path / "cache/films/a").read_bytes() == b"analysis"


def test_taking_a_file_is_a_rename(storage: ObjectStorage, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.write_bytes(b"film")
    number = source.stat().st_ino
    storage.take("videos/a", source)
    assert (tmp_path / "storage/videos/a").stat().st_ino == number


def test_taking_a_file_from_another_file_system_copies_it(storage: ObjectStorage, tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here")
    source = memory / f"reelprint-test-{os.getpid()}"
    source.write_bytes(b"film")
    storage.take("videos/a", source)
    assert not source.exists()
    assert storage.get("videos/a") == b"film"


def test_folders_go_when_they_are_empty(storage: ObjectStorage, tmp_path: Path) -> None:
    storage.put("outputs/job_1/1/film.mp4", b"x")
    storage.put("work/job_1/a/b", b"x")
    storage.delete("outputs/job_1/1/film.mp4")
    storage.delete_prefix("work/job_1")
    assert [path.name for path in (tmp_path / "storage").iterdir()] == [".new"]


def test_writers_and_removers_of_one_folder_do_not_disturb_each_other(storage: ObjectStorage) -> None:
    failures: list[BaseException] = []

    def churn(name: str) -> None:
        try:
            for _ in range(200):
                storage.put(f"outputs/{name}", b"x")
                storage.delete(f"outputs/{name}")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=churn, args=(f"job_{number}/1/film",)) for number in (1, 1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_what_killed_writers_left_is_swept(storage: ObjectStorage, tmp_path: Path) -> None:
    code = (
        "import os, sys, signal; from pathlib import Path\n"
        "from reelprint.adapters.storage.folder import Folder\n"
        "with Folder(Path(sys.argv[1]))._aside() as aside:\n"
        "    aside.write_bytes(b'half'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "storage")], check=False, timeout=60)
    with_others = tmp_path / "storage/.new/ffffffff-1-other-machine"
    with_others.write_bytes(b"being written there")
    mine = tmp_path / "storage/.new"
    assert len(list(mine.iterdir())) == 2
    assert list(storage.list()) == []
    storage.sweep()
    assert list(mine.iterdir()) == [with_others]
    os.utime(with_others, (1, 1))
    storage.sweep()
    assert list(mine.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    storage = ObjectStorage.local(tmp_path / "file/storage", tmp_path / "cache")
    for act in (storage.check, lambda: storage.put("videos/a", b"x")):
        with pytest.raises(Unavailable) as told:
            act()
        assert "directory" in told.value.detail


def test_a_full_disk_is_unavailable_and_leaves_nothing(
    storage: ObjectStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    storage.put("videos/a", b"before")
    monkeypatch.setattr("reelprint.adapters.storage.folder.os.fsync", full)
    with pytest.raises(Unavailable) as told:
        storage.put("videos/a", b"after")
    monkeypatch.undo()
    assert "No space left" in told.value.detail
    assert storage.get("videos/a") == b"before"
    assert _files(tmp_path / "storage") == ["videos/a"]


def test_a_folder_is_no_object(storage: ObjectStorage) -> None:
    storage.put("videos/a/b", b"x")
    assert storage.get("videos/a") is None
    assert not storage.exists("videos/a")
    assert storage.local_path("videos/a") is None
    storage.delete("videos/a")
    assert storage.get("videos/a/b") == b"x"
    assert storage.get("videos/a/b/c") is None


def test_the_cache_may_be_inside_the_storage(tmp_path: Path) -> None:
    storage = ObjectStorage.local(tmp_path, tmp_path / "cache")
    storage.put("cache/films/a", b"x")
    storage.put("videos/b", b"x")
    assert sorted(item.key for item in storage.list()) == ["cache/films/a", "videos/b"]
    assert (tmp_path / "cache/films/a").is_file()
