"""The description of the API: complete, true to its own schemas, with examples. That it is not stale, the contract
tests of the reference pages say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from jsonschema import Draft202012Validator

from reelprint.style.presets import preset_names
from tests.integration.api.server import RunningApi

METHODS = {"get", "post", "put", "patch", "delete", "head", "options"}


@pytest.fixture(scope="module")
def described(api: RunningApi) -> dict[str, Any]:
    body = api.client.get("/openapi.json").json()
    assert isinstance(body, dict)
    return body


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert method in METHODS
            yield f"{method.upper()} {path}", operation


def check(described: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    Draft202012Validator(schema | {"components": described["components"]}).validate(value)


def test_every_route_is_described(api: RunningApi, described: dict[str, Any]) -> None:
    shown = {name for name, _ in operations(described)}
    hidden = {"/openapi.json"}
    for context in iter_route_contexts(api.app.routes):
        for method in context.methods or ():
            # HEAD beside GET, and the same under a second path, are not told twice.
            beside = method == "HEAD" and f"GET {context.path}" in shown
            if context.path in hidden or beside or "/videos/tus" in str(context.path):
                continue
            assert f"{method} {context.path}" in shown
    assert {"POST /api/v1/videos/tus", "PATCH /api/v1/videos/tus/{uuid}", "HEAD /api/v1/videos/tus/{uuid}"} <= shown


def test_every_operation_says_enough(described: dict[str, Any]) -> None:
    names = []
    for name, operation in operations(described):
        names.append(operation["operationId"])
        assert operation["summary"] and operation["tags"], name
        assert "/tus" in name or operation["description"], name
        assert {"500", "503"} <= set(operation["responses"]), name
        open_to_all = operation["security"] == []
        assert open_to_all == ("/health" in name)
        assert open_to_all or {"401", "403", "429"} <= set(operation["responses"]), name
        for status, answer in operation["responses"].items():
            if status[0] in "45":
                kind = "Error" if "/api/v1" in name else "Plain"
                assert answer == {"$ref": f"#/components/responses/{kind}{status}"}, (name, status)
    assert len(names) == len(set(names))


def test_every_example_fits_its_schema(described: dict[str, Any]) -> None:
    seen = 0
    webhooks = [(name, hook["post"]) for name, hook in described["webhooks"].items()]
    shared = [("shared", {"responses": described["components"]["responses"]})]
    for name, operation in [*operations(described), *webhooks, *shared]:
        places = [operation.get("requestBody", {}), *operation["responses"].values()]
        for place in places:
            for kind, content in place.get("content", {}).items():
                examples = [one["value"] for one in content.get("examples", {}).values()]
                examples += [content["example"]] if "example" in content else []
                if kind == "application/json" and content["schema"].get("type") != "object":
                    assert examples, name
                for example in examples:
                    check(described, content["schema"], example)
                    seen += 1
    assert seen > 50


def test_a_wrong_example_would_be_found(described: dict[str, Any]) -> None:
    content = described["paths"]["/api/v1/jobs/{job_id}"]["get"]["responses"]["200"]["content"]["application/json"]
    from jsonschema import ValidationError

    for change in ({"progress_percent": "42"}, {"status": "done"}, {"extra": 1}):
        wrong = content["example"] | {"data": content["example"]["data"] | change}
        with pytest.raises(ValidationError):
            check(described, content["schema"], wrong)


def test_what_clients_look_for(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    schemas = described["components"]["schemas"]
    assert schemas["JobRequestConfig"]["properties"]["preset"]["enum"] == [*preset_names(), None]
    assert set(described["webhooks"]) == {"job.completed", "job.failed", "job.cancelled"}
    for hook in described["webhooks"].values():
        names = [parameter["name"] for parameter in hook["post"]["parameters"]]
        assert names == ["webhook-id", "webhook-timestamp", "webhook-signature"]
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    events = described["paths"]["/api/v1/jobs/{job_id}/events"]["get"]["responses"]["200"]["content"]
    assert list(events) == ["text/event-stream"]
    film = described["paths"]["/api/v1/jobs/{job_id}/output"]["get"]["responses"]
    assert set(film["200"]["content"]) == {"video/mp4", "video/quicktime", "video/webm"} and "206" in film
    required = schemas["JobResponse"]["required"]
    assert required == list(schemas["JobResponse"]["properties"]) and "error" in required
    assert "JobEvent" in schemas and "HTTPValidationError" not in schemas


def test_nothing_is_referred_to_that_is_not_there(described: dict[str, Any]) -> None:
    def refs(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for inner in value.values():
                yield from refs(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from refs(inner)

    found = set(refs(described))
    assert len(found) > 40
    for ref in found:
        place: Any = described
        for part in ref.removeprefix("#/").split("/"):
            place = place[part]
