"""An uploaded video as the API shows it."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from reelprint.core.document import Document
from reelprint.core.media import MediaInfo


class VideoMetadata(Document):
    """Measured, never assumed; width and height as displayed (rotation applied)."""

    width: int
    height: int
    duration_seconds: float
    frame_rate: float
    codec: str = Field(description="ffmpeg's name")
    bitrate_kbps: int = Field(description="of the whole file")
    format: str = Field(description="container, by content")

    @classmethod
    def of(cls, media: MediaInfo) -> VideoMetadata:
        """The contract's fields of a probed film."""
        return cls(
            width=media.video.width,
            height=media.video.height,
            duration_seconds=round(media.duration_s, 3),
            frame_rate=round(float(media.video.rate), 3),
            codec=media.video.codec,
            bitrate_kbps=media.bitrate_kbps,
            format=media.container,
        )


class Video(Document):
    """A row of the video table. ``key`` is where the bytes are in storage; ``content_hash`` is their SHA-256."""

    video_id: str
    owner: str
    filename: str = Field(description="as received: a label, never a path")
    file_size_bytes: int
    content_hash: str
    key: str
    storage_url: str
    metadata: VideoMetadata
    template_video_id: str | None = None
    webhook_url: str | None = None
    uploaded_at: datetime
