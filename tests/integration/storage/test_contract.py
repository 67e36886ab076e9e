"""What every kind of storage promises."""

from __future__ import annotations

import asyncio
import threading
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reelprint.adapters.storage.objects import ObjectStorage
from reelprint.core.errors import NotFound

_KEYS = ("videos/vid_0", "work/job_1/plan.json", "cache/films/ab/analysis.json")
#: More than one part and not a whole number of pieces.
_LARGE = bytes(range(256)) * 4096 * 17 + b"end"


def _read(storage: ObjectStorage, key: str, start: int = 0, stop: int | None = None) -> list[bytes]:
    async def collect() -> list[bytes]:
        return [piece async for piece in storage.stream(key, start, stop)]

    return asyncio.run(collect())


@pytest.mark.parametrize("key", _KEYS)
def test_what_is_put_is_got(storage: ObjectStorage, key: str) -> None:
    assert storage.get(key) is None
    assert storage.stat(key) is None
    assert not storage.exists(key)
    storage.put(key, b"first")
    storage.put(key, b"second one")
    assert storage.get(key) == b"second one"
    found = storage.stat(key)
    assert found is not None
    assert (found.key, found.size_bytes, storage.size(key)) == (key, 10, 10)
    assert abs(datetime.now(UTC) - found.modified) < timedelta(minutes=1)


def test_an_empty_object_is_an_object(storage: ObjectStorage, tmp_path: Path) -> None:
    storage.put("videos/empty", b"")
    assert storage.get("videos/empty") == b""
    assert storage.fetch("videos/empty", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b""
    assert _read(storage, "videos/empty") == []


def test_the_etag_follows_the_bytes(storage: ObjectStorage) -> None:
    def etag() -> str:
        found = storage.stat("videos/a")
        assert found is not None
        return found.etag

    storage.put("videos/a", b"one")
    first = etag()
    assert first == etag()
    assert first.startswith('"')
    assert first.endswith('"')
    storage.put("videos/a", b"two")
    assert etag() != first


def test_large_files_go_in_and_come_out(storage: ObjectStorage, tmp_path: Path) -> None:
    source, out = tmp_path / "in.bin", tmp_path / "out.bin"
    source.write_bytes(_LARGE)
    storage.keep("videos/kept", source)
    assert source.read_bytes() == _LARGE
    storage.take("videos/taken", source)
    assert not source.exists()
    for key in ("videos/kept", "videos/taken"):
        out.unlink(missing_ok=True)
        assert storage.fetch(key, out)
        assert out.read_bytes() == _LARGE
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["out.bin"]


def test_fetching_nothing_leaves_nothing(storage: ObjectStorage, tmp_path: Path) -> None:
    assert not storage.fetch("videos/none", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("start", "stop"), [(0, None), (0, 1), (5, 5_000_007), (len(_LARGE) - 3, None), (7, 10**9)])
def test_streams_give_exactly_the_range(storage: ObjectStorage, tmp_path: Path, start: int, stop: int | None) -> None:
    (tmp_path / "in").write_bytes(_LARGE)
    storage.keep("videos/a", tmp_path / "in")
    pieces = _read(storage, "videos/a", start, stop)
    assert b"".join(pieces) == _LARGE[start:stop]
    assert max(len(piece) for piece in pieces) <= 4 * 1024 * 1024


def test_a_stream_of_nothing_says_so(storage: ObjectStorage) -> None:
    with pytest.raises(NotFound):
        _read(storage, "videos/none")


def test_a_stream_can_be_left(storage: ObjectStorage, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(_LARGE)
    storage.keep("videos/a", tmp_path / "in")

    async def first() -> bytes:
        async with aclosing(storage.stream("videos/a")) as stream:
            async for piece in stream:
                return piece
        raise AssertionError("no piece")

    assert _LARGE.startswith(asyncio.run(first()))


def test_deleting_is_final_and_may_be_repeated(storage: ObjectStorage) -> None:
    storage.put("videos/a", b"a")
    storage.put("videos/b", b"b")
    for _ in range(2):
        storage.delete("videos/a")
        assert storage.get("videos/a") is None
    assert storage.get("videos/b") == b"b"


def test_prefixes_are_whole_segments(storage: ObjectStorage) -> None:
    for key in ("work/job_1/a", "work/job_1/deep/b", "work/job_12/c", "outputs/job_1/1/film.mp4"):
        storage.put(key, key.encode())
    assert sorted(item.key for item in storage.list("work/job_1")) == ["work/job_1/a", "work/job_1/deep/b"]
    assert {item.key: item.size_bytes for item in storage.list("outputs/")} == {"outputs/job_1/1/film.mp4": 24}
    storage.delete_prefix("work/job_1")
    storage.delete_prefix("work/never")
    assert sorted(item.key for item in storage.list()) == ["outputs/job_1/1/film.mp4", "work/job_12/c"]


def test_the_cache_is_listed_and_removed_like_the_rest(storage: ObjectStorage) -> None:
    storage.put("cache/films/a/x", b"1")
    storage.put("cache/films/b/y", b"2")
    storage.put("videos/c", b"3")
    assert sorted(item.key for item in storage.list()) == ["cache/films/a/x", "cache/films/b/y", "videos/c"]
    assert sorted(item.key for item in storage.list("cache")) == ["cache/films/a/x", "cache/films/b/y"]
    storage.delete_prefix("cache/films/a")
    assert [item.key for item in storage.list("cache/films")] == ["cache/films/b/y"]


def test_long_lists_are_complete(storage: ObjectStorage) -> None:
    keys = {f"work/job_1/chunk{number:04d}" for number in range(1100)}
    for key in keys:
        storage.put(key, b"x")
    assert {item.key for item in storage.list("work")} == keys
    storage.delete_prefix("work")
    assert list(storage.list()) == []


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".hidden", "a/.new/b", "a\\b", "a b", "a\0b", "é", "x" * 900],
)
def test_path_tricks_are_no_keys(storage: ObjectStorage, key: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"x")
    for act in (
        lambda: storage.get(key),
        lambda: storage.put(key, b"x"),
        lambda: storage.take(key, tmp_path / "in"),
        lambda: storage.delete(key),
        lambda: storage.size(key),
        lambda: storage.stream(key),
        lambda: storage.url(key),
    ):
        with pytest.raises(ValueError, match="not a storage key"):
            act()
    assert (tmp_path / "in").exists()


def test_readers_see_whole_objects_while_writers_replace_them(storage: ObjectStorage) -> None:
    versions = {bytes([value]) * 100_000 for value in range(4)}
    storage.put("work/a/b", min(versions))
    stop = threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            while not stop.is_set():
                for version in versions:
                    storage.put("work/a/b", version)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        seen = {storage.get("work/a/b") for _ in range(60)}
    finally:
        stop.set()
        thread.join()
    assert not failures
    assert seen <= versions


def test_a_good_store_checks_and_keeps_nothing_of_it(storage: ObjectStorage) -> None:
    storage.check()
    assert list(storage.list()) == []
