"""A store on a fresh database, and jobs to put in it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from reelprint.adapters.db.store import Store
from reelprint.core.jobs import Job, JobConfig

T = TypeVar("T")
With = Callable[[Callable[[Store], Awaitable[T]]], T]


def new_job(**changes: Any) -> Job:
    """A queued job of the owner ``local``."""
    now = datetime.now(UTC)
    plain: dict[str, Any] = {
        "job_id": f"job_{secrets.token_hex(6)}",
        "owner": "local",
        "task": "apply",
        "config": JobConfig(),
        "base_url": "http://127.0.0.1:8000",
        "created_at": now,
        "updated_at": now,
    }
    return Job(**(plain | changes))


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """A store that is closed afterwards."""
    store = Store(url)
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
def with_store(database_url: str) -> Iterator[With[Any]]:
    """Run a coroutine function on a store of a fresh database."""

    def run(work: Callable[[Store], Awaitable[T]]) -> T:
        async def all_of_it() -> T:
            async with opened(database_url) as store:
                return await work(store)

        return asyncio.run(all_of_it())

    return run
