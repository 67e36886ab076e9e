"""How far two styles are apart, and how much of a distance an edit has closed (CONTRACT section 7)."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from reelprint.core.document import Document


class FieldDistance(Document):
    """One field of two styles. ``a`` and ``b`` are plain JSON values; ``distance`` 0 is the same."""

    a: Any
    b: Any
    distance: float = Field(ge=0, le=1)


class Comparison(Document):
    """Two styles side by side. ``distance`` is the weighted mean over the fields that an edit can change."""

    distance: float = Field(ge=0, le=1)
    fields: dict[str, FieldDistance]


class FieldClosure(Document):
    """The distance of one field to the template, before and after the edit."""

    before: float = Field(ge=0, le=1)
    after: float = Field(ge=0, le=1)


class Closure(Document):
    """What an edit achieved. ``closed`` = 1 - after / before: 1 is all of it, below 0 the edit led away.

    With ``before`` 0 there was nothing to close: ``closed`` is then 1 when ``after`` is 0 too, else -1.
    """

    before: float = Field(ge=0, le=1)
    after: float = Field(ge=0, le=1)
    closed: float = Field(le=1)
    fields: dict[str, FieldClosure]
