"""Clips as clients see them (CONTRACT section 5): the same over HTTP, in webhooks and on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from reelprint.core.clips import CostAnalysis, StoredClip

#: Media types of a clip's files, by suffix.
CLIP_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".jpg": "image/jpeg",
    ".srt": "application/x-subrip",
    ".vtt": "text/vtt",
}


def clip_files(clip: StoredClip) -> Iterator[tuple[str, str]]:
    """File name and storage key of every file of a clip: all are called like the film, each with its own suffix."""
    yield clip.name, clip.film
    for suffix, key in ((".jpg", clip.thumbnail), (".srt", clip.srt), (".vtt", clip.vtt)):
        if key is not None:
            yield str(PurePosixPath(clip.name).with_suffix(suffix)), key


def clip_path(job_id: str, name: str) -> str:
    """Where a file of a clip is fetched, relative to the server."""
    return f"/videos/{job_id}/{quote(name, safe='')}"


def clip_shown(clip: StoredClip, url_of: Callable[[str], str]) -> dict[str, Any]:
    """One clip, plain JSON; ``url_of`` says where the file of that name is. Beside what the pick says: ``duration``,
    the clip's own seconds, and its pixels.
    """
    urls = {PurePosixPath(name).suffix: url_of(name) for name, _ in clip_files(clip)}
    return {
        "clip_id": clip.pick.clip_id,
        "video_url": url_of(clip.name),
        "thumbnail_url": urls[".jpg"],
        "srt_url": urls.get(".srt"),
        "vtt_url": urls.get(".vtt"),
        **clip.pick.described(),
        "duration": round(clip.duration_s, 3),
        "width": clip.width,
        "height": clip.height,
    }


def result_shown(
    clips: Sequence[StoredClip], cost: CostAnalysis | None, url_of: Callable[[str], str]
) -> dict[str, Any]:
    """``result`` of a clips job: the clips there are, best first, and what the job has cost so far."""
    return {
        "clips": [clip_shown(clip, url_of) for clip in clips],
        "cost_analysis": (cost or CostAnalysis()).model_dump(mode="json"),
    }
