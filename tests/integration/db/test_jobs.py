"""The job table: guarded, fenced, never backwards."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from reelprint.adapters.db.jobs import Repeat
from reelprint.adapters.db.store import Store
from reelprint.core.errors import Conflict, NotFound, RateLimited, ServiceError
from reelprint.core.jobs import JobError, JobOutput
from reelprint.core.progress import Stage
from tests.integration.db.conftest import new_job, opened
from tests.integration.db.videos import video

STYLE = {"version": "1.0"}


async def put(store: Store, **changes: Any) -> str:
    job = new_job(**changes)
    await store.jobs.create(job, max_queued=100)
    return job.job_id


async def sql(store: Store, statement: str, **values: Any) -> Any:
    async def work(connection: Any) -> Any:
        result = await connection.execute(text(statement), values)
        return result.all() if result.returns_rows else None

    return await store.database.run(work)


def test_the_life_of_a_job(with_store: Any) -> None:
    async def work(store: Store) -> None:
        job_id = await put(store)
        job = await store.attempts.start(job_id, "w1")
        assert job is not None and (job.status, job.attempt, job.progress_percent) == ("processing", 1, 1)
        assert await store.attempts.advance(job_id, 1, Stage.MOTION_ANALYSIS, 40)
        assert await store.attempts.stored(job_id, 1, Stage.STYLE_EXTRACTION, 0.5, STYLE)
        assert await store.attempts.complete(job_id, 1, STYLE, JobOutput(film="outputs/x/1/film.mp4"))
        view = await store.jobs.view("local", job_id)
        assert (view.status, view.progress_percent, view.current_stage) == ("completed", 100, None)
        whole = await store.jobs.get("local", job_id)
        assert whole.style_json == STYLE and whole.output is not None and whole.processing_time_seconds is not None
        told = [event.data.get("progress_percent") for event in await store.events.after(job_id, 0)]
        assert told == sorted(told) and told[-1] == 100

    with_store(work)


def test_progress_and_stage_never_go_back(with_store: Any) -> None:
    async def work(store: Store) -> None:
        job_id = await put(store)
        await store.attempts.start(job_id, "w1")
        await store.attempts.advance(job_id, 1, Stage.RENDERING, 90)
        assert await store.attempts.advance(job_id, 1, Stage.VIDEO_ANALYSIS, 5)
        view = await store.jobs.view("local", job_id)
        assert (view.progress_percent, view.current_stage) == (90, Stage.RENDERING)

    with_store(work)


def test_only_one_worker_gets_a_job(with_store: Any) -> None:
    async def work(store: Store) -> None:
        job_id = await put(store)
        taken = await asyncio.gather(*(store.attempts.start(job_id, f"w{number}") for number in range(6)))
        assert len([job for job in taken if job is not None]) == 1

    with_store(work)


@pytest.mark.parametrize("way", ["lose", "hand_back", "cancel", "complete"])
def test_an_attempt_that_lost_its_job_changes_nothing(with_store: Any, way: str) -> None:
    async def work(store: Store) -> None:
        job_id = await put(store)
        await store.attempts.start(job_id, "w1")
        match way:
            case "lose":
                await store.attempts.lose(job_id, 1, "gone")
            case "hand_back":
                await store.attempts.hand_back(job_id, 1)
            case "cancel":
                await store.jobs.cancel("local", job_id)
            case "complete":
                await store.attempts.complete(job_id, 1, STYLE, JobOutput())
        before = await store.jobs.get("local", job_id)
        attempts = store.attempts
        assert not await attempts.beat(job_id, 1)
        assert not await attempts.advance(job_id, 1, Stage.RENDERING, 95)
        assert not await attempts.stored(job_id, 1, Stage.RENDERING, 1.0, {"version": "zombie"})
        assert not await attempts.log(job_id, 1, "zombie")
        assert not await attempts.complete(job_id, 1, {"version": "zombie"}, JobOutput(film="zombie"))
        assert not await attempts.fail(job_id, 1, JobError(message="zombie"))
        assert not await attempts.hand_back(job_id, 1)
        assert not await attempts.lose(job_id, 1, "zombie")
        assert await store.jobs.get("local", job_id) == before

    with_store(work)


def test_the_third_lost_worker_fails_the_job_with_stage_and_reason(with_store: Any) -> None:
    async def work(store: Store) -> None:
        job_id = await put(store, webhook_url="https://example.com/hook")
        for number in range(3):
            job = await store.attempts.start(job_id, f"w{number}")
            assert job is not None
            await store.attempts.advance(job_id, job.attempt, Stage.MOTION_ANALYSIS, 40)
            assert await store.attempts.lose(job_id, job.attempt, "killed by signal 9")
        view = await store.jobs.view("local", job_id)
        assert view.status == "failed" and view.progress_percent == 40 and view.current_stage is None
        assert view.error is not None and view.error.stage == "motion_analysis"
        assert "3 workers" in view.error.message and "signal 9" in view.error.message
        delivery = await store.webhooks.of_job("local", job_id)
        assert delivery is not None and delivery.payload["type"] == "job.failed"

    with_store(work)


def test_silent_workers_are_found(with_store: Any) -> None:
    async def work(store: Store) -> None:
        silent, loud = await put(store), await put(store)
        await store.attempts.start(silent, "w1")
        await store.attempts.start(loud, "w2")
        await sql(store, "UPDATE jobs SET heartbeat_at = now() - interval '7 seconds' WHERE job_id = :id", id=silent)
        assert await store.attempts.find_lost() == [silent]
        again = await store.attempts.start(silent, "w3")
        assert again is not None and again.lost_workers == 1
        assert await store.attempts.beat(loud, 1)

    with_store(work)


def test_cancel_is_for_live_jobs_of_the_owner(with_store: Any) -> None:
    async def work(store: Store) -> None:
        job_id = await put(store)
        with pytest.raises(NotFound):
            await store.jobs.cancel("somebody else", job_id)
        assert (await store.jobs.cancel("local", job_id)).status == "cancelled"
        with pytest.raises(Conflict) as raised:
            await store.jobs.cancel("local", job_id)
        assert raised.value.code == "JOB_ALREADY_TERMINAL"
        assert await store.attempts.start(job_id, "w1") is None

    with_store(work)


def test_a_repeated_request_gets_the_first_answer(with_store: Any) -> None:
    async def work(store: Store) -> None:
        repeat = Repeat("key-1", "a" * 64)
        first = await store.jobs.create(new_job(), max_queued=100, repeat=repeat)
        await store.attempts.start(first.job_id, "w1")
        assert await store.jobs.create(new_job(), max_queued=100, repeat=repeat) == first
        assert (await store.jobs.page("local", 1, 10))[1] == 1
        with pytest.raises(ServiceError) as raised:
            await store.jobs.create(new_job(), max_queued=100, repeat=Repeat("key-1", "b" * 64))
        assert (raised.value.code, raised.value.status) == ("IDEMPOTENCY_KEY_REUSED", 422)
        other = await store.jobs.create(new_job(owner="other"), max_queued=100, repeat=repeat)
        assert other.job_id != first.job_id

    with_store(work)


def test_requests_at_once_with_one_key_make_one_job(with_store: Any) -> None:
    async def work(store: Store) -> None:
        repeat = Repeat("key-1", "a" * 64)
        made = [store.jobs.create(new_job(), max_queued=100, repeat=repeat) for _ in range(8)]
        answers = await asyncio.gather(*made, return_exceptions=True)
        refused = [answer for answer in answers if isinstance(answer, BaseException)]
        assert all(isinstance(one, Conflict) and one.code == "IDEMPOTENCY_CONFLICT" for one in refused)
        assert len({one.job_id for one in answers if not isinstance(one, BaseException)}) == 1
        assert (await store.jobs.page("local", 1, 10))[1] == 1

    with_store(work)


def test_the_queue_of_an_owner_is_limited(with_store: Any) -> None:
    async def work(store: Store) -> None:
        for _ in range(3):
            await store.jobs.create(new_job(), max_queued=3)
        with pytest.raises(RateLimited):
            await store.jobs.create(new_job(), max_queued=3)
        await store.jobs.create(new_job(owner="other"), max_queued=3)

    with_store(work)


def test_lost_queue_entries_are_made_again(with_store: Any) -> None:
    async def work(store: Store) -> None:
        job_id = await put(store)
        await sql(store, "DELETE FROM procrastinate_jobs")
        await sql(store, "UPDATE jobs SET updated_at = now() - interval '1 minute'")
        await store.attempts.hint_waiting()
        await store.attempts.hint_waiting()
        rows = await sql(store, "SELECT task_name, args FROM procrastinate_jobs WHERE status = 'todo'")
        assert [tuple(row) for row in rows] == [("run_job", {"subject": job_id})]

    with_store(work)


def test_pages_are_newest_first(with_store: Any) -> None:
    async def work(store: Store) -> None:
        made = [await put(store) for _ in range(5)]
        await store.jobs.cancel("local", made[0])
        views, total = await store.jobs.page("local", 1, 2)
        assert total == 5 and [view.job_id for view in views] == made[::-1][:2]
        assert (await store.jobs.page("local", 9, 2)) == ([], 5)
        views, total = await store.jobs.page("local", 1, 10, status="cancelled")
        assert (total, views[0].job_id) == (1, made[0])

    with_store(work)


def test_a_transaction_survives_a_broken_connection(database_url: str) -> None:
    async def all_of_it() -> None:
        async with opened(database_url) as store, opened(database_url) as other:
            job_id = await put(store)
            kill = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
            for _ in range(3):
                await sql(other, kill)
                assert (await store.jobs.view("local", job_id)).job_id == job_id

    asyncio.run(all_of_it())


def test_a_video_is_held_by_the_jobs_that_read_it(with_store: Any) -> None:
    async def work(store: Store) -> None:
        await store.videos.create(video("vid_a", age_days=1))
        job_id = await put(store, video_id="vid_a")
        with pytest.raises(Conflict) as raised:
            await store.videos.delete("local", "vid_a")
        assert raised.value.code == "VIDEO_IN_USE"
        await store.jobs.cancel("local", job_id)
        await store.videos.delete("local", "vid_a")
        with pytest.raises(NotFound):
            await put(store, video_id="vid_a")

    with_store(work)


def test_a_job_and_the_deletion_of_its_video_at_once_never_both_succeed(with_store: Any) -> None:
    async def work(store: Store) -> None:
        for number in range(20):
            name = f"vid_{number}"
            await store.videos.create(video(name, age_days=1))
            made, deleted = await asyncio.gather(
                put(store, template_video_id=name), store.videos.delete("local", name), return_exceptions=True
            )
            assert isinstance(made, NotFound) != isinstance(deleted, Conflict), (made, deleted)

    with_store(work)
