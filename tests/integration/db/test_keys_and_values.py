"""Keys are shown once and kept as hashes; turns are taken by one; old rows go, live ones stay."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from reelprint.adapters.db.retention import Results
from reelprint.adapters.db.store import Store
from reelprint.core.errors import NotFound
from reelprint.core.jobs import JobOutput
from tests.integration.db.conftest import new_job
from tests.integration.db.test_jobs import sql
from tests.integration.db.videos import video


def test_a_key_is_known_by_its_secret_until_it_is_revoked(with_store: Any) -> None:
    async def work(store: Store) -> None:
        assert not await store.keys.any_made()
        key, secret = await store.keys.create("studio")
        found = await store.keys.check(secret)
        assert found is not None and found.key_id == key.key_id
        for wrong in (secret[:-1] + ("A" if secret[-1] != "A" else "B"), secret.replace("rp_", "xx_"), "", "rp_"):
            assert await store.keys.check(wrong) is None
        kept = await sql(store, "SELECT row_to_json(keys)::text FROM keys")
        assert secret.rsplit("_", 1)[1] not in kept[0][0]
        await store.keys.revoke(key.key_id)
        assert not await store.keys.any_active()
        await asyncio.sleep(2.1)
        assert await store.keys.check(secret) is None
        assert await store.keys.any_made()
        with pytest.raises(NotFound):
            await store.keys.revoke("nobody")

    with_store(work)


def test_one_of_all_gets_the_turn(with_store: Any) -> None:
    async def work(store: Store) -> None:
        turns = await asyncio.gather(*(store.values.turn("sweep", 60) for _ in range(6)))
        assert turns.count(True) == 1
        assert await store.values.turn("sweep", 0)

    with_store(work)


def test_a_value_is_made_once(with_store: Any) -> None:
    async def work(store: Store) -> None:
        first = await store.values.get_or_create("secret", lambda: "one")
        assert first == await store.values.get_or_create("secret", lambda: "two") == "one"

    with_store(work)


def test_old_videos_go_unless_a_live_or_recent_job_reads_them(with_store: Any) -> None:
    async def work(store: Store) -> None:
        for number, age_days in enumerate((1, 40, 40, 40, 40)):
            await store.videos.create(video(f"vid_{number}", age_days))
        live = new_job(video_id="vid_2")
        template = new_job(video_id="vid_0", template_video_id="vid_3")
        recent = new_job(video_id="vid_4")
        for job in (live, template, recent):
            await store.jobs.create(job, max_queued=100)
        await store.jobs.cancel("local", recent.job_id)
        assert await store.retention.old_videos(30) == [("vid_1", "videos/vid_1")]
        assert (await store.videos.page("local", 1, 10))[1] == 4

    with_store(work)


def test_old_jobs_go_with_everything_of_theirs_and_live_ones_stay(with_store: Any) -> None:
    async def work(store: Store) -> None:
        old, live, owed = new_job(), new_job(), new_job(webhook_url="https://example.com")
        for job in (old, live, owed):
            await store.jobs.create(job, max_queued=100)
            await store.attempts.start(job.job_id, "w")
        for job in (old, owed):
            await store.attempts.complete(job.job_id, 1, {}, JobOutput(film=f"outputs/{job.job_id}/1/film.mp4"))
        await sql(store, "UPDATE jobs SET completed_at = now() - interval '40 days' WHERE status = 'completed'")
        assert await store.retention.old_jobs(30) == [(old.job_id, "local")], "a webhook that is owed keeps its job"
        assert await store.events.after(old.job_id, 0) == []
        assert await store.retention.live_jobs([old.job_id, live.job_id]) == {live.job_id}
        assert await store.retention.results([live.job_id, owed.job_id, old.job_id]) == {
            live.job_id: Results(live=True),
            owed.job_id: Results(named=frozenset([f"outputs/{owed.job_id}/1/film.mp4"])),
        }

    with_store(work)
