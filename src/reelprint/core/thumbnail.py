"""A small picture of a moment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Thumbnail:
    """``jpeg``: a whole JPEG file, ``width_px`` x ``height_px``."""

    time_s: float
    jpeg: bytes
    width_px: int
    height_px: int
