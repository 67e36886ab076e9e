"""kill -9 while clips are rendered: finished ones stay, the rest follow, none is half written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.chaos.scene import busy_worker
from tests.e2e.clips_flow import Followed, download, follow, over, process, talk
from tests.media import Lab
from tests.service import Receiver, Service, frames_hash, leftovers, running


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running("--workers", "2") as started:
        yield started
        assert leftovers(started.data_dir) == []


def hashes(service: Service, seen: Followed, folder: Path) -> dict[str, str]:
    """The decoded frames of every clip: a half-written file would not decode, or be shorter."""
    folder.mkdir(exist_ok=True)
    return {
        clip["clip_id"]: frames_hash(download(service, clip["video_url"], folder / f"{clip['clip_id']}.mp4"))
        for clip in seen.clips
    }


def test_clips_survive_killed_workers(service: Service, lab: Lab, tmp_path: Path) -> None:
    film = talk(lab)
    calm = follow(service, process(service, film), over)
    assert calm.last["status"] == "completed", calm.last
    expected = hashes(service, calm, tmp_path / "calm")
    assert len(expected) >= 2

    with Receiver() as receiver:
        job_id = process(service, film, webhook_url=receiver.url)
        first = follow(service, job_id, lambda seen: bool(seen.clips))
        early = hashes(service, first, tmp_path / "early")
        kill_if_busy(service, first)
        rest = follow(service, job_id, over)
        assert rest.last["status"] == "completed", rest.last
        notice = receiver.wait_for(job_id)
    # What was out before the kill is out still, the same files; what followed is as in a calm run.
    assert rest.clips[: len(first.clips)] == first.clips
    late = hashes(service, rest, tmp_path / "late")
    assert {name: late[name] for name in early} == early
    assert late == expected
    assert [clip["clip_id"] for clip in notice["clips"]] == [clip["clip_id"] for clip in rest.clips]
    assert rest.last["logs"][0] == f"Job {job_id} queued."
    assert rest.last["logs"][1] == "Job started by worker."
    assert rest.last["logs"][-1] == "Process finished successfully."


def kill_if_busy(service: Service, seen: Followed) -> None:
    """Kill the worker and what it runs; the job must still have clips to make."""
    assert not over(seen), "the job ended before it could be disturbed"
    worker = busy_worker([service])
    children = worker.children(recursive=True)
    worker.kill()
    psutil.wait_procs([worker, *children], timeout=10)
