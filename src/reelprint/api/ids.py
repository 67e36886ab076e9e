"""The shapes of ids. What has another shape is no id of ours, and no question for the database."""

from __future__ import annotations

import re
import secrets

from reelprint.adapters.db.jobs import unknown_job
from reelprint.adapters.db.styles import unknown_style
from reelprint.adapters.db.videos import unknown_video

_HEX = re.compile(r"[0-9a-f]{12}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def new_id(prefix: str) -> str:
    """``prefix``, an underscore and 12 hex digits (48 random bits)."""
    return f"{prefix}_{secrets.token_hex(6)}"


def job_id(text: str) -> str:
    """The text, when it is a job's id: ``job_...`` of a style job, a UUID of a clips job. Raises NotFound
    (JOB_NOT_FOUND).
    """
    if not _is(text, "job_") and not _UUID.fullmatch(text):
        raise unknown_job(_shown(text))
    return text


def clips_job_id(text: str) -> str:
    """The text, when it is a clips job's id. Raises NotFound (JOB_NOT_FOUND)."""
    if not _UUID.fullmatch(text):
        raise unknown_job(_shown(text))
    return text


def video_id(text: str) -> str:
    """The text, when it is a video's id. Raises NotFound (VIDEO_NOT_FOUND)."""
    if not _is(text, "vid_"):
        raise unknown_video(_shown(text))
    return text


def style_id(text: str) -> str:
    """The text, when it is a style's id. Raises NotFound (STYLE_NOT_FOUND)."""
    if not _is(text, "sty_"):
        raise unknown_style(_shown(text))
    return text


def _is(text: str, prefix: str) -> bool:
    return text.startswith(prefix) and _HEX.fullmatch(text, len(prefix)) is not None


def _shown(text: str) -> str:
    return ascii(text)[1:-1]
