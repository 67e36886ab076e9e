"""Two APIs and three workers, started separately, on one PostgreSQL and one S3-compatible endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.machines import Machines, bucket_keys, several
from tests.chaos.scene import CONFIG, film
from tests.media import Lab
from tests.service import Receiver, frames_hash


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with several(tmp_path_factory.mktemp("machines")) as running:
        yield running


def test_any_api_serves_any_job_and_a_killed_machine_loses_nothing(
    machines: Machines, lab: Lab, tmp_path: Path
) -> None:
    first, second = machines.apis
    footage = first.upload(film(lab, "chaos-footage", "tos_battle_70s.webm", 6, 6))
    template = second.upload(film(lab, "chaos-template", "bbb_trailer_33s.webm", 8, 5))
    body = {"video_id": footage, "template_video_id": template, "config": CONFIG}
    with Receiver() as receiver:
        undisturbed = second.submit(**body, webhook_url=receiver.url)
        assert first.finish(undisturbed).last["status"] == "completed"
        expected = frames_hash(second.download(undisturbed, tmp_path / "undisturbed.mp4"))

        other = {**CONFIG, "seed": 8}  # the plan is another one: nothing of the first job can be used again
        disturbed = first.submit(**{**body, "config": other}, webhook_url=receiver.url)
        second.watch(disturbed, lambda job: job["current_stage"] == "rendering")
        busy = [worker for worker in machines.workers if worker.named("reelprint.worker.run")]
        assert len(busy) == 1
        busy[0].kill()
        assert second.finish(disturbed).last["status"] == "completed"
        again = first.submit(**{**body, "config": other})
        assert second.finish(again).last["status"] == "completed"
        assert frames_hash(first.download(disturbed, tmp_path / "disturbed.mp4")) == frames_hash(
            second.download(again, tmp_path / "again.mp4")
        )
        for job_id in (undisturbed, disturbed):
            assert receiver.wait_for(job_id)["status"] == "completed"
            assert len(receiver.of(job_id)) == 1
    ranged = first.http.get(f"/api/v1/jobs/{undisturbed}/output", headers={"Range": "bytes=0-99"})
    assert ranged.status_code == 206 and len(ranged.content) == 100
    assert expected
    assert bucket_keys(machines.env, "work") == []
    assert first.job(undisturbed) == second.job(undisturbed)
    with first.http.stream("GET", f"/api/v1/jobs/{disturbed}/events") as events:
        story = events.read().decode()
    assert story == second.http.get(f"/api/v1/jobs/{disturbed}/events").text
    assert "worker lost" in story
