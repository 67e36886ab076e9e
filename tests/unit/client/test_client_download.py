"""A film arrives whole or not at all, through broken connections."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelprint.client import ApiError, Client, NoServer
from reelprint.core.errors import OutputError
from tests.unit.client.server import FILM, JOB_ID, Fake, Server, failure, film

OUTPUT = f"/jobs/{JOB_ID}/output"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out.mp4"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_film_is_fetched_and_told(fake: Fake, client: Client, target: Path) -> None:
    told: list[tuple[int, int | None]] = []
    assert client.download(JOB_ID, target, on_bytes=lambda *so_far: told.append(so_far)) == target
    assert target.read_bytes() == FILM
    assert told[-1] == (len(FILM), len(FILM))
    assert names(target.parent) == ["out.mp4"]
    assert fake.seen[0].headers["accept-encoding"] == "identity"
    assert "range" not in fake.seen[0].headers


def test_a_broken_download_goes_on_where_it_broke(fake: Fake, client: Client, target: Path) -> None:
    fake.answer("GET", OUTPUT, film(300_000, 1, 300_000))
    told: list[int] = []
    client.download(JOB_ID, target, on_bytes=lambda so_far, _total: told.append(so_far))
    assert target.read_bytes() == FILM
    assert [request.headers.get("range") for request in fake.seen] == [
        None,
        "bytes=300000-",
        "bytes=300001-",
        "bytes=600001-",
    ]
    assert {request.headers.get("if-range") for request in fake.seen[1:]} == {'"1"'}
    assert told == sorted(told)


@pytest.mark.parametrize(
    "how", [{"tag": None}, {"tag": 'W/"1"'}, {"honours": False}], ids=["no tag", "weak", "no range"]
)
def test_without_resuming_it_starts_over(fake: Fake, client: Client, target: Path, how: dict[str, bool]) -> None:
    fake.answer("GET", OUTPUT, film(300_000, **how))
    client.download(JOB_ID, target)
    assert target.read_bytes() == FILM
    assert len(fake.seen) == 2


def test_a_film_that_changed_meanwhile_is_not_mixed_with_the_old_one(fake: Fake, client: Client, target: Path) -> None:
    other = FILM[::-1] + b"longer"
    fake.answer("GET", OUTPUT, film(tag='"2"', content=other))
    fake.first = [film(300_000)]
    client.download(JOB_ID, target)
    assert target.read_bytes() == other
    assert fake.seen[1].headers["if-range"] == '"1"'


def test_an_answer_that_goes_on_somewhere_else_is_refused(fake: Fake, client: Client, target: Path) -> None:
    def shifted(request: object) -> object:
        answer = film()(request)  # type: ignore[arg-type]
        if answer is not None and answer.status_code == 206:
            answer.headers["Content-Range"] = f"bytes 7-{len(FILM) - 1}/{len(FILM)}"
        return answer

    fake.answer("GET", OUTPUT, shifted)
    fake.first = [film(1000)]
    with pytest.raises(NoServer, match="another part"):
        client.download(JOB_ID, target)
    assert names(target.parent) == []


def test_a_busy_server_is_waited_for(fake: Fake, client: Client, target: Path) -> None:
    fake.first = [lambda _request: failure(503, "SERVICE_UNAVAILABLE")]
    client.download(JOB_ID, target)
    assert target.read_bytes() == FILM


def test_what_cannot_be_finished_leaves_the_old_file(fake: Fake, client: Client, target: Path) -> None:
    target.write_bytes(b"old")
    fake.answer("GET", OUTPUT, film(*[0] * 100))
    with pytest.raises(NoServer):
        client.download(JOB_ID, target, patience_s=0.6)
    assert target.read_bytes() == b"old"
    assert names(target.parent) == ["out.mp4"]


def test_a_job_without_a_film(fake: Fake, client: Client, target: Path) -> None:
    fake.answer("GET", OUTPUT, failure(404, "NOT_FOUND"))
    with pytest.raises(ApiError) as error:
        client.download(JOB_ID, target)
    assert error.value.status == 404
    assert names(target.parent) == []


def test_a_listener_that_stops_the_download_leaves_nothing(fake: Fake, client: Client, target: Path) -> None:
    def stop(_so_far: int, _total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.download(JOB_ID, target, on_bytes=stop)
    assert names(target.parent) == []


def test_a_server_that_restarts_in_the_middle(fake: Fake, server: Server, client: Client, target: Path) -> None:
    fake.answer("GET", OUTPUT, film(300_000))
    restarted = []

    def on_bytes(so_far: int, _total: int | None) -> None:
        if so_far >= 300_000 and not restarted:
            restarted.append(so_far)
            server.stop()
            server.start()

    client.download(JOB_ID, target, on_bytes=on_bytes)
    assert restarted
    assert target.read_bytes() == FILM


def test_a_place_that_cannot_be_written(fake: Fake, client: Client, tmp_path: Path) -> None:
    for bad in (tmp_path / "absent" / "out.mp4", tmp_path):
        with pytest.raises(OutputError):
            client.download(JOB_ID, bad)
    assert names(tmp_path) == []
