"""Servers to ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import postgres
from tests.integration.api.server import RunningApi


@pytest.fixture(scope="module")
def module_database(postgres_url: str) -> Iterator[str]:
    with postgres.database(postgres_url) as url:
        yield url


@pytest.fixture(scope="module")
def api(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    """A server without keys."""
    running = RunningApi(module_database, tmp_path_factory.mktemp("api"))
    yield running
    running.stop()
