"""API keys: shown once, kept as hashes, revocable.

A key is ``rp_<id>_<secret>`` with 256 random bits in the secret, so a plain SHA-256 of it is as good as a slow hash:
there is nothing to guess (OWASP, password storage: slow hashes are for secrets that people choose).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from reelprint.adapters.db.database import Database
from reelprint.adapters.db.tables import KEYS
from reelprint.core.errors import NotFound
from reelprint.core.saved import ApiKey

_SHAPE = re.compile(r"rp_([0-9a-f]{12})_([A-Za-z0-9_-]{43})\Z")
_FIELDS = tuple(ApiKey.model_fields)
#: How long an answer about a key is believed without asking again: so long a revoked key may still work.
_BELIEVED_S = 2.0


class Keys:
    """The key table."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[float, ApiKey | None]] = {}
        self._any: tuple[float, bool] | None = None

    async def create(self, name: str) -> tuple[ApiKey, str]:
        """Make a key; the second value is the secret text, which is kept nowhere."""
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)

        async def work(connection: AsyncConnection) -> ApiKey:
            made = insert(KEYS).values(key_id=key_id, name=name, secret_sha256=_hash(secret)).returning(KEYS)
            return _key_of((await connection.execute(made)).one())

        return await self._database.run(work), f"rp_{key_id}_{secret}"

    async def list(self) -> list[ApiKey]:
        """Every key, revoked ones too, oldest first."""

        async def work(connection: AsyncConnection) -> list[ApiKey]:
            rows = (await connection.execute(select(KEYS).order_by(KEYS.c.created_at))).all()
            return [_key_of(row) for row in rows]

        return await self._database.run(work)

    async def revoke(self, key_id: str) -> ApiKey:
        """Make a key useless; what it created stays. Raises NotFound."""

        async def work(connection: AsyncConnection) -> ApiKey | None:
            gone = (
                update(KEYS)
                .where(KEYS.c.key_id == key_id)
                .values(revoked_at=func.coalesce(KEYS.c.revoked_at, func.now()))
                .returning(KEYS)
            )
            row = (await connection.execute(gone)).one_or_none()
            return None if row is None else _key_of(row)

        found = await self._database.run(work)
        if found is None:
            raise NotFound(f"there is no key {key_id}; see `reelprint keys list`", detail=key_id)
        return found

    async def any_made(self) -> bool:
        """Whether a key was ever made: from then on every request needs one, also when all are revoked."""
        now = time.monotonic()
        if self._any is not None and (self._any[1] or now - self._any[0] < _BELIEVED_S):
            return self._any[1]

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(select(KEYS.c.key_id).limit(1))).first() is not None

        made = await self._database.run(work, one_statement=True)
        self._any = (now, made)
        return made

    async def any_active(self) -> bool:
        """Whether there is a key that is not revoked."""

        async def work(connection: AsyncConnection) -> bool:
            query = select(KEYS.c.key_id).where(KEYS.c.revoked_at.is_(None)).limit(1)
            return (await connection.execute(query)).first() is not None

        return await self._database.run(work, one_statement=True)

    async def check(self, text: str) -> ApiKey | None:
        """The key that this secret text belongs to; None when there is none, or it is revoked."""
        shape = _SHAPE.match(text)
        if shape is None:
            return None
        digest, now = _hash(text), time.monotonic()
        known = self._known.get(digest)
        if known is not None and now - known[0] < _BELIEVED_S:
            return known[1]
        key_id, secret = shape.groups()

        async def work(connection: AsyncConnection) -> Any:
            return (await connection.execute(select(KEYS).where(KEYS.c.key_id == key_id))).one_or_none()

        row = await self._database.run(work, one_statement=True)
        same = hmac.compare_digest(_hash(secret), row.secret_sha256 if row is not None else _hash(""))
        found = _key_of(row) if row is not None and same and row.revoked_at is None else None
        if len(self._known) > 1000:
            self._known.clear()
        self._known[digest] = (now, found)
        return found


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _key_of(row: Any) -> ApiKey:
    values = row._mapping
    return ApiKey.model_validate({name: values[name] for name in _FIELDS})
