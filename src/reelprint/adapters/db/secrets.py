"""What came with a job and must not be seen again: kept apart from its row, for as long as it is needed."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.database import Database
from reelprint.adapters.db.tables import JOB_SECRETS


@dataclass(frozen=True)
class JobSecrets:
    """``gemini_key`` goes when the job ends; ``webhook_secret`` (``whsec_...``) is needed as long as the webhook can be
    sent again, which is as long as the job is there.
    """

    gemini_key: str | None = field(default=None, repr=False)
    webhook_secret: str | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return self.gemini_key is not None or self.webhook_secret is not None


class Secrets:
    """The table of jobs' secrets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_job(self, job_id: str) -> JobSecrets:
        """The secrets of a job; empty when there are none (any more)."""

        async def work(connection: AsyncConnection) -> JobSecrets:
            query = select(JOB_SECRETS).where(JOB_SECRETS.c.job_id == job_id)
            row = (await connection.execute(query)).one_or_none()
            return JobSecrets() if row is None else JobSecrets(row.gemini_key, row.webhook_secret)

        return await self._database.run(work, one_statement=True)


async def keep_secrets(connection: AsyncConnection, job_id: str, secrets: JobSecrets) -> None:
    """Store what came with a new job, in the transaction that makes it."""
    if secrets:
        values = {"gemini_key": secrets.gemini_key, "webhook_secret": secrets.webhook_secret}
        await connection.execute(insert(JOB_SECRETS).values(job_id=job_id, **values))


async def forget_gemini_key(connection: AsyncConnection, job_id: str) -> None:
    """The job has ended."""
    await connection.execute(update(JOB_SECRETS).where(JOB_SECRETS.c.job_id == job_id).values(gemini_key=None))
