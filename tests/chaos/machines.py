"""Several "machines" that share one PostgreSQL and one S3-compatible endpoint: APIs and workers started separately."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from reelprint.adapters.storage.objects import ObjectStorage
from tests import postgres, s3
from tests.service import Service, free_port, start, wait_ready


@dataclass
class Machines:
    """``apis`` answer; ``workers`` are processes of their own; every one has its own data folder."""

    apis: list[Service]
    workers: list[Service]
    folder: Path
    env: dict[str, str]
    next_number: int = 0

    def add_worker(self) -> Service:
        """One more machine that works."""
        self.next_number += 1
        name = f"worker-{self.next_number}"
        worker = start("worker", data_dir=self.folder / name, port=0, env=self.env)
        self.workers.append(worker)
        return worker


@contextmanager
def several(folder: Path, apis: int = 2, workers: int = 3) -> Iterator[Machines]:
    """Start them; end them in order."""
    with ExitStack() as stack:
        server_url = stack.enter_context(postgres.server())
        url = stack.enter_context(postgres.database(server_url))
        bucket = s3.start_s3()
        stack.callback(bucket.stop)
        env = {"DATABASE_URL": url, "STORAGE_URL": f"s3://{s3.BUCKET}/reelprint", **bucket.environment}
        machines = Machines([], [], folder, env)
        try:
            for number in range(apis):
                port = free_port()
                machines.apis.append(
                    start(
                        "serve",
                        "--port",
                        str(port),
                        "--workers",
                        "0",
                        data_dir=folder / f"api-{number}",
                        port=port,
                        env=env,
                    )
                )
            for _ in range(workers):
                machines.add_worker()
            for api in machines.apis:
                wait_ready(api)
            yield machines
            for service in [*machines.workers, *machines.apis]:
                if service.process.poll() is None:
                    assert service.stop() == 0
        finally:
            for service in [*machines.workers, *machines.apis]:
                service.http.close()
                service.kill()


def bucket_keys(env: dict[str, str], prefix: str) -> list[str]:
    """What is below a prefix of the machines' storage."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        return sorted(item.key for item in ObjectStorage.s3(env["STORAGE_URL"]).list(prefix))
