"""The base of every document: frozen, closed against unknown fields, byte-for-byte reproducible."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """An immutable value. Unknown fields and NaN are refused, so a typo never passes silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def to_json(self, *, indent: int | None = None) -> str:
        """Canonical JSON: keys in field order, the same bytes for equal documents."""
        data: Any = self.model_dump(mode="json")
        separators = (",", ": ") if indent else (",", ":")
        return json.dumps(data, ensure_ascii=False, indent=indent, separators=separators)

    def fingerprint(self) -> str:
        """SHA-256 of the canonical JSON, hex."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()
