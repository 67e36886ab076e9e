"""For schemathesis (a process of its own): half of the ids that it makes up become ids that exist."""

from __future__ import annotations

import json
import os
import zlib
from typing import Any

import schemathesis


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of_an_upload(_context: Any, value: Any) -> bytes:
    """What tus sends."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


IDS: dict[str, str] = json.loads(os.environ["REELPRINT_TEST_IDS"])


def _known(name: str, value: Any, path: str = "") -> Any:
    known = IDS.get(f"{path} {name}", IDS.get(name))
    return known if known is not None and zlib.crc32(repr(value).encode()) % 2 else value


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    # What exists is not deleted: the other operations need it.
    if not path_parameters or context.operation.method.upper() == "DELETE":
        return path_parameters
    return {name: _known(name, value, context.operation.path) for name, value in path_parameters.items()}


@schemathesis.hook
def map_query(_context: Any, query: Any) -> Any:
    return {name: _known(name, value) for name, value in query.items()} if query else query


@schemathesis.hook
def map_body(_context: Any, body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    return {name: _known(name, value) if isinstance(value, str) else value for name, value in body.items()}
