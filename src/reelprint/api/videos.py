"""Uploaded videos: show, list, delete."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from reelprint.api import ids
from reelprint.api.answers import bare, moment, success
from reelprint.api.auth import owner_of
from reelprint.api.docs import reply
from reelprint.api.examples import enveloped
from reelprint.api.pages import PageNumber, PageSize, known_page
from reelprint.api.schemas import Shown, Success
from reelprint.api.service import service_of
from reelprint.bootstrap.service import Service
from reelprint.core.videos import Video, VideoMetadata

router = APIRouter(tags=["videos"])

Owner = Annotated[str, Depends(owner_of)]
Parts = Annotated[Service, Depends(service_of)]

EXAMPLE: dict[str, Any] = {
    "video_id": "vid_0123456789ab",
    "filename": "holiday.mp4",
    "file_size_bytes": 48213377,
    "metadata": {
        "width": 1920,
        "height": 1080,
        "duration_seconds": 61.4,
        "frame_rate": 29.97,
        "codec": "h264",
        "bitrate_kbps": 6282,
        "format": "mp4",
    },
    "uploaded_at": "2026-01-31T12:00:00.000000Z",
    "storage_url": "file:///var/lib/reelprint/storage/videos/vid_0123456789ab",
}


class VideoData(Shown):
    """An uploaded video."""

    video_id: str = Field(pattern="^vid_[0-9a-f]{12}$")
    filename: str = Field(description="as received")
    file_size_bytes: int = Field(ge=1)
    metadata: VideoMetadata
    uploaded_at: datetime
    storage_url: str = Field(description="file:///... or s3://...: where the operator finds the bytes")


class VideoList(Shown):
    """A page of videos, newest first."""

    videos: list[VideoData]
    total: int = Field(ge=0)
    page: int = Field(ge=1)
    page_size: int = Field(ge=1, le=100)


class VideoDeleted(Shown):
    """Which video is gone."""

    video_id: str


def video_data(video: Video) -> dict[str, Any]:
    """A video as the API shows it."""
    return {
        "video_id": video.video_id,
        "filename": video.filename,
        "file_size_bytes": video.file_size_bytes,
        "metadata": video.metadata.model_dump(mode="json"),
        "uploaded_at": moment(video.uploaded_at),
        "storage_url": video.storage_url,
    }


@router.get(
    "/videos",
    summary="List videos",
    **reply(VideoList, {"videos": [EXAMPLE], "total": 1, "page": 1, "page_size": 10}),
)
async def list_videos(owner: Owner, service: Parts, page: PageNumber = 1, page_size: PageSize = 10) -> Response:
    """Newest first. A page past the end is an empty list."""
    videos, total = await service.db.videos.page(owner, known_page(page), page_size)
    shown = [video_data(video) for video in videos]
    return bare({"videos": shown, "total": total, "page": page, "page_size": page_size})


@router.get(
    "/videos/{video_id}",
    summary="Look at a video",
    **reply(Success[VideoData], enveloped("Video found", EXAMPLE), errors=(404,)),
)
async def get_video(video_id: str, owner: Owner, service: Parts) -> Response:
    """The same data as the upload answered."""
    return success("Video found", video_data(await service.db.videos.get(owner, ids.video_id(video_id))))


@router.delete(
    "/videos/{video_id}",
    summary="Delete a video",
    **reply(Success[VideoDeleted], enveloped("Video deleted", {"video_id": EXAMPLE["video_id"]}), errors=(404, 409)),
)
async def delete_video(video_id: str, owner: Owner, service: Parts) -> Response:
    """Results of finished jobs stay. While a queued or running job reads the video: 409 (VIDEO_IN_USE)."""
    video = await service.db.videos.delete(owner, ids.video_id(video_id))
    await asyncio.to_thread(service.storage.delete, video.key)
    return success("Video deleted", {"video_id": video.video_id})
