"""A real PostgreSQL for tests: the built-in one, once a session; a fresh database for whoever asks."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from reelprint.adapters.db.embedded import Embedded
from reelprint.adapters.db.migrate import migrate


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server of our own. Its folder is not pytest's: paths of sockets are short."""
    folder = Path(tempfile.mkdtemp(prefix="reelprint-pg-"))
    postgres = Embedded(folder)
    try:
        yield postgres.start()
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server_url: str) -> Iterator[str]:
    """The URL of a new, migrated database, which is gone afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
        try:
            migrate(url)
            yield url
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
