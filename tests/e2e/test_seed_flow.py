"""The flow of an outside client, by curl, against a running server with a real database (CONTRACT sections 1 and 2)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import av
import httpx
import pytest

from reelprint.core.style import StyleJSON
from tests.chaos.scene import film
from tests.media import Lab
from tests.service import Service, running

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
JOB_FIELDS = {
    "job_id",
    "video_id",
    "template_video_id",
    "status",
    "progress_percent",
    "current_stage",
    "created_at",
    "updated_at",
    "started_at",
    "completed_at",
    "error",
}
DETAIL_FIELDS = JOB_FIELDS | {"style_json", "output_video_url", "processing_time_seconds"}


@pytest.fixture(scope="module")
def answers(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the answer to every step."""
    out = tmp_path_factory.mktemp("answers")
    footage = film(lab, "chaos-footage", "tos_battle_70s.webm", 6, 6)
    template = film(lab, "chaos-template", "bbb_trailer_33s.webm", 8, 5)
    script = Path(__file__).with_name("seed_flow.sh")
    with running("--workers", "1") as service:
        if shutil.which("curl") is None:
            _without_curl(service, footage, template, out)
            return out
        done = subprocess.run(
            [str(script), service.url, str(footage), str(template), str(out)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return out


def _without_curl(service: Service, footage: Path, template: Path, out: Path) -> None:
    """The same steps where there is no curl."""

    def ask(step: str, answer: httpx.Response) -> httpx.Response:
        (out / f"{step}.json").write_bytes(answer.content)
        (out / f"{step}.status").write_text(str(answer.status_code))
        return answer

    http = service.http
    ask("health", http.get("/api/v1/health"))
    videos = [
        ask(step, http.post("/api/v1/videos/upload", files={"file": (path.name, path.read_bytes())})).json()["data"]
        for step, path in (("upload", footage), ("template", template))
    ]
    ids = {"video_id": videos[0]["video_id"], "template_video_id": videos[1]["video_id"]}
    made = ask("create", http.post("/api/v1/jobs", json={**ids, "config": {"quality": "draft"}})).json()["data"]
    job = f"/api/v1/jobs/{made['job_id']}"
    ask("early", http.get(f"{job}/result"))
    service.finish(made["job_id"])
    for step, path in (
        ("poll", job),
        ("result", f"{job}/result"),
        ("film", f"{job}/output"),
        ("events", f"{job}/events"),
    ):
        ask(step, http.get(path))
    ask("list", http.get("/api/v1/jobs?page=1&page_size=10"))
    ask("missing", http.get("/api/v1/jobs/job_000000000000"))


def answer(answers: Path, step: str, status: int = 200) -> Any:
    assert (answers / f"{step}.status").read_text() == str(status), (answers / f"{step}.json").read_text()
    return json.loads((answers / f"{step}.json").read_text())


def data(answers: Path, step: str) -> dict[str, Any]:
    body = answer(answers, step)
    assert set(body) == {"success", "message", "data"}
    assert body["success"] is True and isinstance(body["message"], str) and isinstance(body["data"], dict)
    found: dict[str, Any] = body["data"]
    return found


def test_upload(answers: Path) -> None:
    video = data(answers, "upload")
    assert re.fullmatch(r"vid_[0-9a-f]{12}", video["video_id"])
    assert video["filename"] == "chaos-footage.mp4"
    assert TIME.fullmatch(video["uploaded_at"]) and video["storage_url"].startswith("file:///")
    metadata = video["metadata"]
    assert (metadata["width"], metadata["height"], metadata["format"]) == (640, 360, "mp4")
    assert metadata["codec"] == "h264" and metadata["duration_seconds"] == pytest.approx(6, abs=0.2)
    assert isinstance(metadata["frame_rate"], float) and isinstance(metadata["bitrate_kbps"], int)
    assert set(metadata) == {"width", "height", "duration_seconds", "frame_rate", "codec", "bitrate_kbps", "format"}
    assert isinstance(video["file_size_bytes"], int)


def test_create(answers: Path) -> None:
    job = data(answers, "create")
    assert set(job) == JOB_FIELDS and re.fullmatch(r"job_[0-9a-f]{12}", job["job_id"])
    assert (job["status"], job["progress_percent"], job["current_stage"]) == ("queued", 0, None)
    assert job["video_id"] == data(answers, "upload")["video_id"]
    assert TIME.fullmatch(job["created_at"]) and job["started_at"] is None and job["error"] is None


def test_result_before_the_end(answers: Path) -> None:
    body = answer(answers, "early", 409)
    assert body["success"] is False and body["error"]["code"] == "JOB_NOT_COMPLETED"


def test_the_end(answers: Path) -> None:
    job = data(answers, "poll")
    assert set(job) == JOB_FIELDS
    assert (job["status"], job["progress_percent"], job["current_stage"]) == ("completed", 100, None)
    assert TIME.fullmatch(job["started_at"]) and TIME.fullmatch(job["completed_at"])


def test_result(answers: Path) -> None:
    result = data(answers, "result")
    assert set(result) == DETAIL_FIELDS
    style = StyleJSON.model_validate(result["style_json"])
    assert style.details.closure is not None and style.details.provenance is not None
    assert style.details.provenance.filename == "chaos-template.mp4", "a name for people, not a key of ours"
    assert result["output_video_url"].endswith(f"/api/v1/jobs/{result['job_id']}/output")
    assert result["processing_time_seconds"] > 0


def test_film(answers: Path) -> None:
    assert (answers / "film.status").read_text() == "200"
    with av.open(str(answers / "film.json")) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert frames > 100


def test_events(answers: Path) -> None:
    story = (answers / "events.json").read_text()
    ids = [int(number) for number in re.findall(r"^id: ?(\d+)", story, re.MULTILINE)]
    told = [json.loads(line) for line in re.findall(r"^data: ?(.*)", story, re.MULTILINE)]
    assert ids == sorted(set(ids)) and len(ids) == len(told)
    percents = [event["progress_percent"] for event in told]
    assert percents == sorted(percents) and told[-1]["status"] == "completed"
    stages = list(dict.fromkeys(event["current_stage"] for event in told if event["current_stage"]))
    assert stages == [
        "video_analysis",
        "audio_analysis",
        "motion_analysis",
        "style_extraction",
        "style_application",
        "rendering",
    ]


def test_list(answers: Path) -> None:
    body = answer(answers, "list")
    assert set(body) == {"jobs", "total", "page", "page_size"}
    assert (body["total"], body["page"], body["page_size"]) == (1, 1, 10)
    assert body["jobs"] == [data(answers, "poll")]


def test_missing(answers: Path) -> None:
    body = answer(answers, "missing", 404)
    assert set(body) == {"success", "message", "error"} and body["success"] is False
    assert body["error"]["code"] == "JOB_NOT_FOUND" and set(body["error"]) == {"code", "detail"}
