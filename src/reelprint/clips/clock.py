"""Times as people write them."""

from __future__ import annotations


def clock(time_s: float) -> str:
    """``0:42``, ``12:05``, ``1:02:03``; seconds are cut, as players do."""
    minutes, seconds = divmod(int(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
