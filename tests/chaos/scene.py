"""Two films, one job, and the frames that it has when nobody disturbs it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psutil

from tests.media import FOOTAGE, Lab
from tests.service import Receiver, Service, Watched, frames_hash

CONFIG: dict[str, Any] = {"seed": 7, "quality": "draft"}
_FIT = "scale=640:360:force_original_aspect_ratio=increase,crop=640:360,setsar=1"
_CODE = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p", "-c:a", "aac")


def film(lab: Lab, name: str, source: str, start_s: float, length_s: float) -> Path:
    """An excerpt of the shared footage at 640x360, or of a synthetic picture when that is absent."""

    def make(out: Path) -> None:
        if (FOOTAGE / source).is_file():
            taken: tuple[str | Path, ...] = ("-ss", str(start_s), "-i", FOOTAGE / source)
        else:
            taken = ("-stream_loop", "-1", "-i", lab.base)
        lab.ffmpeg(*taken, "-t", str(length_s), "-vf", _FIT, *_CODE, out)

    return lab.keep(f"{name}.mp4", make)


class Scene:
    """A running service with the two films in it; ``expected`` when the job's frames are known from another one."""

    def __init__(self, service: Service, receiver: Receiver, lab: Lab, folder: Path, expected: str = "") -> None:
        self.service, self.receiver, self._folder = service, receiver, folder
        self._films = 0
        self.footage = service.upload(film(lab, "chaos-footage", "tos_battle_70s.webm", 6, 6))
        self.template = service.upload(film(lab, "chaos-template", "bbb_trailer_33s.webm", 8, 5))
        self.expected = expected or self.check(service.finish(self.submit()))

    def submit(self) -> str:
        """The job of every test here."""
        return self.service.submit(
            video_id=self.footage, template_video_id=self.template, webhook_url=self.receiver.url, config=CONFIG
        )

    def check(self, watched: Watched) -> str:
        """The job is completed and its webhook came once; the hash of its frames."""
        assert watched.last["status"] == "completed", watched.last
        assert watched.last["progress_percent"] == 100
        assert self.receiver.wait_for(watched.job_id)["type"] == "job.completed"
        time.sleep(0.3)
        assert len(self.receiver.of(watched.job_id)) == 1
        self._films += 1
        path = self._folder / f"{self._films}.mp4"
        return frames_hash(self.service.download(watched.job_id, path))

    def forget(self) -> None:
        """Empty the analysis cache, so that there is work to do in every stage."""
        for path in (self.service.data_dir / "cache").rglob("*"):
            if path.is_file():
                path.unlink()


def busy_worker(services: list[Service]) -> psutil.Process:
    """The worker that has a job in hand: the one with a child."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for service in services:
            for worker in service.workers():
                if any("reelprint.worker.run" in " ".join(child.cmdline()) for child in worker.children()):
                    return worker
        time.sleep(0.01)
    raise AssertionError("no worker has a job")
