"""A real API process on 127.0.0.1, with a database and a storage of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

MIB = 1024 * 1024


@dataclass
class ApiServer:
    """One process of the API, asked by plain HTTP."""

    process: subprocess.Popen[bytes]
    url: str
    data_dir: Path

    @property
    def v1(self) -> str:
        return f"{self.url}/api/v1"

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
            self.process.wait(20)

    def alive(self) -> bool:
        """It still answers."""
        return self.process.poll() is None and httpx.get(f"{self.v1}/videos").status_code == 200

    def rss_mb(self) -> float:
        """Resident memory of the process in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def open_files(self) -> list[str]:
        """What it has open below its data folder."""
        links = []
        for entry in Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                links.append(str(entry.readlink()))
            except FileNotFoundError:
                continue
        return [link for link in links if link.startswith(str(self.data_dir))]

    def files(self) -> list[str]:
        """Everything that uploads may leave: storage and scratch."""
        found = []
        for name in ("storage", "scratch"):
            # Folders come and go while they are walked, which os.walk does not mind.
            for folder, _, files in os.walk(self.data_dir / name):
                found += [str(Path(folder, file).relative_to(self.data_dir)) for file in files]
        return sorted(found)

    def videos(self) -> list[dict[str, Any]]:
        """Every video in the list."""
        answer = httpx.get(f"{self.v1}/videos", params={"page_size": 100})
        assert answer.status_code == 200
        found: list[dict[str, Any]] = answer.json()["videos"]
        return found

    def upload(self, path: Path, filename: str | None = None, **fields: str) -> httpx.Response:
        """The form upload of a file."""
        with path.open("rb") as file:
            parts = {"file": (path.name if filename is None else filename, file)}
            return httpx.post(f"{self.v1}/videos/upload", files=parts, data=fields, timeout=120)


def start_api(
    database_url: str,
    data_dir: Path,
    environment: Mapping[str, str] | None = None,
    port: int = 0,
    headers: Mapping[str, str] | None = None,
) -> ApiServer:
    """Start a process and wait until it answers. ``environment`` is added to ours, ``headers`` open the door."""
    if port == 0:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    data_dir.mkdir(parents=True, exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("REELPRINT_", "AWS_"))}
    env = inherited | {"DATABASE_URL": database_url, "REELPRINT_DATA_DIR": str(data_dir)} | dict(environment or {})
    argv = [sys.executable, "-m", "reelprint.api.main", "--host", "127.0.0.1", "--port", str(port)]
    log = (data_dir / "api.log").open("ab")
    process = subprocess.Popen(argv, env=env, stdout=log, stderr=log, start_new_session=True)
    log.close()
    server = ApiServer(process, f"http://127.0.0.1:{port}", data_dir)
    deadline = time.monotonic() + 60
    while True:
        try:
            httpx.get(f"{server.v1}/videos", timeout=10, headers=headers).raise_for_status()
            return server
        except httpx.HTTPError:
            if process.poll() is not None or time.monotonic() > deadline:
                server.stop(signal.SIGKILL)
                print((data_dir / "api.log").read_text()[-5000:])  # noqa: T201
                raise
            time.sleep(0.1)
