"""One connection pool, one way to run a transaction, and patience while PostgreSQL restarts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from reelprint.core.errors import Unavailable

T = TypeVar("T")

_PAUSE_S = 0.2
_CONNECT_S = 5

#: How a connection notices that the other side is gone without a word, and how PostgreSQL notices that we are.
PATIENCE: Mapping[str, Any] = {
    "connect_timeout": _CONNECT_S,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c idle_in_transaction_session_timeout=10s -c lock_timeout=5s",
}


def driver_url(url: str) -> str:
    """A PostgreSQL URL as SQLAlchemy wants it for psycopg 3."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    return url


class Database:
    """A pool of connections to one PostgreSQL."""

    def __init__(self, url: str, *, pool_size: int = 8, patience_s: float = 10.0) -> None:
        """``patience_s``: how long a transaction is tried again while the database is away."""
        self.url = url
        self.patience_s = patience_s
        self._engine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=_CONNECT_S,
            connect_args=dict(PATIENCE),
            # Errors get into logs, and some values are secrets.
            hide_parameters=True,
        )
        self._alone = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    async def run(
        self,
        work: Callable[[AsyncConnection], Awaitable[T]],
        *,
        patience_s: float | None = None,
        one_statement: bool = False,
    ) -> T:
        """Run ``work`` in one transaction and return what it returns.

        ``one_statement``: it has just one, which needs no transaction around it, and so a third of the round trips.

        When the database goes away it is run again from the start, also when the commit may already have happened:
        ``work`` has to be safe to repeat (guarded updates, identifiers made outside). Raises Unavailable.
        """
        deadline = time.monotonic() + (self.patience_s if patience_s is None else patience_s)
        engine = self._alone if one_statement else self._engine
        while True:
            try:
                # A connection that broke while it lay in the pool is found out here, and tried again like any other.
                async with engine.connect() if one_statement else engine.begin() as connection:
                    return await work(connection)
            except (OperationalError, InterfaceError, PoolTimeout, DBAPIError) as error:
                if not _away(error):
                    raise
                if time.monotonic() >= deadline:
                    raise Unavailable(
                        "the database does not answer", detail=str(getattr(error, "orig", error))
                    ) from None
            await asyncio.sleep(_PAUSE_S)

    async def check(self) -> None:
        """Raise Unavailable when the database does not answer now."""

        async def ask(connection: AsyncConnection) -> None:
            await connection.execute(text("SELECT 1"))

        await self.run(ask, patience_s=0)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


async def driver(connection: AsyncConnection) -> psycopg.AsyncConnection[Any]:
    """The psycopg connection below, for those who speak psycopg (Procrastinate) within the same transaction."""
    raw = await connection.get_raw_connection()
    found = raw.driver_connection
    if not isinstance(found, psycopg.AsyncConnection):
        raise TypeError(f"expected psycopg below SQLAlchemy, found {type(found).__name__}")
    return found


def _away(error: Exception) -> bool:
    if isinstance(error, DBAPIError) and not isinstance(error, (OperationalError, InterfaceError)):
        return bool(error.connection_invalidated)
    # Class 40 (deadlock, serialisation) is an OperationalError as well: repeating is right for it too.
    return True
