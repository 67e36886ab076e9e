"""The storage of the service, wired: for processes that need no database too."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from reelprint.adapters.storage.objects import ObjectStorage
from reelprint.settings import Settings


def storage(settings: Settings) -> ObjectStorage:
    """The storage of the service. Raises DocumentError when STORAGE_URL cannot be used."""
    url = settings.storage_url
    if url is None:
        return ObjectStorage.local(settings.data_dir / "storage", settings.data_dir / "cache")
    if url.startswith("s3://"):
        return ObjectStorage.s3(url)
    root = Path(url2pathname(urlsplit(url).path))
    return ObjectStorage.local(root, root / "cache")
