"""Servers to upload to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from reelprint.adapters.intake.sweeping import sweep_uploads
from reelprint.adapters.storage.objects import ObjectStorage
from tests import postgres
from tests.integration.uploads.server import MIB, ApiServer, start_api
from tests.media import Lab
from tests.s3 import BUCKET, S3Server, start_s3

#: Small, so that files over the limit are quickly made.
MAX_MB = 4


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    server = start_s3()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def module_database(postgres_url: str) -> Iterator[str]:
    with postgres.database(postgres_url) as url:
        yield url


@pytest.fixture(scope="module")
def api(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A server with local storage and a limit of 4 MiB."""
    server = start_api(module_database, tmp_path_factory.mktemp("api"), {"MAX_FILE_SIZE_MB": str(MAX_MB)})
    yield server
    server.stop()


@pytest.fixture
def bucket_environment(s3_server: S3Server) -> dict[str, str]:
    return {**s3_server.environment, "STORAGE_URL": f"s3://{BUCKET}/reelprint", "MAX_FILE_SIZE_MB": str(MAX_MB)}


@pytest.fixture(scope="session")
def film(lab: Lab) -> Path:
    """A good film of a few hundred kilobytes."""
    return lab.odd("silent")


@pytest.fixture(scope="session")
def film_at_the_limit(lab: Lab) -> Path:
    """A film of exactly MAX_MB MiB: an mp4 may end in a box of free space."""

    def make(out: Path) -> None:
        whole = lab.odd("silent").read_bytes()
        room = MAX_MB * MIB - len(whole)
        out.write_bytes(whole + room.to_bytes(4, "big") + b"free" + bytes(room - 8))

    return lab.keep("at_the_limit.mp4", make)


@pytest.fixture
def as_before_tus(api: ApiServer) -> Iterator[None]:
    """Finished uploads are remembered for a while (a note of their id); beyond that, nothing stays."""
    yield
    assert api.alive()
    for video in api.videos():
        httpx.delete(f"{api.v1}/videos/{video['video_id']}").raise_for_status()
    left = [name for name in api.files() if not name.endswith("/info")]
    assert left == []
    sweep_uploads(ObjectStorage.local(api.data_dir / "storage", api.data_dir / "cache"), -1)
    assert api.files() == []


@pytest.fixture
def empty_server(api: ApiServer) -> None:
    """Each test begins with an empty server."""
    for video in api.videos():
        assert httpx.delete(f"{api.v1}/videos/{video['video_id']}").status_code == 200
    assert api.files() == []
