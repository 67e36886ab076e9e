"""Pages of jobs, videos and styles."""

from __future__ import annotations

import pytest

from tests.integration.api.server import RunningApi
from tests.integration.api.test_jobs import FIELDS, error_of, style

LISTS = ("jobs", "videos", "styles")


@pytest.fixture(scope="module")
def filled(api: RunningApi) -> RunningApi:
    """Seven of each; of the jobs two are cancelled and one is completed."""
    for number in range(7):
        job_id = api.job(video_id=api.video())
        if number in (1, 4):
            api.client.post(f"/api/v1/jobs/{job_id}/cancel")
        if number == 2:
            api.start(job_id)
            api.complete(job_id)
        api.client.post("/api/v1/styles", json={"name": f"n{number}", "style_json": style()})
    return api


@pytest.mark.parametrize("name", LISTS)
def test_pages_are_bare_whole_and_newest_first(filled: RunningApi, name: str) -> None:
    seen: list[str] = []
    for page in (1, 2, 3, 4):
        body = filled.client.get(f"/api/v1/{name}", params={"page": page, "page_size": 3}).json()
        assert list(body) == [name, "total", "page", "page_size"]
        assert (body["total"], body["page"], body["page_size"]) == (7, page, 3)
        seen += [item[f"{name[:-1]}_id"] for item in body[name]]
    assert len(seen) == len(set(seen)) == 7
    whole = filled.client.get(f"/api/v1/{name}").json()
    assert (whole["page"], whole["page_size"]) == (1, 10)
    assert [item[f"{name[:-1]}_id"] for item in whole[name]] == seen
    times = [item.get("created_at") or item["uploaded_at"] for item in whole[name]]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=1.5", "page=", "page_size=0", "page_size=101"])
def test_what_is_no_page(filled: RunningApi, name: str, query: str) -> None:
    answer = filled.client.get(f"/api/v1/{name}?{query}")
    assert error_of(answer) == (422, "VALIDATION_ERROR")
    assert query.split("=", maxsplit=1)[0] in answer.json()["error"]["detail"]


@pytest.mark.parametrize("name", LISTS)
def test_far_past_the_end_is_empty(filled: RunningApi, name: str) -> None:
    for page in (99, 2**31, 2**63, 10**30):
        body = filled.client.get(f"/api/v1/{name}", params={"page": page, "page_size": 100}).json()
        assert (body[name], body["total"], body["page"]) == ([], 7, page)


def test_jobs_by_status_and_kind(filled: RunningApi) -> None:
    for status, count in (("queued", 4), ("cancelled", 2), ("completed", 1), ("failed", 0), ("processing", 0)):
        body = filled.client.get("/api/v1/jobs", params={"status": status}).json()
        assert body["total"] == len(body["jobs"]) == count
        assert all(job["status"] == status and list(job) == FIELDS for job in body["jobs"])
    assert filled.client.get("/api/v1/jobs", params={"kind": "style"}).json()["total"] == 7
    assert filled.client.get("/api/v1/jobs", params={"kind": "clips"}).json()["total"] == 0
    for query in ("status=done", "kind=x", "status="):
        assert error_of(filled.client.get(f"/api/v1/jobs?{query}")) == (422, "VALIDATION_ERROR")
