"""The child process of an attempt as its worker sees it: messages, signals, exit codes, and a kill -9."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import pytest
from pydantic import TypeAdapter

from reelprint.adapters.storage.objects import ObjectStorage
from reelprint.core.jobs import (
    JobConfig,
    RunDone,
    RunFailed,
    RunMessage,
    RunSpec,
    Source,
    StageBegan,
    StageMoved,
)
from reelprint.core.progress import Stage
from tests.integration.stages.bench import HECTIC
from tests.processes import until

MESSAGES: TypeAdapter[RunMessage] = TypeAdapter(RunMessage)
_NOISE = """
import os, threading
def noise():
    print("a library prints")
    os.write(1, b"a library writes\\n")
threading.Timer(0.5, noise).start()
"""


class Service:
    """A data folder, and children that work in it."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.storage = ObjectStorage.local(self.data / "storage", self.data / "cache")
        self._children: list[subprocess.Popen[str]] = []

    def upload(self, path: Path, video_id: str, filename: str) -> Source:
        self.storage.keep(f"videos/{video_id}", path)
        return Source(key=f"videos/{video_id}", filename=filename)

    def spec(self, job_id: str, attempt: int = 1, **given: Any) -> RunSpec:
        scratch = self.data / "scratch" / f"job-{os.getpid()}-{job_id}-{attempt}"
        scratch.mkdir(parents=True)
        given.setdefault("config", JobConfig(quality="draft"))
        return RunSpec(job_id=job_id, attempt=attempt, scratch=str(scratch), **given)

    def start(self, text: str, **env: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-m", "reelprint.worker.run"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=os.environ | {"REELPRINT_DATA_DIR": str(self.data), "REELPRINT_WORKERS": "1"} | env,
        )
        self._children.append(child)
        assert child.stdin is not None
        child.stdin.write(text)
        child.stdin.close()
        child.stdin = None
        return child

    def run(self, spec: RunSpec | str, **env: str) -> tuple[list[RunMessage], int, str]:
        """Messages, exit code and what stood on stderr."""
        child = self.start(spec if isinstance(spec, str) else spec.to_json(), **env)
        out, err = child.communicate(timeout=120)
        return [MESSAGES.validate_json(line) for line in out.splitlines()], child.returncode, err

    def processes(self) -> list[str]:
        """Command lines of living processes that name the data folder."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                    if str(self.data) in line:
                        found.append(line)
        return found

    def end(self) -> None:
        for child in self._children:
            if child.poll() is None:
                child.kill()
            child.communicate()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    yield made
    made.end()


def _frames(path: Path | None) -> list[str]:
    with av.open(str(path)) as film:
        return [hashlib.md5(frame.to_ndarray().tobytes()).hexdigest() for frame in film.decode(video=0)]


def _wait_for(child: subprocess.Popen[str], true: Callable[[RunMessage], bool]) -> None:
    assert child.stdout is not None
    assert any(true(MESSAGES.validate_json(line)) for line in child.stdout), "it ended too early"


def test_a_kill_in_the_middle_of_rendering_costs_one_chunk_and_no_frame(service: Service, film: Path) -> None:
    given: dict[str, Any] = {"task": "apply", "footage": service.upload(film, "vid_a", "a.mp4"), "style": HECTIC}
    child = service.start(service.spec("job_00000000000a", **given).to_json())
    pieces = service.data / "storage" / "work" / "job_00000000000a" / "pieces"
    assert until(lambda: list(pieces.glob("*.mp4")), 240), "no chunk was ever kept"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert until(lambda: not service.processes(), 5), "an encoder outlived its master"
    kept = {path.name: path.stat().st_mtime_ns for path in pieces.iterdir()}
    told, code, _ = service.run(service.spec("job_00000000000a", attempt=2, **given))
    assert code == 0
    assert [message.stage for message in told if isinstance(message, StageBegan)] == [Stage.RENDERING]
    after = {path.name: path.stat().st_mtime_ns for path in pieces.iterdir()}
    assert kept.items() < after.items(), "what was kept was encoded again"
    done = told[-1]
    assert isinstance(done, RunDone)
    whole, code, _ = service.run(service.spec("job_00000000000b", **given))
    undisturbed = whole[-1]
    assert isinstance(undisturbed, RunDone)
    films = [service.storage.local_path(str(one.output.film)) for one in (done, undisturbed)]
    assert _frames(films[0]) == _frames(films[1])
    plans = [service.storage.get(f"work/job_00000000000{name}/plan.json") for name in "ab"]
    assert plans[0] == plans[1] is not None


@pytest.mark.parametrize("stage", [None, Stage.VIDEO_ANALYSIS, Stage.RENDERING])
def test_sigterm_ends_it_within_a_second_without_another_word(
    service: Service, film: Path, stage: Stage | None
) -> None:
    spec = service.spec("job_0123456789ab", task="apply", footage=service.upload(film, "vid_a", "a.mp4"), style=HECTIC)
    child = service.start(spec.to_json())
    if stage is not None:
        _wait_for(child, lambda message: isinstance(message, StageMoved) and message.stage is stage)
    else:
        time.sleep(0.7)  # while it imports
    asked_s = time.monotonic()
    os.killpg(child.pid, signal.SIGTERM)
    out, err = child.communicate(timeout=10)
    assert time.monotonic() - asked_s < 5  # 0.7 s on an idle machine
    assert child.returncode == 3, err
    assert not any(isinstance(MESSAGES.validate_json(line), RunDone | RunFailed) for line in out.splitlines())
    assert until(lambda: not service.processes(), 2)
    assert service.storage.local_path("outputs/job_0123456789ab/1/film.mp4") is None


def test_nothing_but_messages_comes_out_and_it_is_nice(service: Service, film: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_NOISE)
    spec = service.spec("job_0123456789ab", task="extract", template=service.upload(film, "vid_a", "a.mp4"))
    child = service.start(spec.to_json(), PYTHONPATH=str(tmp_path))
    _wait_for(child, lambda message: isinstance(message, StageBegan))
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    assert isinstance([MESSAGES.validate_json(line) for line in out.splitlines()][-1], RunDone)
    assert "a library prints" in err
    assert "a library writes" in err
    scratch = Path(spec.scratch)
    assert [path for path in (scratch / "work").rglob("*") if path.is_file()] == []


def test_a_failure_is_told_with_its_stage_and_the_owners_name_for_the_film(service: Service, damaged: Path) -> None:
    footage = service.upload(damaged, "vid_a", "party.mp4")
    told, code, _ = service.run(service.spec("job_0123456789ab", task="clean", footage=footage))
    assert code == 0
    failed = told[-1]
    assert isinstance(failed, RunFailed)
    assert (failed.stage, failed.code) == (Stage.VIDEO_ANALYSIS, "CORRUPT_VIDEO")
    assert failed.message.startswith("party.mp4 is cut off")
    assert str(service.data) not in failed.message


def test_a_spec_that_cannot_be_read_is_told(service: Service) -> None:
    told, code, _ = service.run('{"job_id": "job_0123456789ab"}')
    assert code == 0
    assert isinstance(told[0], RunFailed)
    assert told[0].code == "INTERNAL_ERROR"
    assert len(told) == 1
