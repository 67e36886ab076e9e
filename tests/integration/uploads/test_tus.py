"""Resumable upload: interrupted, killed, shared and done twice, it is the video that the form makes."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from pathlib import Path

import httpx
import pytest
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from reelprint.adapters.db.store import Store
from reelprint.adapters.intake.sweeping import sweep_uploads
from reelprint.adapters.storage.objects import ObjectStorage
from tests.integration.uploads.server import ApiServer, start_api
from tests.integration.uploads.tus import (
    BYTES,
    TUS,
    code,
    create,
    offset,
    patch_head,
    same_but_for_time_and_place,
    send,
    uploader,
    video_of,
)
from tests.s3 import BUCKET

pytestmark = pytest.mark.usefixtures("as_before_tus")


@pytest.mark.parametrize("chunk", [7_000, 50_000, 2**31])
def test_a_finished_upload_is_the_video_that_the_form_makes(api: ApiServer, film: Path, chunk: int) -> None:
    by_form = api.upload(film, "film.mp4").json()["data"]
    client = uploader(api, film.read_bytes(), chunk)
    client.upload()
    video = video_of(api, client)
    assert same_but_for_time_and_place(video, by_form)
    assert video["video_id"] in [item["video_id"] for item in api.videos()]
    stored = (api.data_dir / "storage/videos" / video["video_id"]).read_bytes()
    assert stored == film.read_bytes()


def test_an_interrupted_upload_goes_on_where_it_stopped(api: ApiServer, film: Path) -> None:
    data = film.read_bytes()
    first = uploader(api, data, 20_000)
    first.upload(stop_at=len(data) // 2)
    again = uploader(api, data, 20_000, url=first.url)
    assert len(data) // 2 <= again.offset < len(data)
    again.upload()
    assert same_but_for_time_and_place(video_of(api, again), api.upload(film, "film.mp4").json()["data"])


def test_a_killed_server_goes_on_with_uploads(module_database: str, tmp_path: Path, film: Path) -> None:
    data = film.read_bytes()
    server = start_api(module_database, tmp_path / "data")
    first = uploader(server, data, 30_000)
    first.upload(stop_at=len(data) // 2)
    server.stop(9)
    server = start_api(module_database, tmp_path / "data", port=server.port)
    try:
        again = uploader(server, data, 30_000, url=first.url)
        assert again.offset >= len(data) // 2
        again.upload()
        video = video_of(server, again)
        assert video["file_size_bytes"] == len(data)
        httpx.delete(f"{server.v1}/videos/{video['video_id']}").raise_for_status()
    finally:
        server.stop()


def test_bytes_before_a_cut_count(api: ApiServer, film: Path) -> None:
    data = film.read_bytes()
    url = create(api, len(data), filename="film.mp4")
    sent = len(data) // 3
    with socket.create_connection(("127.0.0.1", api.port)) as connection:
        connection.sendall(patch_head(api, url, len(data)) + data[:sent])
        time.sleep(0.3)
    deadline = time.monotonic() + 10
    while offset(url) < sent and time.monotonic() < deadline:
        time.sleep(0.05)
    assert offset(url) == sent
    answer = send(url, data[sent:], sent)
    assert answer.status_code == 204
    assert answer.headers["video-id"]


def test_a_client_that_comes_back_does_not_wait_for_its_dead_connection(api: ApiServer, film: Path) -> None:
    """The old connection hangs, with bytes that never were stored; the new one goes on at once, and wins."""
    data = film.read_bytes()
    url = create(api, len(data), filename="film.mp4")
    with socket.create_connection(("127.0.0.1", api.port)) as hanging:
        hanging.sendall(patch_head(api, url, len(data)) + data[:9000])
        time.sleep(0.2)
        began = time.monotonic()
        assert offset(url) == 0
        half = len(data) // 2
        assert send(url, data[:half]).headers["upload-offset"] == str(half)
        # The old one wakes up again.
        hanging.sendall(data[9000:20_000])
        hanging.settimeout(10)
        assert hanging.recv(100).startswith(b"HTTP/1.1 409")
    assert send(url, data[half:], half).headers["video-id"]
    assert time.monotonic() - began < 10


def test_two_at_once_make_one_whole_file(api: ApiServer, film: Path) -> None:
    data = film.read_bytes()
    url = create(api, len(data), filename="film.mp4")

    def work() -> None:
        client = uploader(api, data, 9_000, url=url)
        for _ in range(200):
            try:
                client.upload()
                return
            except (TusUploadFailed, TusCommunicationError):
                client.offset = offset(url)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert offset(url) == len(data)
    video_id = httpx.head(url, headers=TUS).headers["video-id"]
    assert [video["video_id"] for video in api.videos()] == [video_id]
    assert (api.data_dir / "storage/videos" / video_id).read_bytes() == data


def test_who_missed_the_last_answer_can_ask_again(api: ApiServer, film: Path) -> None:
    data = film.read_bytes()
    url = create(api, len(data), filename="film.mp4")
    video_id = send(url, data).headers["video-id"]
    headed = httpx.head(url, headers=TUS)
    assert (headed.headers["upload-offset"], headed.headers["video-id"]) == (str(len(data)), video_id)
    again = send(url, b"", len(data))
    assert (again.status_code, again.headers["video-id"]) == (204, video_id)
    assert len(api.videos()) == 1


def test_uploads_that_nobody_goes_on_with_are_removed(api: ApiServer, film: Path) -> None:
    storage = ObjectStorage.local(api.data_dir / "storage", api.data_dir / "cache")
    data = film.read_bytes()
    url = create(api, len(data), filename="film.mp4")
    send(url, data[:1000])
    assert "upload-expires" in httpx.head(url, headers=TUS).headers
    assert sweep_uploads(storage, 1) == 0
    assert offset(url) == 1000
    assert sweep_uploads(storage, -1) == 1
    assert httpx.head(url, headers=TUS).status_code == 404
    assert api.files() == []


def test_small_pieces_do_not_become_many_objects(api: ApiServer, film: Path) -> None:
    data = film.read_bytes()[:40_000]
    url = create(api, 10**6, filename="film.mp4")
    for start in range(0, len(data), 1000):
        assert send(url, data[start : start + 1000], start).status_code == 204
    pieces = [name for name in api.files() if not name.endswith("/info")]
    assert len(pieces) == 1
    assert (api.data_dir / pieces[0]).read_bytes() == data
    assert httpx.delete(url, headers=TUS).status_code == 204


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
        path = create(servers[0], len(data), filename="film.mp4").removeprefix(servers[0].url)
        size = len(data) // 5
        answer = None
        for turn, start in enumerate(range(0, len(data), size)):
            assert offset(servers[turn % 2].url + path) == start
            answer = send(servers[(turn + 1) % 2].url + path, data[start : start + size], start)
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
        assert same_but_for_time_and_place(by_form, shown)
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
        made = httpx.post(f"{server.v1}/videos/tus", headers=TUS | mine | {"Upload-Length": str(len(data))})
        url = made.headers["location"]
        patch = BYTES | {"Upload-Offset": "0"}
        for headers, status in ((other, 404), ({}, 401)):
            assert httpx.head(url, headers=TUS | headers).status_code == status
            assert httpx.patch(url, headers=patch | headers, content=data).status_code == status
            assert httpx.delete(url, headers=TUS | headers).status_code == status
        assert httpx.head(url, headers=TUS | mine).headers["upload-offset"] == "0"
        video_id = httpx.patch(url, headers=patch | mine, content=data).headers["video-id"]
        one = f"{server.v1}/videos/{video_id}"
        for method in ("GET", "DELETE"):
            assert code(httpx.request(method, one, headers=other)) == (404, "VIDEO_NOT_FOUND")
            assert httpx.request(method, one).status_code == 401
        assert httpx.get(f"{server.v1}/videos", headers=other).json()["total"] == 0
        with film.open("rb") as file:
            form = {"data": {"template_video_id": video_id}, "files": {"file": file}}
            assert code(httpx.post(f"{server.v1}/videos/upload", headers=other, **form)) == (404, "VIDEO_NOT_FOUND")  # type: ignore[arg-type]
        assert httpx.delete(one, headers=mine).status_code == 200
    finally:
        server.stop()
