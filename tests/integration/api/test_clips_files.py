"""``/videos/{job_id}/...``: the files of clips, while the job runs and after, for its owner."""

from __future__ import annotations

import pytest

from tests.integration.api.server import RunningApi
from tests.integration.api.test_clips_process import plain_error

KINDS = {"mp4": "video/mp4", "jpg": "image/jpeg", "srt": "application/x-subrip", "vtt": "text/vtt; charset=utf-8"}


@pytest.fixture(scope="module")
def job_id(api: RunningApi) -> str:
    """A job that runs, with two clips."""
    made = api.clips_job()
    api.start(made)
    api.clip(made, 1)
    api.clip(made, 2, said=False)
    return made


@pytest.mark.parametrize("suffix", KINDS)
def test_files_come_whole_and_in_ranges(api: RunningApi, job_id: str, suffix: str) -> None:
    path = f"/videos/{job_id}/talk_clip_1.{suffix}"
    data = f"outputs/{job_id}/1/talk_clip_1.{suffix}".encode() * 40
    whole = api.client.get(path)
    assert (whole.status_code, whole.content) == (200, data)
    assert whole.headers["content-type"] == KINDS[suffix] and whole.headers["accept-ranges"] == "bytes"
    assert f'filename="talk_clip_1.{suffix}"' in whole.headers["content-disposition"]
    part = api.client.get(path, headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, data[2:6])
    assert part.headers["content-range"] == f"bytes 2-5/{len(data)}"
    head = api.client.head(path)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(data)))
    same = api.client.get(path, headers={"If-None-Match": whole.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert plain_error(api.client.get(path, headers={"Range": f"bytes={len(data)}-"}))[0] == 416


def test_the_addresses_of_the_status_are_those_of_the_files(api: RunningApi, job_id: str) -> None:
    for clip in api.client.get(f"/api/status/{job_id}").json()["result"]["clips"]:
        urls = [clip[name] for name in clip if name.endswith("_url") and clip[name]]
        assert len(urls) == (4 if clip["clip_id"] == "clip_01" else 2)
        for url in urls:
            assert api.client.get(url).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "talk_clip_2.srt",
        "talk_clip_3.mp4",
        "talk_clip_1",
        "talk_clip_1.mp3",
        "%2e%2e",
        "..%2f1%2ftalk_clip_1.mp4",
        "%00",
    ],
)
def test_other_names_are_nobodys(api: RunningApi, job_id: str, name: str) -> None:
    assert plain_error(api.client.get(f"/videos/{job_id}/{name}"))[0] == 404
    assert api.client.head(f"/videos/{job_id}/{name}").status_code == 404


def test_wrong_methods(api: RunningApi, job_id: str) -> None:
    answer = api.client.delete(f"/videos/{job_id}/talk_clip_1.mp4")
    assert plain_error(answer)[0] == 405 and answer.headers["allow"] == "GET, HEAD"


def test_a_file_that_is_gone(api: RunningApi) -> None:
    made = api.clips_job()
    api.start(made)
    api.clip(made, 1)
    api.service.storage.delete_prefix(f"outputs/{made}")
    assert plain_error(api.client.get(f"/videos/{made}/talk_clip_1.mp4"))[0] == 404
