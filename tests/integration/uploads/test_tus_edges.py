"""Resumable upload: what is refused, what is optional, what is said."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from tusclient.exceptions import TusUploadFailed

from tests.bad_media import BAD, bad_film
from tests.integration.uploads.conftest import MAX_MB
from tests.integration.uploads.server import MIB, ApiServer
from tests.integration.uploads.tus import (
    BYTES,
    TUS,
    code,
    create,
    encoded,
    offset,
    send,
    uploader,
    video_of,
)
from tests.media import Lab

pytestmark = pytest.mark.usefixtures("as_before_tus")


@pytest.mark.parametrize("name", ["text.mp4", "cut_index_last.mp4", "no_frames.mp4", "sound_only.mp4", "playlist.mp4"])
def test_what_is_no_film_is_refused_like_in_the_form(api: ApiServer, lab: Lab, name: str) -> None:
    bad = next(bad for bad in BAD if bad.name == name)
    data = bad_film(lab, bad).read_bytes()
    client = uploader(api, data, max(1, len(data) // 3))
    with pytest.raises(TusUploadFailed) as told:
        client.upload()
    assert (told.value.status_code, json.loads(told.value.response_content)["error"]["code"]) == (422, bad.code)
    assert api.files() == []
    assert httpx.head(client.url, headers=TUS).status_code == 404
    assert api.videos() == []


def test_an_empty_file_is_refused_when_it_is_announced(api: ApiServer) -> None:
    answer = httpx.post(f"{api.v1}/videos/tus", headers=TUS | {"Upload-Length": "0"})
    assert code(answer) == (422, "UNSUPPORTED_FORMAT")
    assert api.files() == []


def test_the_limit_is_exact_to_the_byte(api: ApiServer, film_at_the_limit: Path) -> None:
    data = film_at_the_limit.read_bytes()
    client = uploader(api, data, MIB)
    client.upload()
    assert video_of(api, client)["file_size_bytes"] == MAX_MB * MIB
    for length in (MAX_MB * MIB + 1, 10**15, 10**40):
        answer = httpx.post(f"{api.v1}/videos/tus", headers=TUS | {"Upload-Length": str(length)})
        assert code(answer) == (413, "FILE_TOO_LARGE")


def test_more_than_was_announced_is_refused(api: ApiServer, film: Path) -> None:
    data = film.read_bytes()
    url = create(api, len(data) - 10, filename="film.mp4")
    assert code(send(url, data)) == (400, "BAD_REQUEST")
    assert httpx.delete(url, headers=TUS).status_code == 204


@pytest.mark.parametrize(
    ("metadata", "shown"),
    [
        ({"filename": "Käse – 日本.mp4", "filetype": "video/mp4"}, "Käse – 日本.mp4"),
        ({"filename": "../../../etc/passwd"}, "../../../etc/passwd"),
        ({"name": "uppy.mp4", "type": "video/mp4"}, "uppy.mp4"),
        ({"filename": "nul\0.mp4"}, "nul\N{REPLACEMENT CHARACTER}.mp4"),
        ({"filename": ""}, "upload"),
        ({}, "upload"),
    ],
)
def test_names_are_labels_and_optional(api: ApiServer, film: Path, metadata: dict[str, str], shown: str) -> None:
    data = film.read_bytes()
    url = create(api, len(data), **metadata)
    headed = httpx.head(url, headers=TUS)
    assert headed.status_code == 200
    pairs = (pair.partition(" ") for pair in headed.headers.get("upload-metadata", "").split(",") if pair)
    assert {name: base64.b64decode(value).decode() for name, _, value in pairs} == metadata
    answer = send(url, data)
    video = httpx.get(f"{api.v1}/videos/{answer.headers['video-id']}").json()["data"]
    assert video["filename"] == shown


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"template_video_id": "vid_0123456789ab"}, (404, "VIDEO_NOT_FOUND")),
        ({"template_video_id": "../x"}, (404, "VIDEO_NOT_FOUND")),
        ({"webhook_url": "http://127.0.0.1/"}, (422, "VALIDATION_ERROR")),
        ({"webhook_url": "https://a.example/" + "x" * 5000}, (422, "VALIDATION_ERROR")),
    ],
)
def test_what_is_said_about_a_film_is_checked_first(
    api: ApiServer, metadata: dict[str, str], expected: tuple[int, str]
) -> None:
    pairs = encoded(metadata)
    answer = httpx.post(f"{api.v1}/videos/tus", headers=TUS | {"Upload-Length": "10", "Upload-Metadata": pairs})
    assert code(answer) == expected
    assert api.files() == []


def test_defaults_for_jobs_may_be_announced(api: ApiServer, film: Path) -> None:
    template = api.upload(film).json()["data"]["video_id"]
    url = create(api, 10, template_video_id=template, webhook_url="https://films.example/done")
    assert httpx.delete(url, headers=TUS).status_code == 204
    assert httpx.head(url, headers=TUS).status_code == 404


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Upload-Length": "10"}, (412, "PRECONDITION_FAILED")),
        ({"Upload-Length": "10", "Tus-Resumable": "0.2.2"}, (412, "PRECONDITION_FAILED")),
        (TUS, (422, "MISSING_FIELD")),
        (TUS | {"Upload-Length": "-1"}, (422, "VALIDATION_ERROR")),
        (TUS | {"Upload-Length": "ten"}, (422, "VALIDATION_ERROR")),
        (TUS | {"Upload-Defer-Length": "1"}, (422, "VALIDATION_ERROR")),
        (TUS | {"Upload-Length": "10", "Upload-Concat": "partial"}, (422, "VALIDATION_ERROR")),
        (TUS | {"Upload-Concat": "final;/../../etc/passwd"}, (422, "VALIDATION_ERROR")),
        (TUS | {"Upload-Length": "10", "Content-Length": "10"}, (422, "VALIDATION_ERROR")),
    ],
)
def test_announcements_that_make_no_sense(api: ApiServer, headers: dict[str, str], expected: tuple[int, str]) -> None:
    content = b"x" * int(headers.get("Content-Length", "0"))
    assert code(httpx.post(f"{api.v1}/videos/tus", headers=headers, content=content)) == expected
    assert api.files() == []


def test_bytes_that_make_no_sense(api: ApiServer) -> None:
    url = create(api, 100, filename="film.mp4")

    def sent(content: Any = b"x" * 10, **changes: str | None) -> tuple[int, str]:
        headers = {"tus_resumable": "1.0.0", "upload_offset": "0", "content_type": BYTES["Content-Type"]} | changes
        named = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        return code(httpx.patch(url, content=content, headers=named))

    assert sent(upload_offset="5") == (409, "CONFLICT")
    assert sent(upload_offset="-1") == (400, "BAD_REQUEST")
    assert sent(upload_offset=None) == (400, "BAD_REQUEST")
    assert sent(upload_offset="9" * 30) == (409, "CONFLICT")
    assert sent(content_type="video/mp4") == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert sent(tus_resumable=None) == (412, "PRECONDITION_FAILED")
    assert sent(content=iter([b"x" * 10])) == (411, "LENGTH_REQUIRED")
    assert offset(url) == 0
    assert httpx.delete(url, headers=TUS).status_code == 204


@pytest.mark.parametrize("upload_id", ["0" * 32, "nothing", "..%2f..%2fvideos", "a" * 3000, "%00", "info"])
def test_unknown_uploads(api: ApiServer, upload_id: str) -> None:
    url = f"{api.v1}/videos/tus/{upload_id}"
    for answer in (send(url, b"x"), httpx.delete(url, headers=TUS)):
        assert code(answer) == (404, "NOT_FOUND")
    assert httpx.head(url, headers=TUS).status_code == 404


def test_it_says_what_it_can_do(api: ApiServer) -> None:
    for path in ("videos/tus", "videos/tus/"):
        answer = httpx.options(f"{api.v1}/{path}")
        assert answer.status_code == 204
        assert answer.headers["tus-version"] == "1.0.0"
        assert answer.headers["tus-max-size"] == str(MAX_MB * MIB)
        assert set(answer.headers["tus-extension"].split(",")) == {"creation", "expiration", "termination"}


def test_clients_behind_old_proxies_may_post_everything(api: ApiServer, film: Path) -> None:
    data = film.read_bytes()
    url = create(api, len(data), filename="film.mp4")
    headers = BYTES | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert httpx.post(url, content=data, headers=headers).headers["video-id"]


def test_links_lead_where_the_client_is(api: ApiServer) -> None:
    url = create(api, 10)
    assert url.startswith(f"{api.v1}/videos/tus/")
    assert httpx.delete(url, headers=TUS).status_code == 204
    spoofed = TUS | {"Upload-Length": "10", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    answer = httpx.post(f"{api.v1}/videos/tus", headers=spoofed)
    assert answer.headers["location"].startswith(api.v1)
    assert httpx.delete(answer.headers["location"], headers=TUS).status_code == 204
