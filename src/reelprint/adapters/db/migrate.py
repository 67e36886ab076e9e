"""Bringing a database to the newest schema: ours by Alembic, and Procrastinate's within it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from reelprint.adapters.db.database import driver_url
from reelprint.core.errors import Unavailable

#: Held while migrating, so that machines that start together do it one after the other.
_LOCK = 7_301_994_110


def migrate(url: str) -> None:
    """Upgrade the database at ``url`` (postgresql://...). Raises Unavailable when it does not answer."""
    engine = create_engine(driver_url(url))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
            connection.commit()
            try:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                connection.commit()
            finally:
                connection.rollback()
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
                connection.commit()
    except OperationalError as error:
        raise Unavailable(f"the database does not answer: {error.orig}") from None
    finally:
        engine.dispose()
