"""kill -9 at every stage, of every part: the job completes, with the frames of an undisturbed run, its webhook comes
once, and progress as polled every 100 ms never falls (``Watched.add`` looks).
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from tests.chaos.scene import Scene, busy_worker
from tests.media import Lab
from tests.service import STAGES, Receiver, Service, leftovers, running


@pytest.fixture(scope="module")
def scene(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with Receiver() as receiver, running("--workers", "2") as service:
        yield Scene(service, receiver, lab, tmp_path_factory.mktemp("films"))
        assert leftovers(service.data_dir) == []


def in_stage(scene: Scene, stage: str) -> str:
    """A new job that is in this stage now."""
    scene.forget()
    job_id = scene.submit()
    wait_for_stage(scene, job_id, stage)
    return job_id


def wait_for_stage(scene: Scene, job_id: str, stage: str) -> None:
    """Polls as fast as it can: some stages are short."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        job = scene.service.job(job_id)
        if job["current_stage"] == stage:
            return
        assert job["status"] in ("queued", "processing"), f"{stage} was never seen"
    raise AssertionError(f"{stage} did not come in time")


@pytest.mark.parametrize(("first", "then"), list(zip(STAGES[:3], STAGES[3:], strict=True)))
def test_workers_killed_in_two_stages_lose_nothing(scene: Scene, first: str, then: str) -> None:
    job_id = in_stage(scene, first)
    busy_worker([scene.service]).kill()
    wait_for_stage(scene, job_id, then)
    busy_worker([scene.service]).kill()
    assert scene.check(scene.service.finish(job_id)) == scene.expected


def test_a_killed_child_of_a_worker_loses_nothing(scene: Scene) -> None:
    job_id = in_stage(scene, "rendering")
    [child] = scene.service.named("reelprint.worker.run")
    child.kill()
    assert scene.check(scene.service.finish(job_id)) == scene.expected


def test_a_killed_api_loses_nothing(scene: Scene) -> None:
    job_id = in_stage(scene, "motion_analysis")
    for process in scene.service.named("reelprint.api"):
        process.kill()
    assert scene.check(scene.service.finish(job_id)) == scene.expected


@pytest.mark.parametrize("whom", ["main process", "a backend"])
def test_a_killed_postgres_loses_nothing(scene: Scene, whom: str) -> None:
    job_id = in_stage(scene, "motion_analysis")
    main = next(process for process in scene.service.tree() if process.name() == "postgres")
    victim = (
        main if whom == "main process" else next(one for one in main.children() if "idle" in " ".join(one.cmdline()))
    )
    victim.kill()
    assert scene.check(scene.service.finish(job_id)) == scene.expected


def test_a_cancelled_job_stops_soon_and_leaves_nothing(scene: Scene) -> None:
    job_id = in_stage(scene, "rendering")
    wait_for_encoder(scene.service)
    assert scene.service.http.post(f"/api/v1/jobs/{job_id}/cancel").status_code == 200
    # 1.2 s on an idle machine; the limit leaves room for a busy one.
    deadline = time.monotonic() + 4
    while scene.service.named("ffmpeg") or scene.service.named("reelprint.worker.run"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    while leftovers(scene.service.data_dir):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert scene.service.job(job_id)["status"] == "cancelled"
    assert scene.receiver.wait_for(job_id)["type"] == "job.cancelled"


def wait_for_encoder(service: Service) -> None:
    deadline = time.monotonic() + 30
    while not service.named("ffmpeg", "libx264"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_killed_root_takes_everything_with_it_and_the_next_serve_goes_on(scene: Scene, lab: Lab, home: Path) -> None:
    expected = scene.expected
    with Receiver() as receiver, running("--workers", "1", data_dir=home / "data") as service:
        scene = Scene(service, receiver, lab, home, expected)
        job_id = in_stage(scene, "motion_analysis")
        everything = service.tree()
        service.process.send_signal(signal.SIGKILL)
        service.process.wait(5)
        _, alive = psutil.wait_procs(everything, timeout=5)
        assert not alive, [process.cmdline() for process in alive if process.is_running()]
        with suppress(httpx.TransportError):
            service.http.get("/api/v1/health")
            raise AssertionError("somebody still answers")
        with running("--workers", "1", data_dir=home / "data") as again:
            scene.service = again
            assert scene.check(again.finish(job_id)) == scene.expected
            assert leftovers(again.data_dir) == []


def test_sigterm_hands_the_job_back_and_the_next_serve_goes_on(scene: Scene, lab: Lab, home: Path) -> None:
    expected = scene.expected
    with Receiver() as receiver:
        with running("--workers", "1", data_dir=home / "data") as service:
            scene = Scene(service, receiver, lab, home, expected)
            job_id = in_stage(scene, "rendering")
        with running("--workers", "1", data_dir=home / "data") as again:
            scene.service = again
            assert scene.check(again.finish(job_id)) == scene.expected
            job = again.http.get(f"/api/v1/jobs/{job_id}/events", headers={"Last-Event-ID": "0"}).text
            assert "worker lost" not in job
