"""Both kinds of storage under one name."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from reelprint.adapters.storage.objects import ObjectStorage
from tests.s3 import BUCKET, S3Server, start_s3


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    server = start_s3()
    yield server
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStorage:
    if request.param == "folder":
        return ObjectStorage.local(tmp_path / "storage", tmp_path / "cache")
    server: S3Server = request.getfixturevalue("s3_server")
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return ObjectStorage.s3(f"s3://{BUCKET}/{uuid.uuid4().hex}/deep")
