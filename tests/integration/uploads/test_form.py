"""``POST /videos/upload`` as outside clients send it."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.integration.uploads.conftest import MAX_MB
from tests.integration.uploads.server import MIB, ApiServer, start_api


@pytest.fixture(autouse=True)
def _nothing_left(api: ApiServer) -> None:
    """Each test begins with an empty server."""
    for video in api.videos():
        assert httpx.delete(f"{api.v1}/videos/{video['video_id']}").status_code == 200
    assert api.files() == []


def _error(answer: httpx.Response) -> dict[str, str]:
    body = answer.json()
    assert set(body) == {"success", "message", "error"}
    assert body["success"] is False
    assert set(body["error"]) == {"code", "detail"}
    error: dict[str, str] = body["error"]
    return error


def _multipart(*parts: tuple[bytes, bytes]) -> bytes:
    """Parts (Content-Disposition without its kind, content) between boundaries ``edge``."""
    head = b"--edge\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n"
    return b"".join(head % part for part in parts) + b"--edge--\r\n"


def _post(api: ApiServer, body: bytes, content_type: str = "multipart/form-data; boundary=edge") -> httpx.Response:
    return httpx.post(f"{api.v1}/videos/upload", content=body, headers={"Content-Type": content_type}, timeout=60)


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
        assert (answer.status_code, _error(answer)["code"]) == (404, "VIDEO_NOT_FOUND")


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
    assert (answer.status_code, _error(answer)["code"]) == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "video_id", ["vid_000000000000", "vid_XYZ", "job_000000000000", "..%2f..%2fetc%2fpasswd", "a" * 5000, "%00"]
)
def test_ids_that_are_none_are_not_found(api: ApiServer, video_id: str) -> None:
    for method in ("GET", "DELETE"):
        answer = httpx.request(method, f"{api.v1}/videos/{video_id}")
        assert answer.status_code == 404
        assert _error(answer)["code"] in ("VIDEO_NOT_FOUND", "NOT_FOUND")


def test_defaults_for_jobs_are_kept(api: ApiServer, film: Path) -> None:
    template = api.upload(film).json()["data"]["video_id"]
    answer = api.upload(film, template_video_id=template, webhook_url="https://films.example/done")
    assert answer.status_code == 200
    # Browsers send fields that were left empty.
    assert api.upload(film, template_video_id="", webhook_url="").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "status", "code"),
    [
        ("template_video_id", "vid_0123456789ab", 404, "VIDEO_NOT_FOUND"),
        ("template_video_id", "../../etc/passwd", 404, "VIDEO_NOT_FOUND"),
        ("webhook_url", "http://127.0.0.1:9/hook", 422, "VALIDATION_ERROR"),
        ("webhook_url", "http://0x7f000001/hook", 422, "VALIDATION_ERROR"),
        ("webhook_url", "ftp://films.example/", 422, "VALIDATION_ERROR"),
        ("webhook_url", "https://films.example/" + "x" * 5000, 422, "VALIDATION_ERROR"),
        ("owner", "somebody", 422, "VALIDATION_ERROR"),
        ("file2", "x", 422, "VALIDATION_ERROR"),
    ],
)
def test_bad_fields_are_named_and_leave_nothing(
    api: ApiServer, film: Path, field: str, value: str, status: int, code: str
) -> None:
    answer = api.upload(film, **{field: value})
    error = _error(answer)
    assert (answer.status_code, error["code"]) == (status, code)
    if code == "VALIDATION_ERROR":
        assert field in error["detail"]
    assert api.files() == []
    assert api.videos() == []


def test_fields_may_come_before_or_after_the_file(api: ApiServer, film: Path) -> None:
    field = (b'name="template_video_id"', b"vid_0123456789ab")
    file = (b'name="file"; filename="a.mp4"', film.read_bytes())
    for parts in ((field, file), (file, field)):
        answer = _post(api, _multipart(*parts))
        assert (answer.status_code, _error(answer)["code"]) == (404, "VIDEO_NOT_FOUND")
        assert api.files() == []


@pytest.mark.parametrize(
    ("disposition", "shown"),
    [
        (b'name="file"; filename="holiday.mp4"', "holiday.mp4"),
        (b'name=file; filename=holiday.mp4', "holiday.mp4"),
        ('name="file"; filename="Käse – 日本.mp4"'.encode(), "Käse – 日本.mp4"),
        ('name="file"; filename="Käse.mp4"'.encode("latin-1"), "Käse.mp4"),
        (b"name=\"file\"; filename=\"plain.mp4\"; filename*=UTF-8''K%C3%A4se%20%E2%82%AC.mp4", "Käse €.mp4"),
        (b"name=\"file\"; filename*=iso-8859-1'de'K%E4se.mp4", "Käse.mp4"),
        (b"name=\"file\"; filename=\"plain.mp4\"; filename*=nonsense", "plain.mp4"),
        (rb'name="file"; filename="say \"cheese\".mp4"', 'say "cheese".mp4'),
        (b'name="file"; filename="say %22cheese%22.mp4"', 'say "cheese".mp4'),
        (b'name="file"; filename="a; filename=b.mp4"', "a; filename=b.mp4"),
        (rb'name="file"; filename="C:\films\a.mp4"', r"C:\films\a.mp4"),
        (b'name="file"; filename="../../../etc/passwd"', "../../../etc/passwd"),
        (b'name="file"; filename="/etc/cron.d/x"', "/etc/cron.d/x"),
        (b'name="file"; filename=".."', ".."),
        (b'name="file"; filename="' + b"n" * 4000 + b'.mp4"', "n" * 4000 + ".mp4"),
        (b'name="file"; filename=""', "upload"),
        (b'name="file"', "upload"),
        (b'filename="first.mp4"; NAME="file"', "first.mp4"),
    ],
)  # fmt: skip
def test_names_are_labels_as_received(api: ApiServer, film: Path, disposition: bytes, shown: str) -> None:
    answer = _post(api, _multipart((disposition, film.read_bytes())))
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert data["filename"] == shown
    assert api.files() == [f"storage/videos/{data['video_id']}"]
    assert httpx.get(f"{api.v1}/videos/{data['video_id']}").json()["data"] == data


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--edge--\r\n",
        _multipart((b'name="webhook_url"', b"https://films.example/")),
        _multipart((b'name="file"; filename=""', b"")),
        _multipart((b'name="file"', b"")),
    ],
)
def test_a_form_without_file_misses_it(api: ApiServer, body: bytes) -> None:
    answer = _post(api, body)
    assert (answer.status_code, _error(answer)) == (422, {"code": "MISSING_FIELD", "detail": "file"})


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "video/mp4", ""])
def test_a_body_that_is_no_form_misses_its_file(api: ApiServer, kind: str) -> None:
    answer = _post(api, b'{"file": "a.mp4"}', kind)
    assert (answer.status_code, _error(answer)["code"]) == (422, "MISSING_FIELD")
    assert httpx.post(f"{api.v1}/videos/upload").json()["error"]["code"] == "MISSING_FIELD"


def test_two_files_are_one_too_many(api: ApiServer, film: Path) -> None:
    part = (b'name="file"; filename="a.mp4"', film.read_bytes())
    answer = _post(api, _multipart(part, part))
    assert (answer.status_code, _error(answer)["code"]) == (422, "VALIDATION_ERROR")
    assert api.files() == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"no boundary at all", "multipart/form-data; boundary=edge"),
        (_multipart((b'name="webhook_url"', b""))[:-8], "multipart/form-data; boundary=edge"),
        (_multipart((b'filename="a.mp4"', b"x")), "multipart/form-data; boundary=edge"),
        (b"--edge\r\nContent-Disposition: attachment\r\n\r\nx\r\n--edge--\r\n", "multipart/form-data; boundary=edge"),
        (b"--edge\r\n" + b"X: y\r\n" * 1000 + b"\r\n\r\n--edge--\r\n", "multipart/form-data; boundary=edge"),
        (b"--edge\r\nX: " + b"y" * 100_000 + b"\r\n\r\n\r\n--edge--\r\n", "multipart/form-data; boundary=edge"),
        (_multipart((b'name="webhook_url"', b"")) + b"x" * 100_000, "multipart/form-data; boundary=edge"),
        (_multipart((b'name="webhook_url"', b"\xff\xfe")), "multipart/form-data; boundary=edge"),
        (b"--edge--\r\n", "multipart/form-data"),
        (b"--edge--\r\n", "multipart/form-data; boundary=" + "e" * 300),
    ],
)  # fmt: skip
def test_broken_forms_are_refused(api: ApiServer, body: bytes, kind: str) -> None:
    answer = _post(api, body, kind)
    assert (answer.status_code, _error(answer)["code"]) == (422, "VALIDATION_ERROR"), answer.text
    assert api.files() == []
    assert api.alive()


def test_the_limit_is_exact_to_the_byte(api: ApiServer, film_at_the_limit: Path, tmp_path: Path) -> None:
    assert film_at_the_limit.stat().st_size == MAX_MB * MIB
    assert api.upload(film_at_the_limit).status_code == 200
    one_more = tmp_path / "one_more.mp4"
    one_more.write_bytes(film_at_the_limit.read_bytes() + b"\0")
    before = api.files()
    answer = api.upload(one_more)
    assert (answer.status_code, _error(answer)["code"]) == (413, "FILE_TOO_LARGE")
    assert api.files() == before


def test_the_limit_holds_without_a_length(api: ApiServer, film_at_the_limit: Path) -> None:
    data = film_at_the_limit.read_bytes() + b"\0"
    body = _multipart((b'name="file"; filename="a.mp4"', data))

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    answer = httpx.post(f"{api.v1}/videos/upload", content=pieces(), headers=headers, timeout=60)
    assert (answer.status_code, _error(answer)["code"]) == (413, "FILE_TOO_LARGE")
    assert api.files() == []


def test_much_too_large_is_told_to_clients_that_send_everything_first(api: ApiServer, tmp_path: Path) -> None:
    path = tmp_path / "huge.mp4"
    with path.open("wb") as file:
        file.truncate(40 * MIB)
    answer = api.upload(path)
    assert (answer.status_code, _error(answer)["code"]) == (413, "FILE_TOO_LARGE")
    assert api.files() == []


def test_a_file_that_is_no_film_is_refused_before_all_of_it_came(api: ApiServer) -> None:
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        yield b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
        for _ in range(3 * 1024):
            sent += 1024
            yield b"x" * 1024
        yield b"\r\n--edge--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    answer = httpx.post(f"{api.v1}/videos/upload", content=pieces(), headers=headers, timeout=60)
    assert (answer.status_code, _error(answer)["code"]) == (422, "UNSUPPORTED_FORMAT")
    assert api.files() == []


def test_a_video_that_a_live_job_uses_stays(api: ApiServer, film: Path) -> None:
    footage, template = (api.upload(film).json()["data"]["video_id"] for _ in range(2))
    asked = httpx.post(f"{api.v1}/jobs", json={"video_id": footage, "template_video_id": template})
    assert asked.status_code == 200, asked.text
    for video_id in (footage, template):
        answer = httpx.delete(f"{api.v1}/videos/{video_id}")
        assert (answer.status_code, _error(answer)["code"]) == (409, "VIDEO_IN_USE")
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
