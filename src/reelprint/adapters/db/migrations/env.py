"""Alembic's entry: runs on the connection that ``migrate`` opened."""

from alembic import context

from reelprint.adapters.db.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
