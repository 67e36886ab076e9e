"""A clips job as an outside client sees it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.media import Lab
from tests.service import Service
from tests.talk import Piece, talk_film

#: About forty seconds: a reader, then a dialogue.
SHORT_TALK = (Piece("sonnets_talk_158s.mp4", 28.0, 4.0), Piece("grid_two_person_30s.mp4", 12.0))
OPTIONS: dict[str, Any] = {"target_clips": 3, "clip_min_seconds": 5, "clip_max_seconds": 12}


def talk(lab: Lab) -> Path:
    """The short talking film, small; of synthetic pictures and tones when the shared footage is absent."""

    def make(out: Path) -> None:
        if not lab.real:
            lab.ffmpeg("-stream_loop", "-1", "-i", lab.base, "-t", "40", "-c:v", "libx264", "-c:a", "aac", out)
            return
        whole = talk_film(SHORT_TALK, out.with_suffix(".whole.mp4"))
        lab.ffmpeg("-i", whole, "-vf", "scale=640:360", "-preset", "veryfast", "-c:a", "copy", out)
        whole.unlink()

    return lab.keep("short-talk.mp4", make)


@dataclass
class Followed:
    """Every answer of /api/status that differed from the one before."""

    job_id: str
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def last(self) -> dict[str, Any]:
        """The newest answer."""
        return self.answers[-1]

    @property
    def clips(self) -> list[dict[str, Any]]:
        """The clips of the newest answer."""
        result = self.last["result"]
        return [] if result is None else list(result["clips"])

    def add(self, answer: dict[str, Any]) -> None:
        """Take an answer; what was there before must still be there, unchanged and in its place."""
        if self.answers:
            before = self.answers[-1]
            assert answer["logs"][: len(before["logs"])] == before["logs"], (before["logs"], answer["logs"])
            old = [] if before["result"] is None else before["result"]["clips"]
            new = [] if answer["result"] is None else answer["result"]["clips"]
            assert new[: len(old)] == old
            scores = [clip["virality_score"] for clip in new]
            assert scores == sorted(scores, reverse=True)
        if not self.answers or answer != self.answers[-1]:
            self.answers.append(answer)


def process(service: Service, film: Path, **fields: Any) -> str:
    """POST /api/process with a file; the job's id."""
    with film.open("rb") as file:
        answer = service.http.post("/api/process", files={"file": (film.name, file)}, data=OPTIONS | fields)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "queued"
    return str(answer.json()["job_id"])


def follow(
    service: Service, job_id: str, until: Callable[[Followed], bool], limit_s: float = 240.0, step_s: float = 0.1
) -> Followed:
    """Poll /api/status until ``until`` holds; a refused connection is polled again."""
    seen = Followed(job_id)
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            answer = service.http.get(f"/api/status/{job_id}")
            assert answer.status_code == 200, answer.text
            seen.add(answer.json())
            if until(seen):
                return seen
        time.sleep(step_s)
    raise AssertionError(f"{job_id} after {limit_s:.0f} s: {seen.last}\n{service.log.read_text()[-4000:]}")


def over(seen: Followed) -> bool:
    """The job has ended."""
    return seen.last["status"] in ("completed", "failed", "cancelled")


def download(service: Service, url: str, path: Path) -> Path:
    """A file of a clip."""
    answer = service.http.get(url)
    assert answer.status_code == 200, answer.text
    path.write_bytes(answer.content)
    return path
