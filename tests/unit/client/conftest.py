"""A server for the tests of a module, with the job of its story on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reelprint.client import Client
from tests.unit.client.server import JOB_ID, STORY, Fake, Server, events, film, job, served

JOB = f"/jobs/{JOB_ID}"


@pytest.fixture(scope="module")
def _running() -> Iterator[tuple[Fake, Server]]:
    fake = Fake()
    with served(fake) as server:
        yield fake, server


@pytest.fixture
def fake(_running: tuple[Fake, Server]) -> Fake:
    """The server, as good as new."""
    fake, _ = _running
    fake.seen.clear()
    fake.first.clear()
    fake.ordinary.clear()
    fake.answer("GET", JOB, job("completed", 100))
    fake.answer("GET", f"{JOB}/events", events(STORY))
    fake.answer("GET", f"{JOB}/result", job("completed", 100, style_json={"version": "1.0"}, output_video_url="x"))
    fake.answer("GET", f"{JOB}/output", film())
    return fake


@pytest.fixture
def server(_running: tuple[Fake, Server]) -> Server:
    """To stop and start it."""
    return _running[1]


@pytest.fixture
def client(fake: Fake) -> Iterator[Client]:
    with Client(fake.url, "rp_key", patience_s=5) as client:
        yield client
