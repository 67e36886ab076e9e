"""Resumable uploads that nobody goes on with."""

from __future__ import annotations

import time

from reelprint.adapters.storage.objects import ObjectStorage

ROOT = "tus"
"""Where they are in storage: one folder for each, below their owner's."""


def sweep_uploads(storage: ObjectStorage, keep_hours: float) -> int:
    """Remove uploads (unfinished, or finished and only remembered) without new bytes for so long; how many. Blocks."""
    newest: dict[str, float] = {}
    for item in storage.list(ROOT):
        folder = item.key.rpartition("/")[0]
        newest[folder] = max(newest.get(folder, 0.0), item.modified.timestamp())
    old = [folder for folder, modified_s in newest.items() if modified_s < time.time() - keep_hours * 3600]
    for folder in old:
        storage.delete_prefix(folder)
    return len(old)
