"""``POST /api/process`` with a film: it becomes a video of the owner, or nothing of it stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.api.server import RunningApi
from tests.integration.api.test_clips_process import URL, plain_error
from tests.media import Lab

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def api(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApi]:
    """A server that takes a few jobs and small files."""
    running = RunningApi(module_database, tmp_path_factory.mktemp("clips"), MAX_FILE_SIZE_MB=1, MAX_QUEUED_JOBS=20)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def film(lab: Lab) -> bytes:
    data = lab.odd("silent").read_bytes()
    assert len(data) < MIB
    return data


def send(api: RunningApi, film: bytes, filename: str = "My talk.mp4", headers: Any = None, **fields: str) -> Any:
    parts = [("file", (filename, film, "video/mp4")), *((name, (None, text)) for name, text in fields.items())]
    return api.client.post("/api/process", files=parts, headers=headers)


def left(api: RunningApi) -> tuple[int, int, list[str]]:
    """Videos and jobs there are, and files in storage and scratch."""
    folder = api.service.settings.data_dir
    files = [str(path) for name in ("storage", "scratch") for path in (folder / name).rglob("*") if path.is_file()]
    totals = [api.client.get(f"/api/v1/{name}").json()["total"] for name in ("videos", "jobs")]
    return totals[0], totals[1], sorted(files)


def test_a_film_becomes_a_video_and_a_job(api: RunningApi, film: bytes) -> None:
    answer = send(api, film, options='{"target_clips": 2}', captions="false", url="")
    assert answer.status_code == 200 and list(answer.json()) == ["job_id", "status"]
    job = api.do(api.service.db.jobs.get("local", answer.json()["job_id"]))
    assert job.video_id is not None and job.clips is not None
    assert (job.clips.url, job.clips.options.target_clips, job.clips.options.captions) == (None, 2, False)
    video = api.client.get(f"/api/v1/videos/{job.video_id}").json()["data"]
    assert (video["filename"], video["file_size_bytes"]) == ("My talk.mp4", len(film))
    assert api.client.get(f"/api/v1/jobs/{job.job_id}").json()["data"]["video_id"] == job.video_id
    held = api.client.delete(f"/api/v1/videos/{job.video_id}")
    assert held.status_code == 409, "a job reads it"


@pytest.mark.parametrize(
    ("status", "told", "fields"),
    [
        (400, "url", {"url": URL}),
        (400, "target_clips", {"target_clips": "16"}),
        (400, "clip_max_seconds", {"clip_min_seconds": "30", "clip_max_seconds": "20"}),
        (400, "webhook_url", {"webhook_url": "http://127.0.0.1/"}),
        (400, "known", {"what": "x"}),
        (404, "style", {"style_id": "sty_000000000000"}),
    ],
)
def test_a_refused_request_leaves_nothing(
    api: RunningApi, film: bytes, status: int, told: str, fields: dict[str, str]
) -> None:
    before = left(api)
    answer = send(api, film, **fields)
    assert plain_error(answer)[0] == status and told in answer.json()["detail"]
    first = api.client.post(
        "/api/process", files=[*((name, (None, text)) for name, text in fields.items()), ("file", ("a.mp4", film))]
    )
    assert plain_error(first)[0] == status
    assert left(api) == before


def test_a_file_that_is_no_film_leaves_nothing(api: RunningApi, film: bytes) -> None:
    before = left(api)
    assert plain_error(send(api, b"words, not pictures" * 1000))[0] == 422
    assert plain_error(send(api, film[: len(film) // 3]))[0] == 422
    assert plain_error(send(api, b""))[0] == 422
    assert plain_error(send(api, b"", filename=""))[0] == 400, "browsers send an empty part for no file"
    assert left(api) == before


def test_the_limit_is_exact(api: RunningApi, film: bytes) -> None:
    # What follows the last box of an mp4 is ignored by whoever reads it.
    box = (MIB - len(film)).to_bytes(4, "big") + b"free"
    exact = film + box + bytes(MIB - len(film) - len(box))
    assert len(exact) == MIB
    assert send(api, exact).status_code == 200
    before = left(api)
    over = send(api, exact + b"x")
    assert plain_error(over)[0] == 413 and "1 MiB" in over.json()["detail"]
    assert plain_error(send(api, bytes(20 * MIB)))[0] == 413

    def unannounced() -> Iterator[bytes]:
        yield b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
        yield exact + b"x"
        yield b"\r\n--edge--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    assert plain_error(api.client.post("/api/process", content=unannounced(), headers=headers))[0] == 413
    assert left(api) == before


def test_a_repeated_upload_is_one_job_and_one_video(api: RunningApi, film: bytes) -> None:
    headers = {"Idempotency-Key": "the-film"}
    first = send(api, film, headers=headers, target_clips="2")
    before = left(api)
    again = send(api, film, headers=headers, target_clips="2")
    assert (again.status_code, again.json()) == (200, first.json())
    other = send(api, film, headers=headers, target_clips="3")
    assert plain_error(other)[0] == 422
    assert left(api) == before


def test_a_full_queue_leaves_nothing(api: RunningApi, film: bytes) -> None:
    while (answer := api.client.post("/api/process", json={"url": URL})).status_code == 200:
        pass
    assert plain_error(answer)[0] == 429
    before = left(api)
    full = send(api, film)
    assert plain_error(full)[0] == 429 and int(full.headers["retry-after"]) >= 1
    assert left(api) == before
