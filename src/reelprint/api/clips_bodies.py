"""The body of ``POST /api/process`` in its three encodings, for the OpenAPI description."""

from __future__ import annotations

import json
from typing import Any

from reelprint.api import clips_examples
from reelprint.api.clips_schemas import ProcessRequest

_REF = "#/components/schemas/{model}"
_FILE = {
    "type": "string",
    "format": "binary",
    "description": "the film: mp4, mov, avi, mkv or webm, by content; its name is only a label",
}


def _fields() -> dict[str, Any]:
    """The request's fields as a form has them: never null, and ``options`` as JSON text."""
    properties = ProcessRequest.model_json_schema(ref_template=_REF)["properties"]
    fields = {name: _without_null(schema) for name, schema in properties.items()}
    fields["options"] = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": {"$ref": _REF.format(model="ClipsOptions")},
        "description": "the same options as JSON",
    }
    return fields


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in schema.items() if name not in ("anyOf", "default", "title")}
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    return kept | (choices[0] if len(choices) == 1 else {})


def _body() -> dict[str, Any]:
    fields = _fields()
    whole = {"type": "object", "additionalProperties": False, "properties": {"file": _FILE} | fields}
    named = {name: {"value": json.dumps(value)} for name, value in clips_examples.REQUESTS.items()}
    content = {
        "application/json": {"schema": {"$ref": _REF.format(model="ProcessRequest")}, "examples": named},
        "multipart/form-data": {
            "schema": whole | {"oneOf": [{"required": ["file"]}, {"required": ["url"]}]},
            "encoding": {"file": {"contentType": "video/*, application/octet-stream"}},
        },
        "application/x-www-form-urlencoded": {
            "schema": whole | {"properties": fields, "required": ["url"]},
        },
    }
    return {"requestBody": {"required": True, "content": content}}


PROCESS_BODY = _body()
