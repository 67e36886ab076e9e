"""The clean-up removes what is old or orphaned, and nothing of a live job."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from reelprint.bootstrap.service import Service, service
from reelprint.core.jobs import JobOutput
from reelprint.settings import Settings
from reelprint.worker.retention import retain
from tests.integration.db.conftest import new_job
from tests.integration.db.test_jobs import sql
from tests.integration.db.videos import video

OLD_S = 2 * 86_400


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("REELPRINT_DATA_DIR", str(tmp_path))
    for name, value in {"UPLOADS_DAYS": "1", "OUTPUTS_DAYS": "1", "CACHE_DAYS": "1"}.items():
        monkeypatch.setenv(name, value)
    return Settings()


def age(root: Path) -> None:
    """Make every file below two days old."""
    then = time.time() - OLD_S
    for path in root.rglob("*"):
        if path.is_file():
            os.utime(path, (then, then))


def keys(parts: Service) -> set[str]:
    return {item.key for item in parts.storage.list()}


def test_old_things_and_orphans_go_and_a_live_job_keeps_everything(
    database_url: str, settings: Settings, tmp_path: Path
) -> None:
    async def work() -> None:
        parts = service(settings, database_url)
        try:
            live, done, old = new_job(video_id="vid_live"), new_job(video_id="vid_done"), new_job(video_id="vid_old")
            for name in ("vid_live", "vid_done", "vid_old", "vid_unused"):
                await parts.db.videos.create(video(name, age_days=2))
            for job in (live, done, old):
                await parts.db.jobs.create(job, max_queued=9)
                await parts.db.attempts.start(job.job_id, "w")
            for job in (done, old):
                film = JobOutput(film=f"outputs/{job.job_id}/2/film.mp4")
                await parts.db.attempts.complete(job.job_id, 1, {}, film)
            await sql(
                parts.db, "UPDATE jobs SET completed_at = now() - interval '2 days' WHERE job_id = :id", id=old.job_id
            )
            stored = [f"videos/{name}" for name in ("vid_live", "vid_done", "vid_old", "vid_unused", "vid_no_row")]
            for job in (live, done, old):
                stored += [f"outputs/{job.job_id}/{attempt}/film.mp4" for attempt in (1, 2)]
                stored.append(f"work/{job.job_id}/plan.json")
            stored += ["outputs/job_nobody/1/film.mp4", "work/job_nobody/plan.json", "cache/films/aa/old"]
            for key in stored:
                parts.storage.put(key, b"x")
            age(tmp_path)
            parts.storage.put("cache/films/aa/new", b"x")
            parts.storage.put("videos/vid_arriving", b"x")
            await retain(parts)
            kept = {f"outputs/{live.job_id}/1/film.mp4", f"outputs/{live.job_id}/2/film.mp4"}
            kept |= {f"work/{live.job_id}/plan.json", f"outputs/{done.job_id}/2/film.mp4"}
            kept |= {"videos/vid_live", "videos/vid_done", "videos/vid_arriving", "cache/films/aa/new"}
            assert keys(parts) == kept
        finally:
            await parts.close()

    asyncio.run(work())


def test_an_upload_is_kept_as_long_after_the_last_job_that_used_it(database_url: str, settings: Settings) -> None:
    async def work() -> None:
        parts = service(settings, database_url)
        try:
            await parts.db.videos.create(video("vid_used", age_days=30))
            job = new_job(video_id="vid_used")
            await parts.db.jobs.create(job, max_queued=9)
            await parts.db.jobs.cancel("local", job.job_id)
            parts.storage.put("videos/vid_used", b"x")
            await retain(parts)
            assert keys(parts) == {"videos/vid_used"}
            await sql(parts.db, "UPDATE jobs SET completed_at = now() - interval '25 hours'")
            await retain(parts)
            assert keys(parts) == set()
        finally:
            await parts.close()

    asyncio.run(work())
