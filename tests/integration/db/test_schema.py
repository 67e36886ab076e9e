"""The migrations make what the code believes there is."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from reelprint.adapters.db.database import driver_url
from reelprint.adapters.db.migrate import migrate
from reelprint.adapters.db.tables import METADATA


def test_migrations_and_tables_agree(database_url: str) -> None:
    engine = create_engine(driver_url(database_url))
    try:
        with engine.connect() as connection:

            def ours(item: object, name: str, kind: str, *_: object) -> bool:
                return not (kind == "table" and name.startswith("procrastinate_"))

            options = {"include_object": ours, "compare_type": True}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, METADATA) == []
    finally:
        engine.dispose()


def test_migrating_again_changes_nothing(database_url: str) -> None:
    migrate(database_url)
    migrate(database_url)
