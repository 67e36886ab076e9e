"""Attempts at clips jobs: what the child is told, what it hands out, and what of it stays."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from reelprint.adapters.db.secrets import JobSecrets
from reelprint.bootstrap.service import Service, service
from reelprint.core.clips import ClipOptions, ClipsAsked, CostAnalysis
from reelprint.core.clips_shown import clip_files
from reelprint.core.jobs import ClipDone, CostKnown, Job, MustEnd, RunDone, RunFailed, RunMessage, RunSpec, StageBegan
from reelprint.core.progress import Stage
from reelprint.settings import Settings
from reelprint.worker.attempt import Attempt, Ending
from reelprint.worker.retention import retain
from reelprint.worker.tidying import tidy
from tests.integration.db.conftest import new_job
from tests.integration.db.test_jobs import sql
from tests.integration.worker.test_attempt import child_runs
from tests.stored_clips import stored_clip

JOB_ID = "6f1f9c1e-8a53-4d0e-9d0b-2f6f3c1a7b42"
GEMINI_KEY = "AIza-not-a-real-key"
COST = CostAnalysis(total_cost=0.0125, gemini_api_calls=1, input_tokens=900, output_tokens=80, language_model="g")

#: Keeps what it was told and its environment, says the given lines, then waits or ends.
SAYS = """
import json, os, pathlib, sys, time
spec = sys.stdin.readline()
pathlib.Path({seen!r}).write_text(json.dumps({{"spec": json.loads(spec), "environment": dict(os.environ)}}))
for line in {lines!r}:
    print(line, flush=True)
