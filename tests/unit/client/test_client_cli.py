"""``reelprint jobs``: what is asked of the server, what is printed, how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from reelprint.cli.following import job_progress, transfer
from reelprint.client import JobEvent
from tests.factories import style as some_style
from tests.unit.client.server import FILM, JOB_ID, STORY, VIDEO, VIDEO_ID, Fake, events, failure, job

Cli = Callable[..., subprocess.CompletedProcess[str]]
JOB = f"/jobs/{JOB_ID}"
HEAVY = ("numpy", "scipy", "av", "cv2", "onnxruntime", "sqlalchemy", "fastapi", "psycopg")


@pytest.fixture
def jobs(fake: Fake, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """``reelprint jobs`` with this server."""
    monkeypatch.setenv("REELPRINT_SERVER", fake.url)
    monkeypatch.delenv("REELPRINT_API_KEY", raising=False)
    fake.answer("POST", "/videos/upload", VIDEO)
    fake.answer("POST", "/jobs", job())
    return lambda *args: cli("jobs", *args)


@pytest.fixture
def footage(tmp_path: Path) -> Path:
    path = tmp_path / "footage.mp4"
    path.write_bytes(b"film" * 1000)
    return path


def test_a_film_is_sent_and_a_job_made(fake: Fake, jobs: Cli, footage: Path) -> None:
    done = jobs(
        "submit", footage, "--preset", "warm", "--seed", 7, "--no-captions", "--webhook-url", "http://h.example"
    )
    assert done.returncode == 0, done.stderr
    assert JOB_ID in done.stdout
    assert "sending footage.mp4: 100%" in done.stderr
    upload, made = fake.seen
    assert footage.read_bytes() in upload.body
    assert made.json == {
        "video_id": VIDEO_ID,
        "config": {"preset": "warm", "seed": 7, "captions": False},
        "webhook_url": "http://h.example",
    }


def test_a_template_is_sent_as_well_and_ids_are_not(fake: Fake, jobs: Cli, footage: Path) -> None:
    jobs("submit", footage, "--like", footage)
    assert len(fake.asked("/upload")) == 2
    jobs("submit", VIDEO_ID, "--like", "vid_ba9876543210")
    assert len(fake.asked("/upload")) == 2
    assert fake.seen[-1].json == {"video_id": VIDEO_ID, "template_video_id": "vid_ba9876543210", "config": {}}


def test_a_style_file_goes_along(fake: Fake, jobs: Cli, footage: Path, tmp_path: Path) -> None:
    path = tmp_path / "style.json"
    path.write_text(some_style().to_json())
    assert jobs("submit", footage, "--style", path).returncode == 0
    sent = fake.seen[-1].json["config"]["style_json"]
    assert sent["frame_rate"] == some_style().frame_rate


def test_json_is_the_servers_answer_and_nothing_else(jobs: Cli, footage: Path) -> None:
    done = jobs("submit", footage, "--json")
    assert json.loads(done.stdout) == job()


def test_submit_watch_and_fetch(fake: Fake, jobs: Cli, footage: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.webm"
    done = jobs("submit", footage, "-o", out, "--json")
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == FILM
    document = json.loads(done.stdout)
    assert document["status"] == "completed"
    assert document["style_json"] == {"version": "1.0"}
    assert document["output"] == str(out)
    assert fake.asked("/jobs")[0].json["config"] == {"output_format": "webm"}
    lines = done.stderr.splitlines()
    assert f"watching {JOB_ID}: 100%" in lines, "a stage that is left is shown as done"
    assert f"rendering {JOB_ID}: 100%" in lines
    assert "2 shots" in lines
    assert lines[-1] == "fetching out.webm: 100%"


def test_watch_tells_a_person(jobs: Cli) -> None:
    done = jobs("watch", JOB_ID)
    assert done.returncode == 0
    assert f"{JOB_ID} completed" in done.stdout
    assert "film: x" in done.stdout


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_job_that_does_not_complete_is_exit_code_1(fake: Fake, jobs: Cli, tmp_path: Path, status: str) -> None:
    fake.answer("GET", f"{JOB}/events", events([*STORY[:2], {"status": status, "progress_percent": 1}]))
    error = {"stage": "rendering", "message": "no space left"} if status == "failed" else None
    fake.answer("GET", f"{JOB}/result", job(status, 1, error=error))
    out = tmp_path / "out.mp4"
    done = jobs("watch", JOB_ID, "-o", out)
    assert done.returncode == 1
    assert status in done.stderr.splitlines()[-1]
    if error:
        assert "rendering: no space left" in done.stderr
    assert not out.exists()
    machine = jobs("watch", JOB_ID, "--json")
    assert machine.returncode == 1
    told = json.loads(machine.stdout)
    assert told["success"] is False
    assert told["error"]["code"] == ("JOB_FAILED" if error else "JOB_CANCELLED")
    shown = jobs("result", JOB_ID, "--json")
    assert shown.returncode == 1
    assert json.loads(shown.stdout)["status"] == status


def test_result(fake: Fake, jobs: Cli, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    assert json.loads(jobs("result", JOB_ID, "-o", out, "--json").stdout)["output"] == str(out)
    assert out.read_bytes() == FILM
    fake.answer("GET", f"{JOB}/result", failure(409, "JOB_NOT_COMPLETED", "the job has not ended"))
    done = jobs("result", JOB_ID, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "JOB_NOT_COMPLETED"


def test_an_extraction_has_no_film_to_fetch(fake: Fake, jobs: Cli, tmp_path: Path) -> None:
    fake.answer("GET", f"{JOB}/result", job("completed", 100, style_json={}, output_video_url=None))
    done = jobs("result", JOB_ID, "-o", tmp_path / "out.mp4")
    assert done.returncode == 2
    assert "no film" in done.stderr


def test_list(fake: Fake, jobs: Cli) -> None:
    page = {"jobs": [job("processing", 42, current_stage="[red]rendering")], "total": 11, "page": 2, "page_size": 10}
    fake.answer("GET", "/jobs", JSONResponse(page))
    done = jobs("list", "--page", 2, "--status", "processing")
    assert done.returncode == 0
    assert "processing" in done.stdout
    assert JOB_ID in done.stdout, "whole, also on a narrow terminal"
    assert "page 2: 1 of 11 jobs" in done.stdout
    assert fake.seen[0].query == {"page": "2", "page_size": "10", "status": "processing"}
    assert json.loads(jobs("list", "--json").stdout) == page


def test_cancel(fake: Fake, jobs: Cli) -> None:
    fake.answer("POST", f"{JOB}/cancel", job("cancelled"))
    assert f"{JOB_ID} is cancelled" in jobs("cancel", JOB_ID).stdout
    fake.answer("POST", f"{JOB}/cancel", failure(409, "JOB_ALREADY_TERMINAL", "it has ended"))
    done = jobs("cancel", JOB_ID)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "reelprint: it has ended\n"


@pytest.mark.parametrize(
    "wrong",
    [
        ("--strength", 2),
        ("--pacing", "wild"),
        ("--frame-rate", 25),
        ("--target-duration", 0),
        ("--format", "gif"),
        ("--quality", "best"),
        ("--like", "FOOTAGE", "--preset", "warm"),
        ("--preset", "warm", "--style-id", "sty_1"),
        ("-o", "out.avi"),
        ("-o", "out.mp4", "--format", "mov"),
        ("-o", "absent/out.mp4"),
        ("-o", "FOOTAGE"),
        ("--style", "BROKEN"),
        ("--style", "NOSTYLE"),
        ("--server", "example"),
        ("--key", "ü"),
        ("--wrong",),
    ],
    ids=lambda given: " ".join(str(part) for part in given),
)
def test_wrong_usage_is_exit_code_2_before_anything_is_sent(
    fake: Fake, jobs: Cli, footage: Path, tmp_path: Path, wrong: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "nostyle.json").write_text('{"version": "1.0"}')
    named = {"FOOTAGE": footage, "BROKEN": "broken.json", "NOSTYLE": "nostyle.json"}
    done = jobs("submit", footage, *(named.get(str(part), part) for part in wrong), "--json")
    assert done.returncode == 2, done.stdout
    assert json.loads(done.stdout)["success"] is False
    assert fake.seen == []


@pytest.mark.parametrize("wrong", [("absent.mp4",), ("vid_0123",), ("FOOTAGE", "--style", "absent.json")])
def test_a_file_that_is_not_there(fake: Fake, jobs: Cli, footage: Path, wrong: tuple[str, ...]) -> None:
    done = jobs("submit", *(footage if part == "FOOTAGE" else part for part in wrong), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "VIDEO_NOT_FOUND"
    assert fake.seen == []


def test_what_the_server_calls_wrong_usage_is_exit_code_2(fake: Fake, jobs: Cli) -> None:
    fake.answer("POST", "/jobs", failure(422, "VALIDATION_ERROR", "there is no preset of that name", "config.preset"))
    done = jobs("submit", VIDEO_ID, "--preset", "x", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"] == {"code": "VALIDATION_ERROR", "detail": "config.preset"}


@pytest.mark.parametrize("code", ["CORRUPT_VIDEO", "UNSUPPORTED_FORMAT"])
def test_a_film_that_the_server_refuses_is_exit_code_1(fake: Fake, jobs: Cli, footage: Path, code: str) -> None:
    fake.answer("POST", "/videos/upload", failure(422, code, "no film"))
    assert jobs("submit", footage).returncode == 1


def test_without_a_valid_key_the_way_to_give_one_is_told(fake: Fake, jobs: Cli) -> None:
    fake.answer("GET", "/jobs", failure(401, "UNAUTHORIZED", "no valid key"))
    done = jobs("list")
    assert done.returncode == 1
    assert "REELPRINT_API_KEY" in done.stderr


def test_the_key_comes_from_the_environment(fake: Fake, jobs: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.answer("GET", "/jobs", JSONResponse({"jobs": [], "total": 0, "page": 1, "page_size": 10}))
    monkeypatch.setenv("REELPRINT_API_KEY", "rp_secret")
    assert jobs("list").returncode == 0
    assert fake.seen[0].headers["authorization"] == "Bearer rp_secret"


def test_no_server_says_how_to_get_one(jobs: Cli) -> None:
    done = jobs("list", "--server", "http://127.0.0.1:9")
    assert done.returncode == 1
    assert "reelprint serve" in done.stderr


def test_on_a_terminal_there_are_bars(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with job_progress(JOB_ID, "") as tell:
        for data in (*STORY, {"current_stage": "colouring", "progress_percent": 99}, {"progress_percent": 100}):
            tell(JobEvent.model_validate(data))
    with transfer("fetching", "[red]out.mp4") as on_bytes:
        on_bytes(1, None)
        on_bytes(2, 2)
    told = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().err)
    assert "100%" in told
    assert "2 shots" in told
    assert "[red]out.mp4" in told


def silent_stream(_request: Request) -> Response:
    async def lines() -> AsyncIterator[str]:
        yield "id: 1\ndata: " + json.dumps(STORY[1]) + "\n\n"
        await asyncio.sleep(60)

    return StreamingResponse(lines(), media_type="text/event-stream")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_the_watching_and_says_that_the_job_goes_on(fake: Fake, number: signal.Signals) -> None:
    fake.answer("GET", f"{JOB}/events", silent_stream)
    argv = [sys.executable, "-m", "reelprint", "jobs", "watch", JOB_ID, "--json"]
    env = {**os.environ, "REELPRINT_SERVER": fake.url}
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    assert process.stderr is not None
    # The first line of progress: it listens to the stream, which says nothing more.
    assert "watching" in process.stderr.readline()
    began = time.monotonic()
    process.send_signal(number)
    stdout, _ = process.communicate(timeout=20)
    assert time.monotonic() - began < 10
    assert process.returncode == 130
    assert f"{JOB_ID} goes on" in json.loads(stdout)["message"]
    assert fake.asked("/cancel") == []


def test_ctrl_c_while_sending_leaves_no_job(fake: Fake, tmp_path: Path) -> None:
    footage = tmp_path / "footage.mp4"
    footage.write_bytes(b"film")
    arrived, go_on = threading.Event(), threading.Event()

    def slowly(_request: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            arrived.set()
            while not go_on.is_set():
                await asyncio.sleep(0.05)
            yield b"{}"

        return StreamingResponse(parts(), media_type="application/json")

    fake.answer("POST", "/videos/upload", slowly)
    argv = [sys.executable, "-m", "reelprint", "jobs", "submit", str(footage)]
    env = {**os.environ, "REELPRINT_SERVER": fake.url}
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    try:
        assert arrived.wait(20)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=20)
    finally:
        go_on.set()
    assert process.returncode == 130
    assert "no job was submitted" in stderr
    assert [request.path for request in fake.seen] == ["/videos/upload"]


def test_it_starts_without_the_libraries_of_films_and_of_the_server(fake: Fake) -> None:
    fake.answer("GET", "/jobs", JSONResponse({"jobs": [], "total": 0, "page": 1, "page_size": 10}))
    script = (
        "import sys, atexit; from reelprint.cli.start import main\n"
        f"atexit.register(lambda: sys.stderr.write(repr([name for name in {HEAVY} if name in sys.modules])))\n"
        "sys.argv = ['reelprint', 'jobs', 'list', '--json']; main()"
    )
    env = {**os.environ, "REELPRINT_SERVER": fake.url}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=env, timeout=60, check=False
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["total"] == 0
    assert done.stderr == "[]"
