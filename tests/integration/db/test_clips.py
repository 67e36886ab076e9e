"""Clips jobs in the database: secrets that go with their job, and a schema that older rows live through."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from reelprint.adapters.db import migrate as migrating
from reelprint.adapters.db.database import driver_url
from reelprint.adapters.db.migrate import migrate
from reelprint.adapters.db.secrets import JobSecrets
from reelprint.adapters.db.store import Store
from reelprint.core.clips import ClipsAsked
from tests.integration.db.conftest import new_job, opened
from tests.integration.db.test_jobs import sql
from tests.stored_clips import stored_clip

SECRETS = JobSecrets(gemini_key="AIza-not-a-real-key", webhook_secret="whsec_eA==")


def clips_job(**changes: Any) -> Any:
    return new_job(**({"kind": "clips", "task": "clips", "clips": ClipsAsked(url="https://f.example/a")} | changes))


def test_secrets_go_with_their_job(with_store: Any) -> None:
    async def work(store: Store) -> None:
        job = clips_job()
        await store.jobs.create(job, max_queued=9, secrets=SECRETS)
        assert await store.secrets.of_job(job.job_id) == SECRETS
        assert "AIza" not in repr(SECRETS) and "whsec" not in repr(SECRETS)
        await store.jobs.cancel("local", job.job_id)
        assert await store.secrets.of_job(job.job_id) == JobSecrets(webhook_secret="whsec_eA==")
        await sql(store, "UPDATE jobs SET completed_at = now() - interval '40 days'")
        await store.retention.old_jobs(30)
        assert await sql(store, "SELECT * FROM job_secrets") == []

    with_store(work)


def test_errors_of_the_database_do_not_repeat_secrets(with_store: Any) -> None:
    async def work(store: Store) -> None:
        with pytest.raises(DBAPIError) as error:
            await store.jobs.create(clips_job(), max_queued=9, secrets=JobSecrets(gemini_key="hush\x00hush"))
        assert "hush" not in str(error.value)

    with_store(work)


def test_clips_handed_out_at_the_same_time_are_all_listed(with_store: Any) -> None:
    async def work(store: Store) -> None:
        job = clips_job()
        await store.jobs.create(job, max_queued=9)
        await store.attempts.start(job.job_id, "w")
        numbers = [7, 3, 1, 5, 2, 6, 4, 3, 1]
        clips = [stored_clip(job.job_id, number) for number in numbers]
        assert all(await asyncio.gather(*(store.attempts.clip(job.job_id, 1, clip) for clip in clips)))
        found = await store.clips.done("local", job.job_id)
        assert [clip.pick.number for clip in found] == [1, 2, 3, 4, 5, 6, 7]

    with_store(work)


def test_jobs_from_before_clips_are_read_as_ever(postgres_url: str) -> None:
    from tests import postgres

    with postgres.database(postgres_url) as url:
        _back_to_the_first_version(url)
        with psycopg.connect(url) as connection:
            connection.execute(
                "INSERT INTO jobs (job_id, owner, kind, task, config, base_url) "
                "VALUES ('job_0123456789ab', 'local', 'style', 'clean', '{}', 'http://localhost:8000')"
            )
        migrate(url)

        async def look() -> None:
            async with opened(url) as store:
                job = await store.jobs.get("local", "job_0123456789ab")
                assert (job.clips, job.clips_done, job.cost) == (None, (), None)

        asyncio.run(look())


def _back_to_the_first_version(url: str) -> None:
    """An empty database with the schema of 0001."""
    engine = create_engine(driver_url(url))
    config = Config()
    config.set_main_option("script_location", str(migrating.Path(migrating.__file__).parent / "migrations"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
