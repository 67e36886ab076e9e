"""``reelprint serve`` itself, with its real API, workers and database."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from reelprint.adapters.db.embedded import Embedded, running, running_url
from reelprint.adapters.db.leftovers import server_processes
from tests.processes import gone, lives, until

ENV = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_URL", "REELPRINT_"))}


class Service:
    """One ``reelprint serve``."""

    def __init__(self, data: Path, *args: str, **env: str) -> None:
        self.data = data
        with (data.parent / "stderr").open("ab") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "reelprint", "serve", "--port", "0", *args],
                env={**ENV, "REELPRINT_DATA_DIR": str(data), **env},
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.fullmatch(r"Reelprint is ready: http://127\.0\.0\.1:(\d+)\n", line)
        assert found, f"{line!r}\n{(data.parent / 'stderr').read_text()}"
        self.port = int(found[1])

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def health(self) -> dict[str, object]:
        status, body = self.get("/api/v1/health")
        return json.loads(body)["data"] if status == 200 else {}

    def children(self) -> dict[int, str]:
        """Number and command line of each child."""
        found = {}
        for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            if lives(int(pid)):
                found[int(pid)] = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        return found

    def child(self, part: str) -> int | None:
        return next((pid for pid, line in self.children().items() if part in line), None)

    def everybody(self) -> list[int]:
        return [self.process.pid, *self.children(), *server_processes(self.data / "database")]

    def end(self, sign: int = signal.SIGTERM) -> float:
        """Seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(sign)
        self.process.wait(25)
        return time.monotonic() - began


@contextmanager
def served(data: Path, *args: str, **env: str) -> Iterator[Service]:
    service = Service(data, *args, **env)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            service.end()
        assert service.process.stdout is not None
        service.process.stdout.close()


def refused(data: Path, *args: str, **env: str) -> str:
    """What it says on stderr as it ends with code 2."""
    data.parent.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "reelprint", "serve", *args],
        env={**ENV, "REELPRINT_DATA_DIR": str(data), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr.splitlines()[-1]


def test_a_service_from_nothing_to_its_end_and_again(place: Path) -> None:
    with served(place, "--workers", "2") as service:
        lines = list(service.children().values())
        assert sum("worker" in line for line in lines) == 2
        assert sum("reelprint.api.main" in line for line in lines) == 1
        assert until(lambda: service.health().get("workers") == 2)
        said = refused(place, "--port", "0")
        assert f"(process {service.process.pid}) runs on {place} already" in said
        with running(place) as url, psycopg.connect(url) as database:
            database.execute("CREATE TABLE kept (n int)")
        everybody = service.everybody()
        assert service.end() < 20
        assert service.process.returncode == 0
        assert all(gone(pid) for pid in everybody)
    assert running_url(place) is None
    for name in ("serve", "api", "worker", "worker-2"):
        for line in (place / "log" / f"{name}.log").read_text().splitlines():
            assert json.loads(line)["service"] == name.split("-")[0]
    with served(place, MAX_CONCURRENT_JOBS="1") as service:
        assert sum("worker" in line for line in service.children().values()) == 1
        url = running_url(place)
        assert url is not None
        with psycopg.connect(url) as database:
            assert database.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        assert service.end(signal.SIGINT) < 20
        assert service.process.returncode == 0


def test_whatever_is_killed_comes_again_and_no_request_is_refused(place: Path) -> None:
    with served(place, "--workers", "1") as service:
        for part in ("reelprint.api.main", "reelprint worker", "bin/postgres"):
            pid = service.child(part)
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            assert gone(pid)
            status, _ = service.get("/api/v1/jobs/job_000000000000")
            assert status == 404, f"after the end of {part}"
            assert until(lambda pid=pid, part=part: service.child(part) not in (None, pid))
            assert until(service.health)


def test_a_killed_root_takes_all_along_and_the_next_goes_on(place: Path) -> None:
    with served(place, "--workers", "1") as service:
        everybody = service.everybody()
        assert len(everybody) > 6
        service.process.kill()
        service.process.wait(5)
        assert all(gone(pid) for pid in everybody)
    with served(place, "--workers", "1") as service:
        assert service.health()["database"] == "ok"


def test_refusals(place: Path) -> None:
    assert "without an API key" in refused(place, "--host", "0.0.0.0", "--port", "0")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} on 127.0.0.1 is in use" in refused(place, "--port", str(port))
    assert "cannot listen on no.such.host.invalid" in refused(place, "--port", "0", HOST="no.such.host.invalid")
    assert "DATABASE_URL" in refused(place, "--port", "0", DATABASE_URL="mysql://somewhere")
    assert server_processes(place / "database") == []


def test_two_services_and_a_worker_on_one_database(place: Path) -> None:
    database = Embedded(place)
    url = database.start()
    one, two = place.parent / "one", place.parent / "two"
    try:
        with (
            served(one, "--workers", "1", DATABASE_URL=url) as first,
            served(two, "--workers", "1", DATABASE_URL=url) as second,
        ):
            extra = subprocess.Popen(
                [sys.executable, "-m", "reelprint", "worker"],
                env={**ENV, "DATA_DIR": str(one), "DATABASE_URL": url},
                stderr=subprocess.DEVNULL,
            )
            assert until(lambda: second.health().get("workers") == 3)
            assert not any("postgres" in line for line in first.children().values())
            extra.terminate()
            assert extra.wait(20) == 0
            assert until(lambda: first.health().get("workers") == 2)
            assert first.end() < 20
            assert second.health()["status"] == "ok"
    finally:
        database.stop()


def test_a_worker_without_a_service_says_what_to_do(place: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "reelprint", "worker"],
        env={**ENV, "DATA_DIR": str(place)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "start `reelprint serve` with this DATA_DIR, or set DATABASE_URL" in done.stderr


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_stopped_while_starting(place: Path, sign: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "reelprint", "serve", "--port", "0"],
        env={**ENV, "REELPRINT_DATA_DIR": str(place)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert until(lambda: (place / "database").exists() or list(place.glob("database.new-*")))
    process.send_signal(sign)
    out, _ = process.communicate(timeout=25)
    assert (process.returncode, out) == (0, b"")
    assert server_processes(place / "database") == []
