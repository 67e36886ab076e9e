"""The client's part for clips, against the API itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelprint.client import ApiError, Client
from reelprint.core.clips import ClipOptions
from reelprint.core.errors import DocumentError, VideoNotFound
from tests.integration.api.server import RunningApi
from tests.media import Lab

URL = "https://films.example/talk.mp4"


def test_from_a_url_to_a_film(api: RunningApi, tmp_path: Path) -> None:
    with Client(api.url) as client:
        job = client.clips.process(URL, options=ClipOptions(target_clips=2), gemini_key=" AIza-x ")
        assert job.status == "queued" and client.clips.status(job.job_id).result is None
        stored = api.do(api.service.db.jobs.get("local", job.job_id))
        assert stored.clips is not None and stored.clips.options.target_clips == 2
        assert api.do(api.service.db.secrets.of_job(job.job_id)).gemini_key == "AIza-x"
        api.start(job.job_id)
        api.clip(job.job_id, 1)
        assert api.do(api.service.db.attempts.complete(job.job_id, 1))
        heard: list[str] = []
        found = client.clips.watch(job.job_id, lambda status: heard.append(status.status))
        assert found.ended and heard == ["completed"] and found.logs[-1] == "Process finished successfully."
        assert found.result is not None
        (clip,) = found.result.clips
        path = client.clips.download(clip.video_url, tmp_path / "clip.mp4")
        assert path.read_bytes() == f"outputs/{job.job_id}/1/talk_clip_1.mp4".encode() * 40
        assert client.job(job.job_id).status == "completed"
        with pytest.raises(DocumentError, match="/videos/"):
            client.clips.download("https://elsewhere.example/a.mp4", tmp_path / "x")


def test_a_film_is_sent_once_whatever_happens(api: RunningApi, lab: Lab) -> None:
    film = lab.odd("silent")
    sent: list[tuple[int, int | None]] = []
    with Client(api.url) as client:
        before = client.videos().total
        jobs = [
            client.clips.process(
                film,
                options={"captions": False, "target_clips": 1},
                webhook_url="https://hooks.example/x",
                webhook_secret="words",
                idempotency_key="the-same",
                on_bytes=lambda done, whole: sent.append((done, whole)),
            )
            for _ in range(2)
        ]
        assert jobs[0] == jobs[1] and client.videos().total == before + 1
        assert sent[-1] == (film.stat().st_size, film.stat().st_size)
        stored = api.do(api.service.db.jobs.get("local", jobs[0].job_id))
        assert stored.clips is not None and stored.clips.options.captions is False and stored.video_id
        assert client.cancel(jobs[0].job_id).status == "cancelled"


def test_what_goes_wrong(api: RunningApi, tmp_path: Path) -> None:
    with Client(api.url) as client:
        with pytest.raises(ApiError, match="target_clips") as refused:
            client.clips.process(URL, options={"target_clips": 99})
        assert refused.value.status == 400
        with pytest.raises(ApiError) as unknown:
            client.clips.status("6f1f9c1e-8a53-4d0e-9d0b-2f6f3c1a7b42")
        assert unknown.value.status == 404
        with pytest.raises(VideoNotFound):
            client.clips.process(tmp_path / "nothing.mp4")
        for key in ("", " ", "schlüssel", "a\nb"):
            with pytest.raises(DocumentError, match="Gemini"):
                client.clips.process(URL, gemini_key=key)
