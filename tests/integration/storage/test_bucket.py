"""What only storage in a bucket promises, and which one a setting gives."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from reelprint.adapters.storage.objects import ObjectStorage
from reelprint.bootstrap.service import storage as storage_of
from reelprint.core.errors import DocumentError, Unavailable
from reelprint.settings import Settings, load_settings
from tests.s3 import BUCKET, S3Server, start_s3


@pytest.fixture
def environment(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return s3_server


def test_objects_have_s3_addresses(environment: S3Server) -> None:
    assert ObjectStorage.s3(f"s3://{BUCKET}/a/b").url("videos/vid_1") == f"s3://{BUCKET}/a/b/videos/vid_1"
    assert ObjectStorage.s3(f"s3://{BUCKET}").url("videos/vid_1") == f"s3://{BUCKET}/videos/vid_1"
    storage = ObjectStorage.s3(f"s3://{BUCKET}/a")
    storage.put("videos/vid_1", b"x")
    assert storage.local_path("videos/vid_1") is None


def test_prefixes_keep_storages_apart(environment: S3Server) -> None:
    one, other = ObjectStorage.s3(f"s3://{BUCKET}/one"), ObjectStorage.s3(f"s3://{BUCKET}/other/")
    one.put("videos/a", b"1")
    other.put("videos/a", b"2")
    assert [item.key for item in one.list()] == ["videos/a"]
    one.delete_prefix("videos")
    assert other.get("videos/a") == b"2"


def test_a_missing_bucket_is_unavailable(environment: S3Server) -> None:
    storage = ObjectStorage.s3("s3://nowhere/x")
    with pytest.raises(Unavailable) as told:
        storage.check()
    assert told.value.detail == "storage: there is no such bucket"


def test_a_server_that_went_away_is_unavailable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = start_s3()
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    storage = ObjectStorage.s3(f"s3://{BUCKET}", retry_s=2)
    storage.put("videos/a", b"x")
    server.stop()
    began = time.monotonic()
    for act in (storage.check, lambda: storage.get("videos/a"), lambda: storage.fetch("videos/a", tmp_path / "a")):
        with pytest.raises(Unavailable) as told:
            act()
        assert told.value.detail == "storage: the bucket does not answer"
        assert "127.0.0.1" not in told.value.detail
    assert time.monotonic() - began < 15
    assert list(tmp_path.iterdir()) == []


def test_the_setting_chooses(environment: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def made(url: str) -> ObjectStorage:
        monkeypatch.setenv("STORAGE_URL", url)
        monkeypatch.setenv("REELPRINT_DATA_DIR", str(tmp_path / "data"))
        return storage_of(load_settings())

    assert made("").url("videos/a") == (tmp_path / "data/storage/videos/a").as_uri()
    assert made("").url("cache/a") == (tmp_path / "data/cache/a").as_uri()
    folder = tmp_path / "sh ared"
    assert made(folder.as_uri()).url("videos/a") == (folder / "videos/a").as_uri()
    assert made(folder.as_uri()).url("cache/a") == (folder / "cache/a").as_uri()
    assert made(f"s3://{BUCKET}/x").url("cache/a") == f"s3://{BUCKET}/x/cache/a"


@pytest.mark.parametrize("url", ["films", "http://127.0.0.1/films", "s3://", "s3:///films", "s3://films?x=1"])
def test_other_addresses_are_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_URL", url)
    with pytest.raises(DocumentError, match=r"(?i)storage_url"):
        storage_of(load_settings())


def test_sizes_are_exact() -> None:
    assert Settings(MAX_FILE_SIZE_MB=3).max_file_size_bytes == 3 * 1024 * 1024
