"""Saved styles."""

from __future__ import annotations

from typing import Any

import pytest

from reelprint.style.compare import compare
from reelprint.style.presets import preset
from tests.integration.api.server import STYLE, RunningApi
from tests.integration.api.test_jobs import MOMENT, error_of, style


def save(api: RunningApi, **body: Any) -> Any:
    return api.client.post("/api/v1/styles", json=body)


def test_a_style_is_saved_found_and_deleted(api: RunningApi) -> None:
    answer = save(api, name="Schwarzweiß", style_json=style())
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert list(data) == ["style_id", "name", "style_json", "created_at"]
    assert data["name"] == "Schwarzweiß" and data["style_json"] == style() and MOMENT.fullmatch(data["created_at"])
    path = f"/api/v1/styles/{data['style_id']}"
    assert api.client.get(path).json()["data"] == data
    listed = api.client.get("/api/v1/styles").json()
    assert list(listed) == ["styles", "total", "page", "page_size"] and listed["styles"][0] == data
    gone = api.client.delete(path)
    assert gone.status_code == 200 and gone.json()["data"] == {"style_id": data["style_id"]}
    assert error_of(api.client.get(path)) == (404, "STYLE_NOT_FOUND")
    assert error_of(api.client.delete(path)) == (404, "STYLE_NOT_FOUND")


def test_a_style_is_saved_from_a_job(api: RunningApi) -> None:
    job_id = api.job(video_id=api.video(), template_video_id=api.video())
    assert error_of(save(api, name="n", job_id=job_id)) == (409, "JOB_NOT_COMPLETED")
    api.start(job_id)
    api.complete(job_id)
    assert save(api, name="n", job_id=job_id).json()["data"]["style_json"] == style()
    cancelled = api.job(video_id=api.video())
    api.client.post(f"/api/v1/jobs/{cancelled}/cancel")
    assert error_of(save(api, name="n", job_id=cancelled)) == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "n"}, 422, "MISSING_FIELD"),
        ({"style_json": style()}, 422, "MISSING_FIELD"),
        ({"name": "n", "style_json": style(), "job_id": "job_000000000000"}, 422, "VALIDATION_ERROR"),
        ({"name": "n", "job_id": "job_000000000000"}, 404, "JOB_NOT_FOUND"),
        ({"name": "n", "job_id": "\x00"}, 404, "JOB_NOT_FOUND"),
        ({"name": "", "style_json": style()}, 422, "VALIDATION_ERROR"),
        ({"name": " ", "style_json": style()}, 422, "VALIDATION_ERROR"),
        ({"name": "\x00", "style_json": style()}, 422, "VALIDATION_ERROR"),
        ({"name": "x" * 201, "style_json": style()}, 422, "VALIDATION_ERROR"),
        ({"name": "n", "style_json": style() | {"version": "2.0"}}, 422, "VALIDATION_ERROR"),
        ({"name": "n", "style_json": style() | {"extra": 1}}, 422, "VALIDATION_ERROR"),
    ],
)
def test_what_is_no_style(api: RunningApi, body: dict[str, Any], status: int, code: str) -> None:
    assert error_of(save(api, **body)) == (status, code)


def test_two_styles_side_by_side(api: RunningApi) -> None:
    other = preset("punchy-social")
    a = save(api, name="a", style_json=style()).json()["data"]["style_id"]
    b = save(api, name="b", style_json=other.model_dump(mode="json")).json()["data"]["style_id"]
    data = api.client.get("/api/v1/styles/compare", params={"a": a, "b": b}).json()["data"]
    assert data == compare(STYLE, other).model_dump(mode="json") and data["distance"] > 0
    assert api.client.get("/api/v1/styles/compare", params={"a": a, "b": a}).json()["data"]["distance"] == 0
    assert error_of(api.client.get("/api/v1/styles/compare", params={"a": a})) == (422, "MISSING_FIELD")
    unknown = api.client.get("/api/v1/styles/compare", params={"a": a, "b": "sty_000000000000"})
    assert error_of(unknown) == (404, "STYLE_NOT_FOUND")


@pytest.mark.parametrize("style_id", ["sty_000000000000", "compares", "%00"])
def test_unknown_styles(api: RunningApi, style_id: str) -> None:
    assert error_of(api.client.get(f"/api/v1/styles/{style_id}")) == (404, "STYLE_NOT_FOUND")
    assert error_of(api.client.delete(f"/api/v1/styles/{style_id}")) == (404, "STYLE_NOT_FOUND")
