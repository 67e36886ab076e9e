"""The tables (migrations/ makes them; a test keeps both the same)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION, JSONB

METADATA = MetaData()
_JSON = JSONB(none_as_null=True)


def _time(name: str, *, nullable: bool = True, now: bool = False) -> Column[object]:
    default = func.now() if now else None
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default)


KEYS = Table(
    "keys",
    METADATA,
    Column("key_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("secret_sha256", Text, nullable=False),
    _time("created_at", nullable=False, now=True),
    _time("revoked_at"),
)

VIDEOS = Table(
    "videos",
    METADATA,
    Column("video_id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("file_size_bytes", BigInteger, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("storage_url", Text, nullable=False),
    Column("metadata", _JSON, nullable=False),
    Column("template_video_id", Text),
    Column("webhook_url", Text),
    _time("uploaded_at", nullable=False, now=True),
    Index("videos_of_owner", "owner", "uploaded_at"),
)

JOBS = Table(
    "jobs",
    METADATA,
    Column("job_id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("video_id", Text),
    Column("template_video_id", Text),
    Column("config", _JSON, nullable=False),
    Column("style", _JSON),
    Column("clips", _JSON),
    Column("webhook_url", Text),
    Column("base_url", Text, nullable=False),
    Column("request_id", Text),
    Column("status", Text, nullable=False, server_default="queued"),
    Column("progress_percent", Integer, nullable=False, server_default="0"),
    Column("current_stage", Text),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("lost_workers", Integer, nullable=False, server_default="0"),
    Column("worker", Text),
    _time("heartbeat_at"),
    _time("created_at", nullable=False, now=True),
    _time("updated_at", nullable=False, now=True),
    _time("started_at"),
    _time("completed_at"),
    Column("style_json", _JSON),
    Column("output", _JSON),
    Column("clips_done", _JSON, nullable=False, server_default="[]"),
    Column("cost", _JSON),
    Column("error", _JSON),
    Index("jobs_of_owner", "owner", "created_at"),
    Index("jobs_by_status", "status", "heartbeat_at"),
    Index("jobs_by_end", "completed_at"),
)

JOB_SECRETS = Table(
    "job_secrets",
    METADATA,
    Column("job_id", Text, ForeignKey("jobs.job_id", ondelete="CASCADE"), primary_key=True),
    Column("gemini_key", Text),
    Column("webhook_secret", Text),
)

EVENTS = Table(
    "events",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("job_id", Text, ForeignKey("jobs.job_id", ondelete="CASCADE"), nullable=False),
    _time("at", nullable=False, now=True),
    Column("data", _JSON, nullable=False),
    Index("events_of_job", "job_id", "id"),
)

STAGE_TIMES = Table(
    "stage_times",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("stage", Text, nullable=False),
    Column("seconds", DOUBLE_PRECISION, nullable=False),
    _time("at", nullable=False, now=True),
)

STYLES = Table(
    "styles",
    METADATA,
    Column("style_id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("style_json", _JSON, nullable=False),
    _time("created_at", nullable=False, now=True),
    Index("styles_of_owner", "owner", "created_at"),
)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("delivery_id", Text, primary_key=True),
    Column("job_id", Text, ForeignKey("jobs.job_id", ondelete="CASCADE"), nullable=False),
    Column("owner", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("payload", _JSON, nullable=False),
    Column("state", Text, nullable=False, server_default="pending"),
    _time("created_at", nullable=False, now=True),
    _time("next_at"),
    _time("claimed_until"),
    UniqueConstraint("job_id", name="one_delivery_a_job"),
    Index("deliveries_due", "state", "next_at"),
)

DELIVERY_ATTEMPTS = Table(
    "delivery_attempts",
    METADATA,
    Column(
        "delivery_id", Text, ForeignKey("deliveries.delivery_id", ondelete="CASCADE"), primary_key=True, nullable=False
    ),
    Column("number", Integer, primary_key=True, nullable=False, autoincrement=False),
    _time("at", nullable=False),
    Column("status_code", Integer),
    Column("error", Text),
    Column("duration_ms", Integer),
)

IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("owner", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_sha256", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("answer", _JSON, nullable=False),
    _time("created_at", nullable=False, now=True),
)

WORKERS = Table(
    "workers",
    METADATA,
    Column("worker", Text, primary_key=True),
    _time("started_at", nullable=False, now=True),
    _time("seen_at", nullable=False, now=True),
)

KEPT_VALUES = Table(
    "kept_values",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
