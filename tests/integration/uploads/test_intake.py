"""The intake alone: whatever fails, in whatever order, nothing stays."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from reelprint.adapters.intake.inspection import Inspector
from reelprint.adapters.intake.intake import Intake, Label
from reelprint.adapters.storage.objects import ObjectStorage
from reelprint.core.errors import FileTooLarge, NotFound, Unavailable, UnsupportedFormat
from reelprint.core.videos import Video

_LABEL = Label(owner="somebody", filename="film.mp4")
_ID = "vid_0123456789ab"


class Rows:
    """A video table that can fail before or after it has written."""

    def __init__(self, *, fails: str = "", forgets: bool = True) -> None:
        self.videos: dict[str, Video] = {}
        self._fails, self._forgets = fails, forgets

    async def record(self, video: Video) -> None:
        if self._fails == "before":
            raise Unavailable("the database does not answer")
        self.videos[video.video_id] = video
        if self._fails == "after":
            raise Unavailable("the database does not answer")

    async def forget(self, owner: str, video_id: str) -> None:
        if not self._forgets:
            raise Unavailable("the database does not answer")
        if self.videos.pop(video_id, None) is None:
            raise NotFound("there is no such video")


@pytest.fixture
def storage(tmp_path: Path) -> ObjectStorage:
    return ObjectStorage.local(tmp_path / "storage", tmp_path / "cache")


def _intake(storage: ObjectStorage, tmp_path: Path, rows: Rows, max_bytes: int = 10**7) -> Intake:
    return Intake(storage, tmp_path / "scratch", max_bytes, Inspector(), rows.record, rows.forget)


def _left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".mp4")


async def _take_in(intake: Intake, data: bytes, *, repeatable: bool = False) -> Video:
    async with intake.receive() as incoming:
        for start in range(0, len(data), 10_000):
            await incoming.write(data[start : start + 10_000])
        return await intake.admit(incoming, _ID, _LABEL, repeatable=repeatable)


def test_a_film_is_moved_and_recorded(storage: ObjectStorage, tmp_path: Path, film: Path) -> None:
    rows = Rows()
    video = asyncio.run(_take_in(_intake(storage, tmp_path, rows), film.read_bytes()))
    assert rows.videos == {_ID: video}
    assert storage.get(video.key) == film.read_bytes()
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("fails", ["before", "after"])
def test_a_row_that_fails_takes_the_object_back(storage: ObjectStorage, tmp_path: Path, film: Path, fails: str) -> None:
    rows = Rows(fails=fails)
    with pytest.raises(Unavailable):
        asyncio.run(_take_in(_intake(storage, tmp_path, rows), film.read_bytes()))
    assert rows.videos == {}
    assert _left(tmp_path) == []


def test_a_row_that_may_be_there_keeps_its_object(storage: ObjectStorage, tmp_path: Path, film: Path) -> None:
    rows = Rows(fails="after", forgets=False)
    with pytest.raises(Unavailable):
        asyncio.run(_take_in(_intake(storage, tmp_path, rows), film.read_bytes()))
    assert storage.get(rows.videos[_ID].key) == film.read_bytes()


def test_what_comes_again_takes_nothing_back(storage: ObjectStorage, tmp_path: Path, film: Path) -> None:
    rows = Rows(fails="after")
    with pytest.raises(Unavailable):
        asyncio.run(_take_in(_intake(storage, tmp_path, rows), film.read_bytes(), repeatable=True))
    assert storage.get(rows.videos[_ID].key) == film.read_bytes()


def test_refusals_leave_nothing(storage: ObjectStorage, tmp_path: Path, film: Path) -> None:
    rows = Rows()
    with pytest.raises(UnsupportedFormat):
        asyncio.run(_take_in(_intake(storage, tmp_path, rows), b"no film" * 10_000))
    with pytest.raises(FileTooLarge):
        asyncio.run(_take_in(_intake(storage, tmp_path, rows, film.stat().st_size - 1), film.read_bytes()))
    assert (rows.videos, _left(tmp_path)) == ({}, [])


def _cancelled_during(work: Callable[[], Awaitable[object]], began: threading.Event) -> None:
    async def run() -> None:
        task = asyncio.ensure_future(work())
        while not began.is_set():
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_cancelled_while_it_moves_leaves_nothing(
    storage: ObjectStorage, tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that moves the file cannot be stopped: what it makes after the cancellation goes too."""
    began, rows = threading.Event(), Rows()
    real = ObjectStorage.take

    def slow(self: ObjectStorage, key: str, path: Path) -> None:
        began.set()
        threading.Event().wait(0.3)
        real(self, key, path)

    monkeypatch.setattr(ObjectStorage, "take", slow)
    _cancelled_during(lambda: _take_in(_intake(storage, tmp_path, rows), film.read_bytes()), began)
    assert (rows.videos, _left(tmp_path)) == ({}, [])


def test_cancelled_while_it_is_inspected_leaves_nothing(storage: ObjectStorage, tmp_path: Path, film: Path) -> None:
    began, rows = threading.Event(), Rows()

    class Slow(Inspector):
        def inspect(self, path: Path, cancel: object = None) -> object:  # type: ignore[override]
            began.set()
            threading.Event().wait(0.3)
            return super().inspect(path)

    intake = Intake(storage, tmp_path / "scratch", 10**7, Slow(), rows.record, rows.forget)
    _cancelled_during(lambda: _take_in(intake, film.read_bytes()), began)
    assert (rows.videos, _left(tmp_path)) == ({}, [])
