"""Resumable upload, by tuspy as an outside client and by hand."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.uploader import Uploader

from reelprint.adapters.db.store import Store
from reelprint.adapters.intake.sweeping import sweep_uploads
from reelprint.adapters.storage.objects import ObjectStorage
from tests.bad_media import BAD, bad_film
from tests.integration.uploads.conftest import MAX_MB
from tests.integration.uploads.server import MIB, ApiServer, start_api
from tests.media import Lab
from tests.s3 import BUCKET

_TUS = {"Tus-Resumable": "1.0.0"}
_BYTES = _TUS | {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture(autouse=True)
def _as_before(api: ApiServer) -> Iterator[None]:
    """Finished uploads are remembered for a while (a note of their id); beyond that, nothing stays."""
    yield
    assert api.alive()
    for video in api.videos():
        httpx.delete(f"{api.v1}/videos/{video['video_id']}").raise_for_status()
    left = [name for name in api.files() if not name.endswith("/info")]
    assert left == []
    sweep_uploads(ObjectStorage.local(api.data_dir / "storage", api.data_dir / "cache"), -1)
    assert api.files() == []


def _uploader(api: ApiServer, data: bytes, chunk: int = 50_000, url: str | None = None, **metadata: str) -> Uploader:
    client = TusClient(f"{api.v1}/videos/tus")
    if not metadata and url is None:
        metadata = {"filename": "film.mp4"}
    made: Uploader = client.uploader(file_stream=io.BytesIO(data), chunk_size=chunk, url=url, metadata=metadata)
    return made


def _encoded(metadata: dict[str, str]) -> str:
    pairs = (f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata.items())
    return ",".join(pair.strip() for pair in pairs)


def _create(api: ApiServer, size: int, **metadata: str) -> str:
    pairs = _encoded(metadata)
    answer = httpx.post(f"{api.v1}/videos/tus", headers=_TUS | {"Upload-Length": str(size), "Upload-Metadata": pairs})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def _send(url: str, data: bytes, offset: int = 0) -> httpx.Response:
    return httpx.patch(url, content=data, headers=_BYTES | {"Upload-Offset": str(offset)}, timeout=60)


def _patch_head(api: ApiServer, url: str, length: int) -> bytes:
    """The beginning of a PATCH, for connections that are broken on purpose."""
    headers = _BYTES | {"Host": "localhost", "Upload-Offset": "0", "Content-Length": str(length)}
    lines = [f"PATCH {url.removeprefix(api.url)} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def _offset(url: str) -> int:
    answer = httpx.head(url, headers=_TUS)
    assert answer.status_code == 200
    return int(answer.headers["upload-offset"])


def _code(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"success", "message", "error"}
    assert body["success"] is False
    return answer.status_code, body["error"]["code"]


def _same_but_for_time_and_place(one: dict[str, Any], other: dict[str, Any]) -> bool:
    apart = ("video_id", "uploaded_at", "storage_url")
    return {key: value for key, value in one.items() if key not in apart} == {
        key: value for key, value in other.items() if key not in apart
    }


def _video_of(api: ApiServer, uploader: Uploader) -> dict[str, Any]:
    video_id = uploader.request.response_headers["video-id"]
    video: dict[str, Any] = httpx.get(f"{api.v1}/videos/{video_id}").raise_for_status().json()["data"]
    assert Path(video["storage_url"].removeprefix("file://")).is_file()
    return video


@pytest.mark.parametrize("chunk", [7_000, 50_000, 2**31])
def test_a_finished_upload_is_the_video_that_the_form_makes(api: ApiServer, film: Path, chunk: int) -> None:
    by_form = api.upload(film, "film.mp4").json()["data"]
    uploader = _uploader(api, film.read_bytes(), chunk)
    uploader.upload()
    video = _video_of(api, uploader)
    assert _same_but_for_time_and_place(video, by_form)
    assert video["video_id"] in [item["video_id"] for item in api.videos()]
    stored = (api.data_dir / "storage/videos" / video["video_id"]).read_bytes()
    assert stored == film.read_bytes()


def test_an_interrupted_upload_goes_on_where_it_stopped(api: ApiServer, film: Path) -> None:
    data = film.read_bytes()
    first = _uploader(api, data, 20_000)
    first.upload(stop_at=len(data) // 2)
    again = _uploader(api, data, 20_000, url=first.url)
    assert len(data) // 2 <= again.offset < len(data)
    again.upload()
    assert _same_but_for_time_and_place(_video_of(api, again), api.upload(film, "film.mp4").json()["data"])


def test_a_killed_server_goes_on_with_uploads(module_database: str, tmp_path: Path, film: Path) -> None:
    data = film.read_bytes()
    server = start_api(module_database, tmp_path / "data")
    first = _uploader(server, data, 30_000)
    first.upload(stop_at=len(data) // 2)
    server.stop(9)
    server = start_api(module_database, tmp_path / "data", port=server.port)
    try:
        again = _uploader(server, data, 30_000, url=first.url)
        assert again.offset >= len(data) // 2
        again.upload()
        video = _video_of(server, again)
        assert video["file_size_bytes"] == len(data)
        httpx.delete(f"{server.v1}/videos/{video['video_id']}").raise_for_status()
    finally:
        server.stop()


def test_bytes_before_a_cut_count(api: ApiServer, film: Path) -> None:
    data = film.read_bytes()
    url = _create(api, len(data), filename="film.mp4")
    sent = len(data) // 3
    with socket.create_connection(("127.0.0.1", api.port)) as connection:
        connection.sendall(_patch_head(api, url, len(data)) + data[:sent])
        time.sleep(0.3)
    deadline = time.monotonic() + 10
    while _offset(url) < sent and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _offset(url) == sent
    answer = _send(url, data[sent:], sent)
    assert answer.status_code == 204
    assert answer.headers["video-id"]


def test_a_client_that_comes_back_does_not_wait_for_its_dead_connection(api: ApiServer, film: Path) -> None:
    """The old connection hangs, with bytes that never were stored; the new one goes on at once, and wins."""
    data = film.read_bytes()
    url = _create(api, len(data), filename="film.mp4")
    with socket.create_connection(("127.0.0.1", api.port)) as hanging:
        hanging.sendall(_patch_head(api, url, len(data)) + data[:9000])
        time.sleep(0.2)
        began = time.monotonic()
        assert _offset(url) == 0
        half = len(data) // 2
        assert _send(url, data[:half]).headers["upload-offset"] == str(half)
        # The old one wakes up again.
        hanging.sendall(data[9000:20_000])
        hanging.settimeout(10)
        assert hanging.recv(100).startswith(b"HTTP/1.1 409")
    assert _send(url, data[half:], half).headers["video-id"]
    assert time.monotonic() - began < 10


def test_two_at_once_make_one_whole_file(api: ApiServer, film: Path) -> None:
    data = film.read_bytes()
    url = _create(api, len(data), filename="film.mp4")

    def work() -> None:
        uploader = _uploader(api, data, 9_000, url=url)
        for _ in range(200):
            try:
                uploader.upload()
                return
            except (TusUploadFailed, TusCommunicationError):
                uploader.offset = _offset(url)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert _offset(url) == len(data)
    video_id = httpx.head(url, headers=_TUS).headers["video-id"]
    assert [video["video_id"] for video in api.videos()] == [video_id]
    assert (api.data_dir / "storage/videos" / video_id).read_bytes() == data


def test_who_missed_the_last_answer_can_ask_again(api: ApiServer, film: Path) -> None:
    data = film.read_bytes()
    url = _create(api, len(data), filename="film.mp4")
    video_id = _send(url, data).headers["video-id"]
    headed = httpx.head(url, headers=_TUS)
    assert (headed.headers["upload-offset"], headed.headers["video-id"]) == (str(len(data)), video_id)
    again = _send(url, b"", len(data))
    assert (again.status_code, again.headers["video-id"]) == (204, video_id)
    assert len(api.videos()) == 1


@pytest.mark.parametrize("name", ["text.mp4", "cut_index_last.mp4", "no_frames.mp4", "sound_only.mp4", "playlist.mp4"])
def test_what_is_no_film_is_refused_like_in_the_form(api: ApiServer, lab: Lab, name: str) -> None:
    bad = next(bad for bad in BAD if bad.name == name)
    data = bad_film(lab, bad).read_bytes()
    uploader = _uploader(api, data, max(1, len(data) // 3))
    with pytest.raises(TusUploadFailed) as told:
        uploader.upload()
    assert (told.value.status_code, json.loads(told.value.response_content)["error"]["code"]) == (422, bad.code)
    assert api.files() == []
    assert httpx.head(uploader.url, headers=_TUS).status_code == 404
    assert api.videos() == []


def test_an_empty_file_is_refused_when_it_is_announced(api: ApiServer) -> None:
    answer = httpx.post(f"{api.v1}/videos/tus", headers=_TUS | {"Upload-Length": "0"})
    assert _code(answer) == (422, "UNSUPPORTED_FORMAT")
    assert api.files() == []


def test_the_limit_is_exact_to_the_byte(api: ApiServer, film_at_the_limit: Path) -> None:
    data = film_at_the_limit.read_bytes()
    uploader = _uploader(api, data, MIB)
    uploader.upload()
    assert _video_of(api, uploader)["file_size_bytes"] == MAX_MB * MIB
    for length in (MAX_MB * MIB + 1, 10**15, 10**40):
        answer = httpx.post(f"{api.v1}/videos/tus", headers=_TUS | {"Upload-Length": str(length)})
        assert _code(answer) == (413, "FILE_TOO_LARGE")


def test_more_than_was_announced_is_refused(api: ApiServer, film: Path) -> None:
    data = film.read_bytes()
    url = _create(api, len(data) - 10, filename="film.mp4")
    assert _code(_send(url, data)) == (400, "BAD_REQUEST")
    assert httpx.delete(url, headers=_TUS).status_code == 204


@pytest.mark.parametrize(
    ("metadata", "shown"),
    [
        ({"filename": "Käse – 日本.mp4", "filetype": "video/mp4"}, "Käse – 日本.mp4"),
        ({"filename": "../../../etc/passwd"}, "../../../etc/passwd"),
        ({"name": "uppy.mp4", "type": "video/mp4"}, "uppy.mp4"),
        ({"filename": "nul\0.mp4"}, "nul\N{REPLACEMENT CHARACTER}.mp4"),
        ({"filename": ""}, "upload"),
        ({}, "upload"),
    ],
)
def test_names_are_labels_and_optional(api: ApiServer, film: Path, metadata: dict[str, str], shown: str) -> None:
    data = film.read_bytes()
    url = _create(api, len(data), **metadata)
    headed = httpx.head(url, headers=_TUS)
    assert headed.status_code == 200
    pairs = (pair.partition(" ") for pair in headed.headers.get("upload-metadata", "").split(",") if pair)
    assert {name: base64.b64decode(value).decode() for name, _, value in pairs} == metadata
    answer = _send(url, data)
    video = httpx.get(f"{api.v1}/videos/{answer.headers['video-id']}").json()["data"]
    assert video["filename"] == shown


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"template_video_id": "vid_0123456789ab"}, (404, "VIDEO_NOT_FOUND")),
        ({"template_video_id": "../x"}, (404, "VIDEO_NOT_FOUND")),
        ({"webhook_url": "http://127.0.0.1/"}, (422, "VALIDATION_ERROR")),
        ({"webhook_url": "https://a.example/" + "x" * 5000}, (422, "VALIDATION_ERROR")),
    ],
)
def test_what_is_said_about_a_film_is_checked_first(
    api: ApiServer, metadata: dict[str, str], expected: tuple[int, str]
) -> None:
    pairs = _encoded(metadata)
    answer = httpx.post(f"{api.v1}/videos/tus", headers=_TUS | {"Upload-Length": "10", "Upload-Metadata": pairs})
    assert _code(answer) == expected
    assert api.files() == []


def test_defaults_for_jobs_may_be_announced(api: ApiServer, film: Path) -> None:
    template = api.upload(film).json()["data"]["video_id"]
    url = _create(api, 10, template_video_id=template, webhook_url="https://films.example/done")
    assert httpx.delete(url, headers=_TUS).status_code == 204
    assert httpx.head(url, headers=_TUS).status_code == 404


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Upload-Length": "10"}, (412, "PRECONDITION_FAILED")),
        ({"Upload-Length": "10", "Tus-Resumable": "0.2.2"}, (412, "PRECONDITION_FAILED")),
        (_TUS, (422, "MISSING_FIELD")),
        (_TUS | {"Upload-Length": "-1"}, (422, "VALIDATION_ERROR")),
        (_TUS | {"Upload-Length": "ten"}, (422, "VALIDATION_ERROR")),
        (_TUS | {"Upload-Defer-Length": "1"}, (422, "VALIDATION_ERROR")),
        (_TUS | {"Upload-Length": "10", "Upload-Concat": "partial"}, (422, "VALIDATION_ERROR")),
        (_TUS | {"Upload-Concat": "final;/../../etc/passwd"}, (422, "VALIDATION_ERROR")),
        (_TUS | {"Upload-Length": "10", "Content-Length": "10"}, (422, "VALIDATION_ERROR")),
    ],
)
def test_announcements_that_make_no_sense(api: ApiServer, headers: dict[str, str], expected: tuple[int, str]) -> None:
    content = b"x" * int(headers.get("Content-Length", "0"))
    assert _code(httpx.post(f"{api.v1}/videos/tus", headers=headers, content=content)) == expected
    assert api.files() == []


def test_bytes_that_make_no_sense(api: ApiServer) -> None:
    url = _create(api, 100, filename="film.mp4")

    def sent(content: Any = b"x" * 10, **changes: str | None) -> tuple[int, str]:
        headers = {"tus_resumable": "1.0.0", "upload_offset": "0", "content_type": _BYTES["Content-Type"]} | changes
        named = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        return _code(httpx.patch(url, content=content, headers=named))

    assert sent(upload_offset="5") == (409, "CONFLICT")
    assert sent(upload_offset="-1") == (400, "BAD_REQUEST")
    assert sent(upload_offset=None) == (400, "BAD_REQUEST")
    assert sent(upload_offset="9" * 30) == (409, "CONFLICT")
    assert sent(content_type="video/mp4") == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert sent(tus_resumable=None) == (412, "PRECONDITION_FAILED")
    assert sent(content=iter([b"x" * 10])) == (411, "LENGTH_REQUIRED")
    assert _offset(url) == 0
    assert httpx.delete(url, headers=_TUS).status_code == 204


@pytest.mark.parametrize("upload_id", ["0" * 32, "nothing", "..%2f..%2fvideos", "a" * 3000, "%00", "info"])
def test_unknown_uploads(api: ApiServer, upload_id: str) -> None:
    url = f"{api.v1}/videos/tus/{upload_id}"
    for answer in (_send(url, b"x"), httpx.delete(url, headers=_TUS)):
        assert _code(answer) == (404, "NOT_FOUND")
    assert httpx.head(url, headers=_TUS).status_code == 404


def test_it_says_what_it_can_do(api: ApiServer) -> None:
    for path in ("videos/tus", "videos/tus/"):
        answer = httpx.options(f"{api.v1}/{path}")
        assert answer.status_code == 204
        assert answer.headers["tus-version"] == "1.0.0"
        assert answer.headers["tus-max-size"] == str(MAX_MB * MIB)
        assert set(answer.headers["tus-extension"].split(",")) == {"creation", "expiration", "termination"}


def test_clients_behind_old_proxies_may_post_everything(api: ApiServer, film: Path) -> None:
    data = film.read_bytes()
    url = _create(api, len(data), filename="film.mp4")
    headers = _BYTES | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert httpx.post(url, content=data, headers=headers).headers["video-id"]


def test_links_lead_where_the_client_is(api: ApiServer) -> None:
    url = _create(api, 10)
    assert url.startswith(f"{api.v1}/videos/tus/")
    assert httpx.delete(url, headers=_TUS).status_code == 204
    spoofed = _TUS | {"Upload-Length": "10", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    answer = httpx.post(f"{api.v1}/videos/tus", headers=spoofed)
    assert answer.headers["location"].startswith(api.v1)
    assert httpx.delete(answer.headers["location"], headers=_TUS).status_code == 204


def test_uploads_that_nobody_goes_on_with_are_removed(api: ApiServer, film: Path) -> None:
    storage = ObjectStorage.local(api.data_dir / "storage", api.data_dir / "cache")
    data = film.read_bytes()
    url = _create(api, len(data), filename="film.mp4")
    _send(url, data[:1000])
    assert "upload-expires" in httpx.head(url, headers=_TUS).headers
    assert sweep_uploads(storage, 1) == 0
    assert _offset(url) == 1000
    assert sweep_uploads(storage, -1) == 1
    assert httpx.head(url, headers=_TUS).status_code == 404
    assert api.files() == []


def test_small_pieces_do_not_become_many_objects(api: ApiServer, film: Path) -> None:
    data = film.read_bytes()[:40_000]
    url = _create(api, 10**6, filename="film.mp4")
    for start in range(0, len(data), 1000):
        assert _send(url, data[start : start + 1000], start).status_code == 204
    pieces = [name for name in api.files() if not name.endswith("/info")]
    assert len(pieces) == 1
    assert (api.data_dir / pieces[0]).read_bytes() == data
    assert httpx.delete(url, headers=_TUS).status_code == 204


def test_two_servers_on_one_bucket_share_an_upload(
    database_url: str,
    bucket_environment: dict[str, str],
    tmp_path: Path,
    film_at_the_limit: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = film_at_the_limit.read_bytes()
    servers = [start_api(database_url, tmp_path / name, bucket_environment) for name in ("one", "other")]
    try:
        path = _create(servers[0], len(data), filename="film.mp4").removeprefix(servers[0].url)
        size = len(data) // 5
        answer = None
        for turn, start in enumerate(range(0, len(data), size)):
            assert _offset(servers[turn % 2].url + path) == start
            answer = _send(servers[(turn + 1) % 2].url + path, data[start : start + size], start)
            assert answer.status_code == 204, answer.text
        assert answer is not None
        video_id = answer.headers["video-id"]
        for server in servers:
            shown = httpx.get(f"{server.v1}/videos/{video_id}").json()["data"]
            assert shown["storage_url"] == f"s3://{BUCKET}/reelprint/videos/{video_id}"
            assert shown["file_size_bytes"] == len(data)
            assert server.files() == []
        for name, value in bucket_environment.items():
            monkeypatch.setenv(name, value)
        storage = ObjectStorage.s3(bucket_environment["STORAGE_URL"])
        assert storage.get(f"videos/{video_id}") == data
        by_form = servers[1].upload(film_at_the_limit, "film.mp4").json()["data"]
        assert _same_but_for_time_and_place(by_form, shown)
        assert len(list(storage.list("videos"))) == 2
        for video in servers[0].videos():
            httpx.delete(f"{servers[1].v1}/videos/{video['video_id']}").raise_for_status()
        assert [item.key.rpartition("/")[2] for item in storage.list()] == ["info"]
    finally:
        for server in servers:
            server.stop()


def test_owners_do_not_see_each_others_uploads(database_url: str, tmp_path: Path, film: Path) -> None:
    async def keys() -> list[str]:
        store = Store(database_url)
        try:
            return [(await store.keys.create(name))[1] for name in ("one", "other")]
        finally:
            await store.close()

    mine, other = ({"Authorization": f"Bearer {secret}"} for secret in asyncio.run(keys()))
    data = film.read_bytes()
    server = start_api(database_url, tmp_path / "data", headers=mine)
    try:
        made = httpx.post(f"{server.v1}/videos/tus", headers=_TUS | mine | {"Upload-Length": str(len(data))})
        url = made.headers["location"]
        patch = _BYTES | {"Upload-Offset": "0"}
        for headers, status in ((other, 404), ({}, 401)):
            assert httpx.head(url, headers=_TUS | headers).status_code == status
            assert httpx.patch(url, headers=patch | headers, content=data).status_code == status
            assert httpx.delete(url, headers=_TUS | headers).status_code == status
        assert httpx.head(url, headers=_TUS | mine).headers["upload-offset"] == "0"
        video_id = httpx.patch(url, headers=patch | mine, content=data).headers["video-id"]
        one = f"{server.v1}/videos/{video_id}"
        for method in ("GET", "DELETE"):
            assert _code(httpx.request(method, one, headers=other)) == (404, "VIDEO_NOT_FOUND")
            assert httpx.request(method, one).status_code == 401
        assert httpx.get(f"{server.v1}/videos", headers=other).json()["total"] == 0
        with film.open("rb") as file:
            form = {"data": {"template_video_id": video_id}, "files": {"file": file}}
            assert _code(httpx.post(f"{server.v1}/videos/upload", headers=other, **form)) == (404, "VIDEO_NOT_FOUND")  # type: ignore[arg-type]
        assert httpx.delete(one, headers=mine).status_code == 200
    finally:
        server.stop()
