"""A job's story as server-sent events."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from httpx_sse import connect_sse

from reelprint.core.progress import Stage
from tests.integration.api.server import RunningApi
from tests.integration.api.test_jobs import error_of


@dataclass
class Told:
    """What a stream has said so far, and whether it is over."""

    events: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def wait(self, count: int) -> None:
        deadline = time.monotonic() + 10
        while len(self.events) < count:
            assert time.monotonic() < deadline, self.events
            time.sleep(0.01)


def read(client: httpx.Client, job_id: str, last_id: int | None = None) -> list[tuple[int, str, dict[str, Any]]]:
    """A stream to its end."""
    headers = {} if last_id is None else {"Last-Event-ID": str(last_id)}
    with connect_sse(client, "GET", f"/api/v1/jobs/{job_id}/events", headers=headers) as source:
        return [(int(event.id), event.event, json.loads(event.data)) for event in source.iter_sse()]


@contextmanager
def following(api: RunningApi, job_id: str) -> Iterator[Told]:
    """A stream that is read in the background."""
    told = Told()

    def follow() -> None:
        with (
            api.client_with(None) as client,
            connect_sse(client, "GET", f"/api/v1/jobs/{job_id}/events") as source,
        ):
            for event in source.iter_sse():
                told.events.append((int(event.id), event.event, json.loads(event.data)))
                told.times.append(time.monotonic())
        told.over.set()

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    yield told
    thread.join(15)
    assert not thread.is_alive()


def story(api: RunningApi, job_id: str) -> None:
    """From the start of an attempt to its good end."""
    api.start(job_id)
    api.advance(job_id, Stage.VIDEO_ANALYSIS, 12)
    assert api.do(api.service.db.attempts.log(job_id, 1, "12 shots found"))
    api.advance(job_id, Stage.RENDERING, 90)
    api.complete(job_id)


def test_everything_is_told_as_it_happens(api: RunningApi) -> None:
    job_id = api.job(video_id=api.video())
    with following(api, job_id) as told:
        told.wait(1)
        began = time.monotonic()
        story(api, job_id)
        ended = time.monotonic()
        assert told.over.wait(5)
    assert told.times[-1] - ended < 0.5, "woken, not polled"
    assert told.times[1] - began < 0.5
    ids = [number for number, _, _ in told.events]
    assert ids == sorted(set(ids))
    assert [name for _, name, _ in told.events] == [
        "status",
        "progress",
        "log",
        "progress",
        "log",
        "progress",
        "status",
    ]
    states = [(data["status"], data["current_stage"], data["progress_percent"]) for _, _, data in told.events]
    assert states == [
        ("queued", None, 0),
        ("processing", "video_analysis", 1),
        ("processing", "video_analysis", 1),
        ("processing", "video_analysis", 12),
        ("processing", "video_analysis", 12),
        ("processing", "rendering", 90),
        ("completed", None, 100),
    ]
    assert told.events[4][2]["log"] == ["12 shots found"]


def test_a_story_is_told_again_from_any_point(api: RunningApi) -> None:
    job_id = api.job(video_id=api.video())
    story(api, job_id)
    whole = read(api.client, job_id)
    assert whole[-1][2]["status"] == "completed"
    for place, (number, _, _) in enumerate(whole):
        assert read(api.client, job_id, number) == whole[place + 1 :]
    assert read(api.client, job_id, 0) == whole
    assert read(api.client, job_id, 10**30) == []


def test_a_stream_that_joins_late_misses_nothing(api: RunningApi) -> None:
    job_id = api.job(video_id=api.video())
    api.start(job_id)
    first = read_some(api, job_id, 3)
    api.advance(job_id, Stage.MOTION_ANALYSIS, 40)
    api.fail(job_id)
    rest = read(api.client, job_id, first[-1][0])
    assert [(data["status"], data["progress_percent"]) for _, _, data in rest] == [("processing", 40), ("failed", 40)]
    assert rest[-1][2]["error"] == {"stage": "motion_analysis", "message": "film.mp4 has no frame that can be decoded"}


def read_some(api: RunningApi, job_id: str, count: int) -> list[tuple[int, str, dict[str, Any]]]:
    found = []
    with connect_sse(api.client, "GET", f"/api/v1/jobs/{job_id}/events") as source:
        for event in source.iter_sse():
            found.append((int(event.id), event.event, json.loads(event.data)))
            if len(found) == count:
                break
    return found


def test_many_events_come_whole(api: RunningApi) -> None:
    job_id = api.job(video_id=api.video())
    api.start(job_id)

    async def chatter() -> None:
        for number in range(1100):
            await api.service.db.attempts.log(job_id, 1, f"line {number}")

    api.do(chatter())
    api.client.post(f"/api/v1/jobs/{job_id}/cancel")
    told = read(api.client, job_id)
    assert [data["log"][0] for _, name, data in told if name == "log"][1:] == [f"line {n}" for n in range(1100)]
    assert told[-1][2]["status"] == "cancelled"


def test_headers_of_a_stream(api: RunningApi) -> None:
    job_id = api.job(video_id=api.video())
    api.client.post(f"/api/v1/jobs/{job_id}/cancel")
    answer = api.client.get(f"/api/v1/jobs/{job_id}/events")
    assert answer.headers["content-type"].partition(";")[0] == "text/event-stream"
    assert (answer.headers["cache-control"], answer.headers["x-accel-buffering"]) == ("no-store", "no")


@pytest.mark.parametrize("last_id", ["x", "-1", "1.5", "", "9" * 41])
def test_ids_that_are_none(api: RunningApi, last_id: str) -> None:
    job_id = api.job(video_id=api.video())
    answer = api.client.get(f"/api/v1/jobs/{job_id}/events", headers={"Last-Event-ID": last_id})
    assert error_of(answer) == (422, "VALIDATION_ERROR")


def test_quiet_streams_say_that_they_live(api: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reelprint.api.events._KEEP_ALIVE_S", 0.2)
    monkeypatch.setattr("reelprint.api.events._LOOK_S", 0.1)
    job_id = api.job(video_id=api.video())
    comments = 0
    with api.client.stream("GET", f"/api/v1/jobs/{job_id}/events") as answer:
        for line in answer.iter_lines():
            comments += line.startswith(":")
            if comments == 4:
                break


def test_streams_go_on_when_the_listening_connection_breaks(api: RunningApi, module_database: str) -> None:
    job_id = api.job(video_id=api.video())
    with following(api, job_id) as told:
        told.wait(1)
        with psycopg.connect(module_database, autocommit=True) as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'reelprint events'"
                " AND datname = current_database()"
            ).fetchall()
        assert ended
        story(api, job_id)
        assert told.over.wait(5)
    assert told.events[-1][2]["status"] == "completed"
    again = api.job(video_id=api.video())
    time.sleep(1)
    with following(api, again) as told:
        told.wait(1)
        story(api, again)
        ended_s = time.monotonic()
        assert told.over.wait(5)
    assert told.times[-1] - ended_s < 0.5, "listening again"


def test_a_stream_nobody_reads_is_given_up(api: RunningApi) -> None:
    job_id = api.job(video_id=api.video())
    waiting = api.app.state.listener._waiting
    read_some(api, job_id, 1)
    deadline = time.monotonic() + 5
    while job_id in waiting:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_stream_ends_with_its_key(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests import postgres

    monkeypatch.setattr("reelprint.api.events._KEEP_ALIVE_S", 0.2)
    monkeypatch.setattr("reelprint.api.events._LOOK_S", 0.1)
    with postgres.database(postgres_url) as url:
        api = RunningApi(url, tmp_path)
        try:
            key, secret = api.do(api.service.db.keys.create("k"))
            with api.client_with(secret) as client:
                job_id = api.job(client, video_id=api.video(key.key_id))
                with connect_sse(client, "GET", f"/api/v1/jobs/{job_id}/events") as source:
                    for _ in source.iter_sse():
                        api.do(api.service.db.keys.revoke(key.key_id))
                assert client.get("/api/v1/jobs").status_code == 401
        finally:
            api.stop()


def test_the_server_ends_quickly_with_streams_open(module_database: str, tmp_path: Path) -> None:
    api = RunningApi(module_database, tmp_path)
    job_id = api.job(video_id=api.video())
    with following(api, job_id) as told:
        told.wait(1)
        began = time.monotonic()
        api.stop()
        assert time.monotonic() - began < 3
