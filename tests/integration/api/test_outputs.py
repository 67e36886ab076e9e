"""The files of finished jobs."""

from __future__ import annotations

import pytest

from tests.integration.api.server import CUBE, FILM, PNG, SVG, TIMELINE, RunningApi
from tests.integration.api.test_jobs import error_of

FILES = {
    "output": (FILM, "video/mp4"),
    "style.cube": (CUBE, "text/plain"),
    "timeline.otio": (TIMELINE, "application/json"),
    "report": (PNG, "image/png"),
    "report?format=svg": (SVG, "image/svg+xml"),
}


@pytest.fixture(scope="module")
def job_id(api: RunningApi) -> str:
    return api.completed(video_id=api.video(), config={"preset": "noir"})


@pytest.mark.parametrize("name", FILES)
def test_files_come_whole_and_in_ranges(api: RunningApi, job_id: str, name: str) -> None:
    data, kind = FILES[name]
    path = f"/api/v1/jobs/{job_id}/{name}"
    whole = api.client.get(path)
    assert (whole.status_code, whole.content) == (200, data)
    assert whole.headers["content-type"].partition(";")[0] == kind
    part = api.client.get(path, headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, data[2:6])
    assert part.headers["content-range"] == f"bytes 2-5/{len(data)}"
    head = api.client.head(path)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(data)))
    same = api.client.get(path, headers={"If-None-Match": whole.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    for stamp, status in (
        (whole.headers["last-modified"], 304),
        ("Fri, 01 Jan 2038 00:00:00 GMT", 304),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
        ("yesterday", 200),
    ):
        assert api.client.get(path, headers={"If-Modified-Since": stamp}).status_code == status, stamp
    both = {"If-Modified-Since": whole.headers["last-modified"], "If-None-Match": '"another"'}
    assert api.client.get(path, headers=both).status_code == 200, "the tag counts more than the date"
    past = api.client.get(path, headers={"Range": f"bytes={len(data)}-"})
    assert error_of(past) == (416, "RANGE_NOT_SATISFIABLE")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "image/png"),
        ("image/svg+xml", "image/svg+xml"),
        ("image/svg+xml, image/png", "image/png"),
        ("image/png;q=0.5, image/svg+xml", "image/svg+xml"),
        ("text/html, image/svg+xml;q=nonsense", "image/png"),
    ],
)
def test_the_report_as_accepted(api: RunningApi, job_id: str, accept: str, kind: str) -> None:
    answer = api.client.get(f"/api/v1/jobs/{job_id}/report", headers={"Accept": accept})
    assert answer.status_code == 200 and answer.headers["content-type"].partition(";")[0] == kind
    assert "Accept" in answer.headers["vary"]


def test_no_other_format(api: RunningApi, job_id: str) -> None:
    assert error_of(api.client.get(f"/api/v1/jobs/{job_id}/report?format=gif")) == (422, "VALIDATION_ERROR")


def test_an_extraction_has_no_film_and_no_edit(api: RunningApi) -> None:
    extraction = api.job(template_video_id=api.video())
    api.start(extraction)
    api.complete(extraction, task="extract")
    result = api.client.get(f"/api/v1/jobs/{extraction}/result").json()["data"]
    assert result["output_video_url"] is None and result["style_json"] is not None
    for name in ("output", "timeline.otio"):
        assert error_of(api.client.get(f"/api/v1/jobs/{extraction}/{name}")) == (404, "NOT_FOUND")
    for name in ("style.cube", "report"):
        assert api.client.get(f"/api/v1/jobs/{extraction}/{name}").status_code == 200


@pytest.mark.parametrize("name", FILES)
def test_too_early_and_too_late(api: RunningApi, name: str) -> None:
    early = api.job(video_id=api.video())
    answer = api.client.get(f"/api/v1/jobs/{early}/{name}")
    assert error_of(answer) == (409, "JOB_NOT_COMPLETED")
    assert answer.headers["retry-after"] == "5"
    api.client.post(f"/api/v1/jobs/{early}/cancel")
    assert error_of(api.client.get(f"/api/v1/jobs/{early}/{name}")) == (404, "NOT_FOUND")
    late = api.completed(video_id=api.video())
    api.service.storage.delete_prefix(f"outputs/{late}")
    assert error_of(api.client.get(f"/api/v1/jobs/{late}/{name}")) == (404, "NOT_FOUND")
