"""A style kept under a name, and a credential."""

from __future__ import annotations

from datetime import datetime

from reelprint.core.document import Document
from reelprint.core.style import StyleJSON


class SavedStyle(Document):
    """A row of the style table."""

    style_id: str
    owner: str
    name: str
    style_json: StyleJSON
    created_at: datetime


class ApiKey(Document):
    """A credential without its secret. ``key_id`` is the owner of what it creates."""

    key_id: str
    name: str
    created_at: datetime
    revoked_at: datetime | None = None
