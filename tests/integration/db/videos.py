"""Rows of videos that nobody uploaded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reelprint.core.videos import Video, VideoMetadata


def video(video_id: str, age_days: float) -> Video:
    metadata = VideoMetadata(
        width=2, height=2, duration_seconds=1, frame_rate=25, codec="h264", bitrate_kbps=1, format="mp4"
    )
    return Video(
        video_id=video_id,
        owner="local",
        filename="a.mp4",
        file_size_bytes=1,
        content_hash="0" * 64,
        key=f"videos/{video_id}",
        storage_url=f"file:///{video_id}",
        metadata=metadata,
        uploaded_at=datetime.now(UTC) - timedelta(days=age_days),
    )
