"""From a film to a video, and what can be done with that."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.integration.uploads.forms import error_of
from tests.integration.uploads.server import MIB, ApiServer, start_api

pytestmark = pytest.mark.usefixtures("empty_server")


def test_a_film_becomes_a_video(api: ApiServer, film: Path) -> None:
    answer = api.upload(film)
    assert answer.status_code == 200
    assert set(answer.json()) == {"success", "message", "data"}
    data = answer.json()["data"]
    assert set(data) == {"video_id", "filename", "file_size_bytes", "metadata", "uploaded_at", "storage_url"}
    assert re.fullmatch("vid_[0-9a-f]{12}", data["video_id"])
    assert data["filename"] == film.name
    assert data["file_size_bytes"] == film.stat().st_size
    metadata = data["metadata"]
    assert set(metadata) == {"width", "height", "duration_seconds", "frame_rate", "codec", "bitrate_kbps", "format"}
    assert (metadata["width"], metadata["height"], metadata["codec"], metadata["format"]) == (480, 270, "h264", "mp4")
    assert metadata["frame_rate"] == 30
    assert metadata["duration_seconds"] == pytest.approx(3, abs=0.1)
    assert metadata["bitrate_kbps"] == pytest.approx(film.stat().st_size * 8 / 3000, rel=0.05)
    assert data["uploaded_at"].endswith("Z")
    assert abs(datetime.now(UTC) - datetime.fromisoformat(data["uploaded_at"])) < timedelta(minutes=1)
    stored = api.data_dir / "storage/videos" / data["video_id"]
    assert data["storage_url"] == stored.as_uri()
    assert hashlib.sha256(stored.read_bytes()).digest() == hashlib.sha256(film.read_bytes()).digest()
    assert api.files() == [f"storage/videos/{data['video_id']}"]


def test_the_video_is_shown_listed_and_deleted(api: ApiServer, film: Path) -> None:
    data = api.upload(film).json()["data"]
    url = f"{api.v1}/videos/{data['video_id']}"
    assert httpx.get(url).json()["data"] == data
    listed = httpx.get(f"{api.v1}/videos").json()
    assert listed == {"videos": [data], "total": 1, "page": 1, "page_size": 10}
    past = httpx.get(f"{api.v1}/videos?page=9999999999999999999&page_size=5").json()
    assert (past["videos"], past["total"], past["page_size"]) == ([], 1, 5)
    gone = httpx.delete(url)
    assert (gone.status_code, gone.json()["data"]) == (200, {"video_id": data["video_id"]})
    assert api.files() == []
    for answer in (httpx.get(url), httpx.delete(url)):
        assert (answer.status_code, error_of(answer)["code"]) == (404, "VIDEO_NOT_FOUND")


def test_lists_are_newest_first(api: ApiServer, film: Path) -> None:
    ids = [api.upload(film).json()["data"]["video_id"] for _ in range(3)]
    shown = [
        video["video_id"]
        for page in (1, 2)
        for video in httpx.get(f"{api.v1}/videos?page={page}&page_size=2").json()["videos"]
    ]
    assert shown == ids[::-1]


@pytest.mark.parametrize("query", ["page=0", "page_size=0", "page_size=101", "page=x", "page_size=1.5"])
def test_impossible_pages_are_refused(api: ApiServer, query: str) -> None:
    answer = httpx.get(f"{api.v1}/videos?{query}")
    assert (answer.status_code, error_of(answer)["code"]) == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "video_id", ["vid_000000000000", "vid_XYZ", "job_000000000000", "..%2f..%2fetc%2fpasswd", "a" * 5000, "%00"]
)
def test_ids_that_are_none_are_not_found(api: ApiServer, video_id: str) -> None:
    for method in ("GET", "DELETE"):
        answer = httpx.request(method, f"{api.v1}/videos/{video_id}")
        assert answer.status_code == 404
        assert error_of(answer)["code"] in ("VIDEO_NOT_FOUND", "NOT_FOUND")


def test_defaults_for_jobs_are_kept(api: ApiServer, film: Path) -> None:
    template = api.upload(film).json()["data"]["video_id"]
    answer = api.upload(film, template_video_id=template, webhook_url="https://films.example/done")
    assert answer.status_code == 200
    # Browsers send fields that were left empty.
    assert api.upload(film, template_video_id="", webhook_url="").status_code == 200


def test_a_video_that_a_live_job_uses_stays(api: ApiServer, film: Path) -> None:
    footage, template = (api.upload(film).json()["data"]["video_id"] for _ in range(2))
    asked = httpx.post(f"{api.v1}/jobs", json={"video_id": footage, "template_video_id": template})
    assert asked.status_code == 200, asked.text
    for video_id in (footage, template):
        answer = httpx.delete(f"{api.v1}/videos/{video_id}")
        assert (answer.status_code, error_of(answer)["code"]) == (409, "VIDEO_IN_USE")
    assert len(api.files()) == 2
    job = f"{api.v1}/jobs/{asked.json()['data']['job_id']}"
    assert httpx.post(f"{job}/cancel").status_code == 200
    for video_id in (footage, template):
        assert httpx.delete(f"{api.v1}/videos/{video_id}").status_code == 200


def test_memory_does_not_grow_with_the_file(module_database: str, tmp_path: Path, film: Path) -> None:
    """Three times the memory that may be used goes through."""
    size, allowed_mb = 150 * MIB, 50
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    start = film.read_bytes()
    room = size - len(start)

    def body() -> Iterator[bytes]:
        yield head + start + room.to_bytes(4, "big") + b"free"
        for left in range(room - 8, 0, -MIB):
            yield bytes(min(MIB, left))
        yield b"\r\n--edge--\r\n"

    server = start_api(module_database, tmp_path / "data")
    try:
        server.upload(film)
        before, peaks, done = server.rss_mb(), [0.0], threading.Event()

        def watch() -> None:
            while not done.wait(0.02):
                peaks.append(server.rss_mb())

        watcher = threading.Thread(target=watch)
        watcher.start()
        headers = {"Content-Type": "multipart/form-data; boundary=edge"}
        answer = httpx.post(f"{server.v1}/videos/upload", content=body(), headers=headers, timeout=120)
        done.set()
        watcher.join()
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"]["file_size_bytes"] == size
        assert max(peaks) - before < allowed_mb
        for video in server.videos():
            httpx.delete(f"{server.v1}/videos/{video['video_id']}").raise_for_status()
    finally:
        server.stop()
