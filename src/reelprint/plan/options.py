"""What the user may ask for beside the style."""

from __future__ import annotations

from pydantic import Field

from reelprint.core.document import Document
from reelprint.core.plan import OutputFormat, Pacing, Quality
from reelprint.core.style import AspectRatio, FrameRate


class PlanOptions(Document):
    """Choices for one edit; null follows the style (aspect, rate) or the footage (duration)."""

    pacing: Pacing = "match"
    strength: float = Field(default=1.0, ge=0, le=1)
    aspect_ratio: AspectRatio | None = None
    frame_rate: FrameRate | None = None
    quality: Quality = "standard"
    container: OutputFormat = "mp4"
    target_duration_s: float | None = Field(default=None, gt=0)
    seed: int = 0
    as_shot: bool = Field(default=False, description="keep the footage's own shape and rate, whatever the style's")
