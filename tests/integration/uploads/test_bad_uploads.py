"""Must show 6: bad uploads get a clear code, the server stays up, the disk is as before."""

from __future__ import annotations

import shutil
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.bad_media import BAD, Bad, bad_film
from tests.integration.uploads.hostile import HOSTILE, Hostile, hostile_film
from tests.integration.uploads.server import ApiServer, start_api
from tests.media import Lab


@pytest.fixture(autouse=True)
def _as_before(api: ApiServer) -> Iterator[None]:
    """Whatever was sent: afterwards the server answers, and nothing lies about that is no video."""
    yield
    assert api.alive()
    for video in api.videos():
        httpx.delete(f"{api.v1}/videos/{video['video_id']}").raise_for_status()
    assert api.files() == []
    assert not any("scratch" in name for name in api.open_files())


def _wait(until: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not until():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("bad", [bad for bad in BAD if not bad.name.startswith("directory")], ids=lambda bad: bad.name)
def test_files_that_are_no_good_film(api: ApiServer, lab: Lab, bad: Bad) -> None:
    answer = api.upload(bad_film(lab, bad))
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == bad.code
    assert str(api.data_dir) not in answer.text
    assert api.files() == []
    assert api.videos() == []


@pytest.mark.parametrize("film", HOSTILE, ids=lambda film: film.name)
def test_films_made_to_do_harm(api: ApiServer, lab: Lab, film: Hostile) -> None:
    path = hostile_film(lab, film)
    answer = api.upload(path)
    if film.code is None:
        assert answer.status_code == 200, answer.text
        stored = Path(answer.json()["data"]["storage_url"].removeprefix("file://"))
        assert stored.read_bytes() == path.read_bytes()
        assert len(api.files()) == 1
    else:
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, film.code), answer.text
        assert film.says in answer.json()["message"]
        assert api.files() == []


def test_a_good_beginning_does_not_save_a_bad_rest(api: ApiServer, film: Path, tmp_path: Path) -> None:
    """Right first bytes, every sample destroyed: not one frame decodes."""
    data = bytearray(film.read_bytes())
    start = data.index(b"mdat") + 4
    size = int.from_bytes(data[start - 8 : start - 4], "big") - 8
    data[start : start + size] = bytes(size)
    path = tmp_path / "hollow.mp4"
    path.write_bytes(data)
    answer = api.upload(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "CORRUPT_VIDEO")


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_connection_cut_half_way_leaves_nothing(api: ApiServer, film: Path, reset: bool) -> None:
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    body = head + film.read_bytes() + b"\r\n--edge--\r\n"
    with socket.create_connection(("127.0.0.1", api.port)) as connection:
        connection.sendall(
            b"POST /api/v1/videos/upload HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        connection.sendall(body[: len(body) // 2])
        assert _wait(lambda: any(name.startswith("scratch/incoming-") for name in api.files()))
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert _wait(lambda: api.files() == [])
    assert api.videos() == []


def test_many_cut_connections_at_once_leave_nothing(api: ApiServer, film: Path) -> None:
    data = film.read_bytes()
    connections = []
    for number in range(20):
        connection = socket.create_connection(("127.0.0.1", api.port))
        connection.sendall(
            b"POST /api/v1/videos/upload HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: 1000000\r\n\r\n"
            b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
        )
        connection.sendall(data[: 5000 * number])
        connections.append(connection)
    for connection in connections:
        connection.close()
    assert _wait(lambda: api.files() == [])


def test_a_client_that_asks_before_sending_is_refused_before_sending(api: ApiServer) -> None:
    with socket.create_connection(("127.0.0.1", api.port)) as connection:
        connection.sendall(
            b"POST /api/v1/videos/upload HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
            b"Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: 99999999999\r\n\r\n"
        )
        connection.settimeout(5)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"FILE_TOO_LARGE" in answer
    assert b"connection: close" in answer.lower()


def test_what_a_killed_server_had_received_goes_at_the_next_upload(
    module_database: str, tmp_path: Path, film: Path
) -> None:
    server = start_api(module_database, tmp_path / "data")
    try:
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(
            b"POST /api/v1/videos/upload HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: 10000000\r\n\r\n"
            b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n' + film.read_bytes()
        )
        assert _wait(lambda: server.files() != [])
        server.stop(9)
        connection.close()
        assert server.files() != []
        server = start_api(module_database, tmp_path / "data")
        data = server.upload(film).json()["data"]
        assert server.files() == [f"storage/videos/{data['video_id']}"]
        httpx.delete(f"{server.v1}/videos/{data['video_id']}").raise_for_status()
    finally:
        server.stop()


def test_a_graceful_stop_leaves_nothing(module_database: str, tmp_path: Path, film: Path) -> None:
    server = start_api(module_database, tmp_path / "data")
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(
            b"POST /api/v1/videos/upload HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: 10000000\r\n\r\n"
            b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n' + film.read_bytes()
        )
        assert _wait(lambda: server.files() != [])
        server.stop()
    assert server.files() == []


def test_a_full_disk_is_told_and_leaves_nothing(module_database: str, tmp_path: Path, film: Path) -> None:
    """A file stands where the scratch folder should be: nothing can be received."""
    server = start_api(module_database, tmp_path / "data")
    try:
        shutil.rmtree(tmp_path / "data/scratch", ignore_errors=True)
        (tmp_path / "data/scratch").write_bytes(b"")
        answer = server.upload(film)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
        assert server.files() == []
        assert server.alive()
    finally:
        server.stop()
