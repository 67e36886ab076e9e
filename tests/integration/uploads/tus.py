"""Speaking tus to a server: by tuspy, and by hand."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import httpx
from tusclient.client import TusClient
from tusclient.uploader import Uploader

from tests.integration.uploads.server import ApiServer

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = TUS | {"Content-Type": "application/offset+octet-stream"}


def uploader(api: ApiServer, data: bytes, chunk: int = 50_000, url: str | None = None, **metadata: str) -> Uploader:
    client = TusClient(f"{api.v1}/videos/tus")
    if not metadata and url is None:
        metadata = {"filename": "film.mp4"}
    made: Uploader = client.uploader(file_stream=io.BytesIO(data), chunk_size=chunk, url=url, metadata=metadata)
    return made


def encoded(metadata: dict[str, str]) -> str:
    pairs = (f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata.items())
    return ",".join(pair.strip() for pair in pairs)


def create(api: ApiServer, size: int, **metadata: str) -> str:
    pairs = encoded(metadata)
    answer = httpx.post(f"{api.v1}/videos/tus", headers=TUS | {"Upload-Length": str(size), "Upload-Metadata": pairs})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def send(url: str, data: bytes, offset: int = 0) -> httpx.Response:
    return httpx.patch(url, content=data, headers=BYTES | {"Upload-Offset": str(offset)}, timeout=60)


def patch_head(api: ApiServer, url: str, length: int) -> bytes:
    """The beginning of a PATCH, for connections that are broken on purpose."""
    headers = BYTES | {"Host": "localhost", "Upload-Offset": "0", "Content-Length": str(length)}
    lines = [f"PATCH {url.removeprefix(api.url)} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def offset(url: str) -> int:
    answer = httpx.head(url, headers=TUS)
    assert answer.status_code == 200
    return int(answer.headers["upload-offset"])


def code(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"success", "message", "error"}
    assert body["success"] is False
    return answer.status_code, body["error"]["code"]


def same_but_for_time_and_place(one: dict[str, Any], other: dict[str, Any]) -> bool:
    apart = ("video_id", "uploaded_at", "storage_url")
    return {key: value for key, value in one.items() if key not in apart} == {
        key: value for key, value in other.items() if key not in apart
    }


def video_of(api: ApiServer, uploader: Uploader) -> dict[str, Any]:
    video_id = uploader.request.response_headers["video-id"]
    video: dict[str, Any] = httpx.get(f"{api.v1}/videos/{video_id}").raise_for_status().json()["data"]
    assert Path(video["storage_url"].removeprefix("file://")).is_file()
    return video
