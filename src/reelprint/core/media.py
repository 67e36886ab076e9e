"""What a file is: measured by the probe, never assumed."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from pydantic import Field

from reelprint.core.document import Document
from reelprint.core.time import parse_rate

Container = Literal["mp4", "mov", "avi", "mkv", "webm"]
Transfer = Literal["sdr", "hlg", "pq"]


class VideoStream(Document):
    """The video stream that is used. ``width`` x ``height`` are as displayed: rotation and pixel aspect applied."""

    index: int = Field(ge=0)
    codec: str
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    coded_width: int = Field(gt=0)
    coded_height: int = Field(gt=0)
    rotation_deg: Literal[0, 90, 180, 270] = Field(description="clockwise turn needed for display")
    sample_aspect_ratio: str = "1/1"
    frame_rate: str = Field(description='average rate, "30000/1001"')
    variable_frame_rate: bool = False
    start_s: float = Field(default=0.0, description="time of the first frame on the container's clock")
    duration_s: float = Field(gt=0)
    pixel_format: str
    bit_depth: int = Field(ge=1)
    transfer: Transfer = "sdr"
    color_space: str = "unknown"
    color_range: Literal["limited", "full"] = "limited"

    @property
    def rate(self) -> Fraction:
        """The average frame rate, exact."""
        return parse_rate(self.frame_rate)

    @property
    def matrix(self) -> Literal["bt709", "smpte170m", "bt2020"]:
        """The YUV matrix to decode with. Untagged films follow players: HD is BT.709, smaller is BT.601."""
        match self.color_space:
            case "bt709" | "smpte170m" | "bt2020" as known:
                return known
            case _:
                return "bt709" if max(self.coded_width, self.coded_height) >= 1280 else "smpte170m"


class AudioStream(Document):
    """The audio stream that is used."""

    index: int = Field(ge=0)
    codec: str
    sample_rate_hz: int = Field(gt=0)
    channels: int = Field(gt=0)
    start_s: float = 0.0
    duration_s: float = Field(gt=0)


class MediaInfo(Document):
    """A probed film."""

    filename: str = Field(description="label only, never a path")
    content_hash: str = Field(description="SHA-256 of the file's bytes, hex")
    container: Container
    size_bytes: int = Field(gt=0)
    duration_s: float = Field(gt=0)
    bitrate_kbps: int = Field(ge=0)
    video: VideoStream
    audio: AudioStream | None = None
