"""A job is followed to its end through cut streams, restarts and servers without a stream."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from reelprint.client import ApiError, Client, JobEvent, NoServer
from tests.unit.client.server import JOB_ID, STORY, Fake, Server, events, failure, job

EVENTS = f"/jobs/{JOB_ID}/events"
JOB = f"/jobs/{JOB_ID}"


def percents(heard: list[JobEvent]) -> list[int | None]:
    return [event.progress_percent for event in heard]


def test_a_story_is_heard_from_beginning_to_end(fake: Fake, client: Client) -> None:
    heard = list(client.events(JOB_ID))
    assert percents(heard) == [0, 1, None, 90, 100]
    assert [event.id for event in heard] == ["1", "2", "3", "4", "5"]
    assert heard[2].log == ("2 shots",)
    assert heard[3].current_stage == "rendering"
    assert [event.ended for event in heard] == [False, False, False, False, True]
    assert len(fake.asked("/events")) == 1


def test_events_may_have_names_and_log_lines_by_the_dozen(fake: Fake, client: Client) -> None:
    story = [{"log": ["one", "two"]}, {"log": None, "progress_percent": 3, "new": 1}, STORY[-1]]
    fake.answer("GET", EVENTS, events(story, name="event: progress\n"))
    heard = list(client.events(JOB_ID))
    assert [event.log for event in heard] == [("one", "two"), (), ()]


def test_the_rest_of_a_story(fake: Fake, client: Client) -> None:
    assert percents(list(client.events(JOB_ID, "3"))) == [90, 100]
    assert fake.seen[0].headers["last-event-id"] == "3"


@pytest.mark.parametrize("ends", [True, False], ids=["closed", "broken"])
def test_a_stream_cut_in_the_middle_goes_on_there_and_nothing_is_heard_twice(
    fake: Fake, client: Client, ends: bool
) -> None:
    fake.answer("GET", EVENTS, events(STORY[:2], STORY[:2], STORY[:4], STORY, ends=ends))
    heard = list(client.events(JOB_ID))
    assert [event.id for event in heard] == ["1", "2", "3", "4", "5"]
    asked = [request.headers.get("last-event-id") for request in fake.asked("/events")]
    assert asked == [None, "2", "2", "4"]


def test_a_stream_survives_a_busy_server_and_ends_when_nobody_comes_back(fake: Fake, client: Client) -> None:
    fake.first = [lambda _request: failure(503, "SERVICE_UNAVAILABLE")]
    assert len(list(client.events(JOB_ID))) == 5
    fake.answer("GET", EVENTS, failure(503, "SERVICE_UNAVAILABLE"))
    began = time.monotonic()
    with pytest.raises(ApiError):
        list(client.events(JOB_ID, patience_s=0.5))
    assert time.monotonic() - began < 8


def test_a_stream_that_opens_and_says_nothing_is_asked_again_as_long_as_it_opens(fake: Fake, client: Client) -> None:
    """The patience is for a server that is away, not for a job that takes its time."""
    fake.answer("GET", EVENTS, events([], [], [], STORY))
    assert len(list(client.events(JOB_ID, patience_s=1.0))) == 5


def test_an_event_that_is_none_breaks_the_stream_and_not_the_program(fake: Fake, client: Client) -> None:
    fake.first = [lambda _request: PlainTextResponse("data: [1]\n\n", media_type="text/event-stream")]
    assert len(list(client.events(JOB_ID))) == 5


# watch


def watched(client: Client, **how: Any) -> tuple[Any, list[JobEvent]]:
    heard: list[JobEvent] = []
    how = {"poll_s": 0.05, "patience_s": 5.0} | how
    return client.watch(JOB_ID, heard.append, **how), heard


def polled(*stories: dict[str, Any]) -> Any:
    """The job as it is asked for again and again."""
    left = list(stories)

    def answer(_request: Request) -> Response:
        data = left.pop(0) if len(left) > 1 else left[0]
        return JSONResponse({"success": True, "message": "", "data": data})

    return answer


def test_watching_by_the_stream_alone(fake: Fake, client: Client) -> None:
    result, heard = watched(client)
    assert result.style_json == {"version": "1.0"}
    assert percents(heard) == [0, 1, None, 90, 100]
    assert [request.path for request in fake.seen] == [EVENTS, f"{JOB}/result"]


@pytest.mark.parametrize("ends", [True, False], ids=["closed", "broken"])
def test_watching_through_a_cut_stream(fake: Fake, client: Client, ends: bool) -> None:
    fake.answer("GET", EVENTS, events(STORY[:2], STORY, ends=ends))
    fake.answer("GET", JOB, polled(job("processing", 50, current_stage="motion_analysis")))
    result, heard = watched(client)
    assert result.status == "completed"
    assert percents(heard) == [0, 1, 50, None, 90, 100]
    assert [request.headers.get("last-event-id") for request in fake.asked("/events")] == [None, "2"]


@pytest.mark.parametrize(
    "stream",
    [
        failure(404, "NOT_FOUND"),
        failure(500, "INTERNAL_ERROR"),
        PlainTextResponse("<html>"),
        Response(status_code=204),
        events([], ends=False),
        events([]),
    ],
    ids=["404", "500", "html", "204", "broken", "empty"],
)
def test_without_a_stream_the_job_is_polled(fake: Fake, client: Client, stream: Any) -> None:
    fake.answer("GET", EVENTS, stream)
    states = [job("queued"), *(job("processing", percent) for percent in (10, 20, 30, 40)), job("completed", 100)]
    fake.answer("GET", JOB, polled(*states))
    result, heard = watched(client)
    assert result.status == "completed"
    assert percents(heard) == [0, 10, 20, 30, 40, 100]
    assert len(fake.asked("/events")) == 3, "it does not hammer a stream that is not there"


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_watching_returns_however_the_job_ended(fake: Fake, client: Client, status: str) -> None:
    fake.answer("GET", EVENTS, events([*STORY[:2], {"status": status, "progress_percent": 1}]))
    error = {"stage": "rendering", "message": "no space left"} if status == "failed" else None
    fake.answer("GET", f"{JOB}/result", job(status, 1, error=error))
    result, _ = watched(client)
    assert result.status == status
    assert (result.error is None) == (status == "cancelled")


def test_watching_an_unknown_job(fake: Fake, client: Client) -> None:
    for path in (JOB, EVENTS):
        fake.answer("GET", path, failure(404, "JOB_NOT_FOUND"))
    with pytest.raises(ApiError) as error:
        watched(client)
    assert error.value.code == "JOB_NOT_FOUND"


def test_watching_survives_a_restart_of_the_server(fake: Fake, server: Server, client: Client) -> None:
    """The server goes away in the middle of the stream and is back a second later with the rest of the story."""
    fake.answer("GET", EVENTS, events(STORY[:2], STORY, ends=False))
    fake.answer("GET", JOB, polled(job("processing", 50)))
    heard: list[JobEvent] = []
    restarts: list[threading.Thread] = []

    def restart() -> None:
        server.stop()
        time.sleep(1.0)
        server.start()

    def on_progress(event: JobEvent) -> None:
        heard.append(event)
        if event.id == "2":
            restarts.append(threading.Thread(target=restart))
            restarts[0].start()

    try:
        result = client.watch(JOB_ID, on_progress, poll_s=0.05, patience_s=10)
    finally:
        for thread in restarts:
            thread.join()
    assert result.status == "completed"
    assert percents(heard)[:2] == [0, 1]
    assert percents(heard)[-2:] == [90, 100]


def test_watching_gives_up_when_the_server_stays_away(fake: Fake, server: Server, client: Client) -> None:
    server.stop()
    try:
        began = time.monotonic()
        with pytest.raises(NoServer):
            watched(client, patience_s=0.6)
        assert time.monotonic() - began < 8
    finally:
        server.start()


def test_what_the_listener_raises_ends_the_watching(fake: Fake, client: Client) -> None:
    def stop(_event: JobEvent) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError):
        client.watch(JOB_ID, stop)
    assert len(fake.seen) == 1
