"""Clips jobs: what is asked for, the clips that are done, the cost; secrets that belong to one job."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_CHANGES = """
ALTER TABLE jobs
    ADD COLUMN clips jsonb,
    ADD COLUMN clips_done jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN cost jsonb;
CREATE TABLE job_secrets (
    job_id text PRIMARY KEY REFERENCES jobs (job_id) ON DELETE CASCADE,
    gemini_key text,
    webhook_secret text
);
"""


def upgrade() -> None:
    """Add them; jobs that are there already are style jobs and have none of it."""
    op.get_bind().exec_driver_sql(_CHANGES)
