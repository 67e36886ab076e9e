"""An attempt seen from the worker: a child of the test's own says what a real one could."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from reelprint.adapters.process import Child
from reelprint.bootstrap.service import Service, service
from reelprint.core.errors import ProcessFailed
from reelprint.core.jobs import Job
from reelprint.settings import Settings
from reelprint.worker import attempt as attempt_module
from reelprint.worker.attempt import Attempt, Ending
from tests.integration.db.conftest import new_job
from tests.integration.db.test_jobs import sql

TALKS = """
import time
for number in range(200):
    print('{"event": "progress", "stage": "video_analysis", "share": 0.001}', flush=True)
    time.sleep(0.05)
"""
FAILS = """
said = '{"event": "failed", "stage": "rendering", "code": "CORRUPT_VIDEO", "message": "it is broken"}'
print(said, flush=True)
"""
CRASHES = "import os; os.kill(os.getpid(), 9)"
DONE = """
import json, os, pathlib
print(json.dumps({"event": "done", "style": {"version": "1.0"}, "output": {"film": os.environ["FILM"]}}), flush=True)
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("REELPRINT_DATA_DIR", str(tmp_path))
    return Settings()


def child_runs(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    def start(_argv: list[str], **more: Any) -> Child:
        return Child([sys.executable, "-c", program], **more)

    monkeypatch.setattr(attempt_module, "Child", start)


def attempted(
    url: str, settings: Settings, during: Callable[[Service, Job], Awaitable[None]] | None = None
) -> tuple[Ending, Any]:
    """Run one attempt at a new job; its ending, and the row afterwards."""

    async def work() -> tuple[Ending, Any]:
        parts = service(settings, url)
        try:
            new = new_job()
            await parts.db.jobs.create(new, max_queued=9)
            job = await parts.db.attempts.start(new.job_id, "w")
            assert job is not None
            running = asyncio.create_task(Attempt(job, parts, asyncio.Event()).run())
            if during is not None:
                await during(parts, job)
            ending = await running
            return ending, (await sql(parts.db, "SELECT * FROM jobs"))[0]
        finally:
            await parts.close()

    return asyncio.run(work())


def test_a_child_that_talks_all_the_time_does_not_keep_the_heart_from_beating(
    database_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    child_runs(monkeypatch, TALKS)
    beats: list[Any] = []

    async def look(parts: Service, job: Job) -> None:
        for _ in range(6):
            await asyncio.sleep(0.5)
            beats.append((await sql(parts.db, "SELECT heartbeat_at FROM jobs"))[0][0])
        await parts.db.jobs.cancel("local", job.job_id)

    ending, row = attempted(database_url, settings, look)
    assert len(set(beats)) >= 4, "the row is asked every 0.4 s whatever is heard"
    assert (ending, row.status) == ("fenced", "cancelled"), "and so a cancelled job is noticed"


def test_a_failure_that_is_told_ends_the_job(
    database_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    child_runs(monkeypatch, FAILS)
    ending, row = attempted(database_url, settings)
    assert (ending, row.status) == ("ended", "failed")
    assert row.error == {"stage": "rendering", "message": "it is broken"}


def test_a_child_that_crashes_is_a_lost_worker(
    database_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    child_runs(monkeypatch, CRASHES)
    ending, row = attempted(database_url, settings)
    assert (ending, row.status, row.lost_workers) == ("lost", "processing", 1)


def test_a_machine_that_cannot_work_hands_the_job_back_unharmed(
    database_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Child:
        raise ProcessFailed("cannot start python: Cannot allocate memory")

    monkeypatch.setattr(attempt_module, "Child", refuse)
    ending, row = attempted(database_url, settings)
    assert (ending, row.status, row.lost_workers, row.heartbeat_at) == ("sick", "processing", 0, None)


def test_results_that_the_row_names_stay_and_others_go(
    database_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    child_runs(monkeypatch, DONE)
    kept: list[str] = []

    async def work() -> None:
        parts = service(settings, database_url)
        try:
            new = new_job()
            await parts.db.jobs.create(new, max_queued=9)
            job = await parts.db.attempts.start(new.job_id, "w")
            assert job is not None
            film = f"outputs/{job.job_id}/1/film.mp4"
            monkeypatch.setenv("FILM", film)
            for key in (film, f"outputs/{job.job_id}/1/unnamed", f"outputs/{job.job_id}/0/old", f"work/{job.job_id}/a"):
                parts.storage.put(key, b"x")
            complete = parts.db.attempts.complete

            async def twice(*given: Any) -> bool:
                """As when the answer to the commit was lost and the transaction is run again."""
                assert await complete(*given)
                return await complete(*given)

            monkeypatch.setattr(parts.db.attempts, "complete", twice)
            assert await Attempt(job, parts, asyncio.Event()).run() == "ended"
            kept.extend(item.key for item in parts.storage.list())
            assert kept == [film]
        finally:
            await parts.close()

    asyncio.run(work())