time.sleep({linger})
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("REELPRINT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LLM_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("LLM_API_KEY", "sk-the-operators")
    monkeypatch.setenv("reelprint_llm_api_key", "sk-the-operators")
    return Settings()


def clips_job(**changes: Any) -> Job:
    asked = ClipsAsked(url="https://films.example/talk.mp4", options=ClipOptions(target_clips=3))
    return new_job(**({"job_id": JOB_ID, "kind": "clips", "task": "clips", "clips": asked} | changes))


class Worker:
    """Runs attempts at one clips job with children of the test's own."""

    def __init__(self, parts: Service, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.parts, self._monkeypatch, self._seen = parts, monkeypatch, folder / "seen.json"

    async def attempt(self, *says: RunMessage, linger_s: float = 0.0, cancel: bool = False) -> Ending:
        """One attempt whose child says this; it has put the clips' files in storage before."""
        job = await self.parts.db.attempts.start(JOB_ID, "w")
        assert job is not None
        lines = [message.to_json() for message in says]
        child_runs(self._monkeypatch, SAYS.format(seen=str(self._seen), lines=lines, linger=linger_s))
        for message in says:
            if isinstance(message, ClipDone):
                self.put(message, job.attempt)
        running = asyncio.create_task(Attempt(job, self.parts, asyncio.Event()).run())
        if cancel:
            while len(await self.listed()) < sum(isinstance(message, ClipDone) for message in says):
                await asyncio.sleep(0.02)
            await self.parts.db.jobs.cancel("local", JOB_ID)
        return await running

    def put(self, done: ClipDone, attempt: int) -> None:
        for _, key in clip_files(done.clip):
            self.parts.storage.put(key, b"x")
        self.parts.storage.put(f"outputs/{JOB_ID}/{attempt}/half-written.mp4", b"x")
        self.parts.storage.put(f"work/{JOB_ID}/picks.json", b"x")

    async def listed(self) -> list[str]:
        (row,) = await sql(self.parts.db, "SELECT clips_done FROM jobs")
        return [clip["film"] for clip in row.clips_done]

    def told(self) -> tuple[RunSpec, dict[str, str]]:
        """What the last child was told, and its environment."""
        seen = json.loads(self._seen.read_text())
        return RunSpec.model_validate_json(json.dumps(seen["spec"])), seen["environment"]

    def stored(self) -> set[str]:
        return {item.key for item in self.parts.storage.list()}


@pytest.fixture
def on_a_job(
    database_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[Callable[[Worker], Awaitable[None]]], None]:
    """Run a test on a new clips job."""

    def run(work: Callable[[Worker], Awaitable[None]], secrets: JobSecrets | None = None) -> None:
        async def all_of_it() -> None:
            parts = service(settings, database_url)
            try:
                await parts.db.jobs.create(clips_job(), max_queued=9, secrets=secrets)
                await work(Worker(parts, monkeypatch, tmp_path))
            finally:
                await parts.close()

        asyncio.run(all_of_it())

    return run


def done(number: int, attempt: int = 1) -> ClipDone:
    return ClipDone(clip=stored_clip(JOB_ID, number, attempt=attempt))


def keys(*clips: ClipDone) -> set[str]:
    return {key for one in clips for _, key in clip_files(one.clip)}


def test_what_the_child_is_told_and_what_not(on_a_job: Any) -> None:
    async def work(worker: Worker) -> None:
        assert await worker.attempt(RunDone()) == "ended"
        spec, environment = worker.told()
        assert (spec.task, spec.footage, spec.clips_done) == ("clips", None, ())
        assert spec.clips is not None and spec.clips.url == "https://films.example/talk.mp4"
        assert spec.clips.options.target_clips == 3
        assert spec.language_model is not None
        assert (spec.language_model.kind, spec.language_model.api_key) == ("openai", "sk-the-operators")
        assert not [name for name in environment if name.upper().endswith("LLM_API_KEY")]
        assert "REELPRINT_DATA_DIR" in environment

    on_a_job(work)


def test_the_key_of_the_request_goes_before_the_operators(on_a_job: Any) -> None:
    async def work(worker: Worker) -> None:
        assert await worker.attempt(RunFailed(code="X", message="no")) == "ended"
        spec, _ = worker.told()
        assert spec.language_model is not None
        assert (spec.language_model.kind, spec.language_model.api_key) == ("gemini", GEMINI_KEY)
        assert (await worker.parts.db.secrets.of_job(JOB_ID)).gemini_key is None, "the job has ended"

    on_a_job(work, secrets=JobSecrets(gemini_key=GEMINI_KEY))


def test_style_jobs_know_of_no_language_model(
    database_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def work() -> None:
        parts = service(settings, database_url)
        try:
            await parts.db.jobs.create(new_job(job_id=JOB_ID), max_queued=9)
            worker = Worker(parts, monkeypatch, tmp_path)
            await worker.attempt(RunFailed(code="X", message="no"))
            assert worker.told()[0].language_model is None
        finally:
            await parts.close()

    asyncio.run(work())


def test_clips_and_cost_come_into_the_row_and_only_they_stay(on_a_job: Any) -> None:
    async def work(worker: Worker) -> None:
        said = (CostKnown(cost=COST), done(2), done(1), RunDone())
        assert await worker.attempt(*said) == "ended"
        job = await worker.parts.db.jobs.get("local", JOB_ID)
        assert (job.status, job.cost, job.style_json, job.output) == ("completed", COST, None, None)
        assert [clip.pick.number for clip in job.clips_done] == [1, 2]
        assert worker.stored() == keys(done(1), done(2))

    on_a_job(work)


def test_another_attempt_goes_on_and_the_clips_of_the_first_stay(on_a_job: Any) -> None:
    async def work(worker: Worker) -> None:
        assert await worker.attempt(done(1), linger_s=0.0) == "lost", "it ended without a word"
        assert worker.stored() == keys(done(1)) | {f"work/{JOB_ID}/picks.json"}
        await tidy(worker.parts, JOB_ID)
        await retain(worker.parts)
        assert keys(done(1)) < worker.stored()
        assert await worker.attempt(done(2, attempt=3), RunDone()) == "ended"
        assert worker.told()[0].clips_done == ("clip_01",)
        await tidy(worker.parts, JOB_ID)
        assert worker.stored() == keys(done(1), done(2, attempt=3))
        assert await worker.listed() == [done(1).clip.film, done(2, attempt=3).clip.film]

    on_a_job(work)


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
def test_clips_of_a_job_that_ended_badly_stay_until_the_job_goes(on_a_job: Any, ending: str) -> None:
    async def work(worker: Worker) -> None:
        if ending == "failed":
            assert await worker.attempt(done(1), RunFailed(code="X", message="the disk is full")) == "ended"
        else:
            assert await worker.attempt(done(1), linger_s=60, cancel=True) == "fenced"
        job = await worker.parts.db.jobs.get("local", JOB_ID)
        assert job.status == ending and len(job.clips_done) == 1
        await tidy(worker.parts, JOB_ID)
        assert worker.stored() == keys(done(1))
        await sql(worker.parts.db, "UPDATE jobs SET completed_at = now() - interval '1 year'")
        await retain(worker.parts)
        assert worker.stored() == set()
        assert await sql(worker.parts.db, "SELECT * FROM job_secrets") == []

    on_a_job(work, secrets=JobSecrets(webhook_secret="whsec_eA=="))


def test_what_cannot_stop_by_itself_is_ended(on_a_job: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reelprint.worker.attempt._TO_SAY_S", 0.1)

    async def work(worker: Worker) -> None:
        must_end = MustEnd(what="fetching the film", within_s=0.2)
        began = StageBegan(stage=Stage.VIDEO_ANALYSIS)
        assert await worker.attempt(began, must_end, linger_s=60.0) == "ended"
        job = await worker.parts.db.jobs.get("local", JOB_ID)
        assert (job.status, job.lost_workers) == ("failed", 0)
        assert job.error is not None
        assert (job.error.stage, job.error.message) == ("video_analysis", "fetching the film took too long")

    on_a_job(work)


def test_what_was_over_in_time_is_left_alone(on_a_job: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reelprint.worker.attempt._TO_SAY_S", 0.1)

    async def work(worker: Worker) -> None:
        says = [MustEnd(what="fetching the film", within_s=0.2), MustEnd(what="fetching the film"), RunDone()]
        assert await worker.attempt(*says[:2], linger_s=1.5) == "lost", "its child ended without a word"
        assert await worker.attempt(*says) == "ended"
        assert (await worker.parts.db.jobs.get("local", JOB_ID)).status == "completed"

    on_a_job(work)
