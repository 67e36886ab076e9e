"""``POST /videos/upload`` as all kinds of clients send it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.uploads.conftest import MAX_MB
from tests.integration.uploads.forms import error_of, multipart, post
from tests.integration.uploads.server import MIB, ApiServer

pytestmark = pytest.mark.usefixtures("empty_server")


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
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (status, code)
    if code == "VALIDATION_ERROR":
        assert field in error["detail"]
    assert api.files() == []
    assert api.videos() == []


def test_fields_may_come_before_or_after_the_file(api: ApiServer, film: Path) -> None:
    field = (b'name="template_video_id"', b"vid_0123456789ab")
    file = (b'name="file"; filename="a.mp4"', film.read_bytes())
    for parts in ((field, file), (file, field)):
        answer = post(api, multipart(*parts))
        assert (answer.status_code, error_of(answer)["code"]) == (404, "VIDEO_NOT_FOUND")
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
    answer = post(api, multipart((disposition, film.read_bytes())))
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
        multipart((b'name="webhook_url"', b"https://films.example/")),
        multipart((b'name="file"; filename=""', b"")),
        multipart((b'name="file"', b"")),
    ],
)
def test_a_form_without_file_misses_it(api: ApiServer, body: bytes) -> None:
    answer = post(api, body)
    assert (answer.status_code, error_of(answer)) == (422, {"code": "MISSING_FIELD", "detail": "file"})


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "video/mp4", ""])
def test_a_body_that_is_no_form_misses_its_file(api: ApiServer, kind: str) -> None:
    answer = post(api, b'{"file": "a.mp4"}', kind)
    assert (answer.status_code, error_of(answer)["code"]) == (422, "MISSING_FIELD")
    assert httpx.post(f"{api.v1}/videos/upload").json()["error"]["code"] == "MISSING_FIELD"


def test_two_files_are_one_too_many(api: ApiServer, film: Path) -> None:
    part = (b'name="file"; filename="a.mp4"', film.read_bytes())
    answer = post(api, multipart(part, part))
    assert (answer.status_code, error_of(answer)["code"]) == (422, "VALIDATION_ERROR")
    assert api.files() == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"no boundary at all", "multipart/form-data; boundary=edge"),
        (multipart((b'name="webhook_url"', b""))[:-8], "multipart/form-data; boundary=edge"),
        (multipart((b'filename="a.mp4"', b"x")), "multipart/form-data; boundary=edge"),
        (b"--edge\r\nContent-Disposition: attachment\r\n\r\nx\r\n--edge--\r\n", "multipart/form-data; boundary=edge"),
        (b"--edge\r\n" + b"X: y\r\n" * 1000 + b"\r\n\r\n--edge--\r\n", "multipart/form-data; boundary=edge"),
        (b"--edge\r\nX: " + b"y" * 100_000 + b"\r\n\r\n\r\n--edge--\r\n", "multipart/form-data; boundary=edge"),
        (multipart((b'name="webhook_url"', b"")) + b"x" * 100_000, "multipart/form-data; boundary=edge"),
        (multipart((b'name="webhook_url"', b"\xff\xfe")), "multipart/form-data; boundary=edge"),
        (b"--edge--\r\n", "multipart/form-data"),
        (b"--edge--\r\n", "multipart/form-data; boundary=" + "e" * 300),
    ],
)  # fmt: skip
def test_broken_forms_are_refused(api: ApiServer, body: bytes, kind: str) -> None:
    answer = post(api, body, kind)
    assert (answer.status_code, error_of(answer)["code"]) == (422, "VALIDATION_ERROR"), answer.text
    assert api.files() == []
    assert api.alive()


def test_the_limit_is_exact_to_the_byte(api: ApiServer, film_at_the_limit: Path, tmp_path: Path) -> None:
    assert film_at_the_limit.stat().st_size == MAX_MB * MIB
    assert api.upload(film_at_the_limit).status_code == 200
    one_more = tmp_path / "one_more.mp4"
    one_more.write_bytes(film_at_the_limit.read_bytes() + b"\0")
    before = api.files()
    answer = api.upload(one_more)
    assert (answer.status_code, error_of(answer)["code"]) == (413, "FILE_TOO_LARGE")
    assert api.files() == before


def test_the_limit_holds_without_a_length(api: ApiServer, film_at_the_limit: Path) -> None:
    data = film_at_the_limit.read_bytes() + b"\0"
    body = multipart((b'name="file"; filename="a.mp4"', data))

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    answer = httpx.post(f"{api.v1}/videos/upload", content=pieces(), headers=headers, timeout=60)
    assert (answer.status_code, error_of(answer)["code"]) == (413, "FILE_TOO_LARGE")
    assert api.files() == []


def test_much_too_large_is_told_to_clients_that_send_everything_first(api: ApiServer, tmp_path: Path) -> None:
    path = tmp_path / "huge.mp4"
    with path.open("wb") as file:
        file.truncate(40 * MIB)
    answer = api.upload(path)
    assert (answer.status_code, error_of(answer)["code"]) == (413, "FILE_TOO_LARGE")
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
    assert (answer.status_code, error_of(answer)["code"]) == (422, "UNSUPPORTED_FORMAT")
    assert api.files() == []
