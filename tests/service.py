"""The service for tests: started as a user starts it, watched and hurt from outside."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import httpx
import psutil

STAGES = (
    "video_analysis",
    "audio_analysis",
    "motion_analysis",
    "style_extraction",
    "style_application",
    "rendering",
)
TERMINAL = ("completed", "failed", "cancelled")
_READY_S = 60.0
_STOP_S = 20.0


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Service:
    """A running ``reelprint`` command and a client of its API."""

    process: subprocess.Popen[bytes]
    url: str
    data_dir: Path
    log: Path
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, timeout=30, trust_env=False)

    def tree(self) -> list[psutil.Process]:
        """Every process below the command, youngest last."""
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self.process.pid).children(recursive=True)
        return []

    def named(self, *words: str) -> list[psutil.Process]:
        """Processes below the command whose command line has every word."""
        found = []
        for process in self.tree():
            with suppress(psutil.Error):
                line = " ".join(process.cmdline())
                if all(word in line for word in words):
                    found.append(process)
        return found

    def workers(self) -> list[psutil.Process]:
        """The worker processes, without the children that do their work."""
        return self.named("reelprint", " worker")

    def upload(self, path: Path, **parts: str) -> str:
        """Upload a film; its id."""
        with path.open("rb") as file:
            answer = self.http.post("/api/v1/videos/upload", files={"file": (path.name, file)}, data=parts)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["video_id"])

    def submit(self, **body: Any) -> str:
        """Create a job; its id."""
        answer = self.http.post("/api/v1/jobs", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["job_id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """What polling shows."""
        answer = self.http.get(f"/api/v1/jobs/{job_id}")
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        assert isinstance(data, dict)
        return data

    def watch(self, job_id: str, until: Callable[[dict[str, Any]], bool], limit_s: float = 300.0) -> Watched:
        """Poll every 100 ms (a refused connection is polled again) until ``until`` holds for an answer."""
        seen = Watched(job_id)
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                seen.add(self.job(job_id))
                if until(seen.last):
                    return seen
            time.sleep(0.1)
        raise AssertionError(f"{job_id} after {limit_s:.0f} s: {seen.last}\n{self.log.read_text()[-4000:]}")

    def finish(self, job_id: str, limit_s: float = 300.0) -> Watched:
        """Poll to the end."""
        return self.watch(job_id, lambda job: job["status"] in TERMINAL, limit_s)

    def download(self, job_id: str, path: Path) -> Path:
        """The film of a job."""
        answer = self.http.get(f"/api/v1/jobs/{job_id}/output")
        assert answer.status_code == 200, answer.text
        path.write_bytes(answer.content)
        return path

    def stop(self) -> int:
        """SIGTERM; everything of it has to be gone in time."""
        tree = self.tree()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(_STOP_S)
        _, alive = psutil.wait_procs(tree, timeout=1)
        assert not alive, f"still there: {[process.cmdline() for process in alive]}"
        return code

    def kill(self) -> None:
        """SIGKILL for all of it: what is left after a failed test."""
        for process in [*self.tree(), self.process]:
            with suppress(psutil.Error, ProcessLookupError):
                process.kill()
        self.process.wait(10)


@dataclass
class Watched:
    """Everything that polling has shown of a job."""

    job_id: str
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def last(self) -> dict[str, Any]:
        return self.answers[-1] if self.answers else {}

    def add(self, answer: dict[str, Any]) -> None:
        """Progress and stage never go back."""
        if self.answers:
            before = self.last
            assert answer["progress_percent"] >= before["progress_percent"], (before, answer)
            if before["status"] in TERMINAL:
                assert answer["status"] == before["status"], (before, answer)
            stages = [one["current_stage"] for one in (before, answer)]
            if None not in stages:
                assert STAGES.index(stages[1]) >= STAGES.index(stages[0]), (before, answer)
        self.answers.append(answer)


@contextmanager
def running(
    *argv: str, data_dir: Path | None = None, port: int | None = None, env: Mapping[str, str] | None = None
) -> Iterator[Service]:
    """``reelprint serve`` with these arguments, ready; it has to stop in order afterwards."""
    with tempfile.TemporaryDirectory(prefix="reelprint-") as folder:
        home = data_dir or Path(folder) / "data"
        port = port or free_port()
        service = start("serve", "--port", str(port), *argv, data_dir=home, port=port, env=env)
        try:
            wait_ready(service)
            yield service
            if service.process.poll() is None:  # a test may have killed it
                assert service.stop() == 0
        finally:
            service.http.close()
            service.kill()


def start(
    command: str, *argv: str, data_dir: Path, port: int, env: Mapping[str, str] | None = None, log_name: str = "serve"
) -> Service:
    """Start a ``reelprint`` command; whoever calls ends it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir.parent / f"{data_dir.name}-{log_name}.log"
    whole = {name: value for name, value in os.environ.items() if not name.startswith("REELPRINT_")}
    whole |= {"DATA_DIR": str(data_dir), "WEBHOOK_ALLOW": "127.0.0.0/8"} | dict(env or {})
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "reelprint", command, *argv],
            stdout=out,
            stderr=out,
            env=whole,
            start_new_session=True,
        )
    return Service(process, f"http://127.0.0.1:{port}", data_dir, log)


def wait_ready(service: Service) -> None:
    """Until the service answers."""
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        assert service.process.poll() is None, service.log.read_text()[-4000:]
        with suppress(httpx.TransportError):
            if service.http.get("/api/v1/health").status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"not ready after {_READY_S:.0f} s\n{service.log.read_text()[-4000:]}")


def frames_hash(path: Path) -> str:
    """SHA-256 over every decoded frame and its time: equal for films that look the same to the last bit."""
    digest = hashlib.sha256()
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            digest.update(str(frame.pts).encode())
            digest.update(frame.to_ndarray().tobytes())
    return digest.hexdigest()


def leftovers(data_dir: Path) -> list[str]:
    """Files that only live jobs may have."""
    roots = [data_dir / "scratch", data_dir / "storage" / "work"]
    # A folder may go while it is looked into: os.walk passes over it, Path.rglob raises.
    return sorted(str(Path(folder, name)) for root in roots for folder, _, names in os.walk(root) for name in names)


class Receiver:
    """Takes webhooks on loopback; ``answers`` are the status codes it gives first, then 204."""

    def __init__(self, *answers: int) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        waiting = list(answers)
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(waiting.pop(0) if waiting else 204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def of(self, job_id: str) -> list[dict[str, Any]]:
        """The bodies that came for a job."""
        bodies = [json.loads(body) for _, body in self.got]
        return [body for body in bodies if body["job_id"] == job_id]

    def wait_for(self, job_id: str, limit_s: float = 20.0) -> dict[str, Any]:
        """The first body for a job."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            if found := self.of(job_id):
                return found[0]
            time.sleep(0.05)
        raise AssertionError(f"no webhook for {job_id} after {limit_s:.0f} s")
