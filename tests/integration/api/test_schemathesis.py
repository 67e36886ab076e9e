"""Thousands of requests made from the OpenAPI description: no 5xx, and no answer that is not described."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.api.server import RunningApi
from tests.integration.api.test_jobs import style

HOOKS = "tests.integration.api.hooks"
ROOT = Path(__file__).parents[3]
#: Rules that JSON Schema cannot state: which fields name a style together, which addresses a webhook may have, that
#: what a StyleJSON says about shots and looks fits together; and what a film and its ranges are.
SCHEMA_SAYS_LESS = (
    "POST /api/v1/jobs",
    "POST /api/v1/styles",
    "POST /api/v1/videos/upload",
    "POST /api/v1/videos/tus",
    "POST /api/process",
)
#: What may be answered to a request that is not as described.
REFUSALS = (400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429)
MOST_S = 900


def config() -> str:
    """The settings of schemathesis: all its checks, the same requests every time."""
    lines = ["[generation]", "deterministic = true", 'database = "none"', ""]
    # What tus answers to another version of itself.
    for check in ("negative_data_rejection", "missing_required_header"):
        lines += [f"[checks.{check}]", f"expected-statuses = {[*REFUSALS, 412]}", ""]
    for name in SCHEMA_SAYS_LESS:
        lines += ["[[operations]]", f'include-name = "{name}"', "checks.positive_data_acceptance.enabled = false", ""]
    return "\n".join(lines)


def run(api: RunningApi, ids: dict[str, str], folder: Path, *more: str) -> tuple[int, str, int]:
    """Exit code, output and number of requests."""
    settings = folder / "schemathesis.toml"
    settings.write_text(config())
    argv = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run"]
    argv += [f"{api.url}/openapi.json", "--no-color", "--seed", "1", "--request-timeout", "20", *more]
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": HOOKS,
        "PYTHONPATH": str(ROOT),
        "REELPRINT_TEST_IDS": json.dumps(ids),
    }
    done = subprocess.run(
        argv, env=environment, cwd=folder, capture_output=True, text=True, timeout=MOST_S, check=False
    )
    count = re.search(r"(\d+) generated", done.stdout)
    return done.returncode, done.stdout + done.stderr, int(count[1]) if count else 0


@pytest.fixture(scope="module")
def api(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    """A server that counts no requests: 429 would hide other answers."""
    running = RunningApi(module_database, tmp_path_factory.mktemp("api"), RATE_LIMIT_PER_MINUTE=0)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def ids(api: RunningApi) -> dict[str, str]:
    """A thing of each kind. The job has ended: the story of one that waits does not end."""
    video_id = api.video()
    saved = api.client.post("/api/v1/styles", json={"name": "n", "style_json": style()}).json()["data"]["style_id"]
    job_id = api.completed(video_id=video_id, config={"preset": "noir"}, webhook_url="https://hooks.example/x")
    clips_id = api.clips_job()
    api.start(clips_id)
    api.clip(clips_id, 1)
    return {
        "/api/status/{job_id} job_id": clips_id,
        "/videos/{job_id}/{name} job_id": clips_id,
        "/videos/{job_id}/{name} name": "talk_clip_1.mp4",
        "video_id": video_id,
        "template_video_id": video_id,
        "job_id": job_id,
        "style_id": saved,
        "a": saved,
        "b": saved,
    }


def test_answers_are_as_described(api: RunningApi, ids: dict[str, str], tmp_path: Path) -> None:
    code, output, count = run(
        api, ids, tmp_path, "--max-examples", "5", "--phases", "examples,coverage,fuzzing,stateful"
    )
    assert code == 0, output[-40_000:]
    assert count > 1500, output[-3000:]
    print(f"schemathesis: {count} requests")  # noqa: T201 - the count is asked for (pytest -s)
