"""The API as its clients meet it: uvicorn on 127.0.0.1 in a thread of this process, with the service in reach."""

from __future__ import annotations

import asyncio
import secrets
import socket
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import uvicorn

from reelprint.api.app import create_app
from reelprint.api.process import Server, config
from reelprint.bootstrap.service import Service, service
from reelprint.core.clips import StoredClip
from reelprint.core.clips_shown import clip_files
from reelprint.core.jobs import JobError, JobOutput
from reelprint.core.progress import Stage
from reelprint.core.style import StyleJSON
from reelprint.core.videos import Video, VideoMetadata
from reelprint.settings import Settings
from reelprint.style.presets import preset
from tests.stored_clips import stored_clip

T = TypeVar("T")
STYLE = preset("noir")
METADATA = VideoMetadata(
    width=640, height=360, duration_seconds=4.0, frame_rate=25.0, codec="h264", bitrate_kbps=900, format="mp4"
)


class RunningApi:
    """A server, clients for it, and ways to put things into its database that take long to come about by themselves."""

    def __init__(self, database_url: str, folder: Path, **settings: Any) -> None:
        self.service: Service = service(Settings(DATA_DIR=folder, **settings), database_url)
        self.app = create_app(self.service)
        listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._server: uvicorn.Server = Server(config(self.app), self.app.state.listener)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._serve, args=(listening,), daemon=True)
        self._thread.start()
        self.client = self.client_with(None)
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            threading.Event().wait(0.01)

    def _serve(self, listening: socket.socket) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            await self._server.serve([listening])

        asyncio.run(serve())

    def client_with(self, key: str | None) -> httpx.Client:
        """A client of the API, with a credential."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine where the service lives."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def ask_to_end(self) -> None:
        """As SIGTERM does."""
        self._server.handle_exit(15, None)

    def stop(self) -> None:
        """End the server and wait for it."""
        self.client.close()
        self.ask_to_end()
        self._thread.join(20)
        assert not self._thread.is_alive()

    def video(self, owner: str = "local", **changes: Any) -> str:
        """A video as an upload leaves it."""
        video_id = f"vid_{secrets.token_hex(6)}"
        key = f"videos/{video_id}"
        self.service.storage.put(key, b"a film")
        plain: dict[str, Any] = {
            "video_id": video_id,
            "owner": owner,
            "filename": "film.mp4",
            "file_size_bytes": 6,
            "content_hash": "0" * 64,
            "key": key,
            "storage_url": self.service.storage.url(key),
            "metadata": METADATA,
            "uploaded_at": datetime.now(UTC),
        }
        self.do(self.service.db.videos.create(Video(**(plain | changes))))
        return video_id

    def job(self, client: httpx.Client | None = None, **body: Any) -> str:
        """A queued job."""
        answer = (client or self.client).post("/api/v1/jobs", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["job_id"])

    def start(self, job_id: str) -> int:
        """Begin an attempt, as a worker does."""
        job = self.do(self.service.db.attempts.start(job_id, "test-worker"))
        assert job is not None
        return job.attempt

    def advance(self, job_id: str, stage: Stage, percent: int) -> None:
        assert self.do(self.service.db.attempts.advance(job_id, 1, stage, percent))

    def complete(self, job_id: str, *, task: str = "apply", style: StyleJSON = STYLE) -> None:
        """End a started job well, with files in storage."""
        prefix = f"outputs/{job_id}/1"
        files = {
            "film": ("film.mp4", FILM),
            "cube": ("style.cube", CUBE),
            "timeline": ("timeline.otio", TIMELINE),
            "report_png": ("report.png", PNG),
            "report_svg": ("report.svg", SVG),
        }
        if task == "extract":
            del files["film"], files["timeline"]
        for name, data in files.values():
            self.service.storage.put(f"{prefix}/{name}", data)
        keys = {field: f"{prefix}/{name}" for field, (name, _) in files.items()}
        output = JobOutput(**keys, film_type="video/mp4" if "film" in files else None)
        plain = style.model_dump(mode="json")
        assert self.do(self.service.db.attempts.complete(job_id, 1, plain, output))

    def fail(self, job_id: str) -> None:
        error = JobError(stage="motion_analysis", message="film.mp4 has no frame that can be decoded")
        assert self.do(self.service.db.attempts.fail(job_id, 1, error))

    def clips_job(self, client: httpx.Client | None = None, **body: Any) -> str:
        """A queued clips job on a URL."""
        answer = (client or self.client).post("/api/process", json={"url": "https://films.example/talk.mp4"} | body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["job_id"])

    def clip(self, job_id: str, number: int, *, attempt: int = 1, said: bool = True) -> StoredClip:
        """Hand out a clip of a started job, with files in storage."""
        clip = stored_clip(job_id, number, attempt=attempt, said=said)
        for _, key in clip_files(clip):
            self.service.storage.put(key, key.encode() * 40)
        assert self.do(self.service.db.attempts.clip(job_id, attempt, clip))
        return clip

    def completed(self, **body: Any) -> str:
        """A completed job with files."""
        job_id = self.job(**body)
        self.start(job_id)
        self.complete(job_id)
        return job_id


FILM = bytes(range(256)) * 40
CUBE = b"LUT_3D_SIZE 2\n0 0 0\n"
TIMELINE = b'{"OTIO_SCHEMA":"Timeline.1"}'
PNG = b"\x89PNG\r\n\x1a\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
