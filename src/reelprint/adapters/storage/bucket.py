"""Objects in an S3-compatible bucket, by obstore.

Everything large goes in pieces: memory stays bounded, and a reader who takes long between two pieces holds no
connection that could time out. Pieces of one reading are of one version of the object.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, PreconditionError, UnauthenticatedError
from obstore.store import S3Store

from reelprint.adapters.storage.stored import StoredObject, checked, replacing
from reelprint.core.errors import DocumentError, NotFound, Unavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

_READ_BYTES = 4 * 1024 * 1024
_PART_BYTES = 8 * 1024 * 1024
_PARTS_AT_ONCE = 3
#: S3 takes 10,000 parts at most; larger files get larger parts.
_MAX_PARTS = 9_000
_BATCH = 1000
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")


class Bucket:
    """A Store in ``s3://bucket/prefix``. Endpoint, region and credentials come from the usual AWS_* variables."""

    def __init__(self, url: str, *, retry_s: float = 20.0) -> None:
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
            raise DocumentError(f"STORAGE_URL is no s3://bucket/prefix: {url}", detail="STORAGE_URL")
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        endpoint = next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), None)
        client: ClientConfig = {
            "allow_http": bool(endpoint and endpoint.startswith("http://")),
            "connect_timeout": timedelta(seconds=5),
            "timeout": timedelta(seconds=120),  # of one piece
        }
        retry: RetryConfig = {"max_retries": 5, "retry_timeout": timedelta(seconds=retry_s)}
        try:
            self._store = S3Store(
                self._bucket,
                prefix=checked(self._prefix) if self._prefix else None,
                # obstore reads the environment too, but in an order of its own.
                endpoint=endpoint,
                client_options=client,
                retry_config=retry,
            )
        except (BaseError, ValueError) as error:
            raise DocumentError(f"STORAGE_URL cannot be used: {error}", detail="STORAGE_URL") from None

    def stat(self, name: str) -> StoredObject | None:
        with _translated():
            try:
                return _described(obstore.head(self._store, name))
            except FileNotFoundError:
                return None

    def get(self, name: str) -> bytes | None:
        with _translated():
            try:
                return bytes(obstore.get(self._store, name).bytes())
            except FileNotFoundError:
                return None

    def put(self, name: str, data: bytes) -> None:
        with _translated():
            obstore.put(self._store, name, data, use_multipart=False)

    def keep(self, name: str, path: Path) -> None:
        part = max(_PART_BYTES, -(-path.stat().st_size // _MAX_PARTS))
        with _translated():
            obstore.put(self._store, name, path, chunk_size=part, max_concurrency=_PARTS_AT_ONCE)

    def take(self, name: str, path: Path) -> None:
        self.keep(name, path)
        path.unlink()

    def fetch(self, name: str, path: Path) -> bool:
        found = self.stat(name)
        if found is None:
            return False
        with replacing(path) as aside, aside.open("wb") as file:
            for start in range(0, found.size_bytes, _READ_BYTES):
                file.write(self._piece(found, start, min(start + _READ_BYTES, found.size_bytes)))
        return True

    def delete(self, name: str) -> None:
        self._delete([name])

    def delete_below(self, prefix: str) -> None:
        names = [item.key for item in self.list(prefix)]
        for start in range(0, len(names), _BATCH):
            self._delete(names[start : start + _BATCH])

    def list(self, prefix: str) -> Iterator[StoredObject]:
        with _translated():
            for batch in obstore.list(self._store, prefix or None, chunk_size=_BATCH):
                for item in batch:
                    yield _described(item)

    def path(self, name: str) -> Path | None:  # noqa: ARG002 - never in the file system
        return None

    def url(self, name: str) -> str:
        return f"s3://{'/'.join(part for part in (self._bucket, self._prefix, name) if part)}"

    async def stream(self, name: str, start: int, stop: int | None) -> AsyncIterator[bytes]:
        with _translated():
            try:
                meta = await obstore.head_async(self._store, name)
                end = meta["size"] if stop is None else min(stop, meta["size"])
                etag = meta["e_tag"]
                for at in range(start, end, _READ_BYTES):
                    piece = await obstore.get_async(
                        self._store, name, options={"range": (at, min(at + _READ_BYTES, end)), "if_match": etag}
                    )
                    yield bytes(await piece.bytes_async())
            except FileNotFoundError:
                raise NotFound("the file is no longer there", detail=name) from None

    def check(self) -> None:
        # No dot in front: some servers refuse such names.
        name = f"health/{socket.gethostname()[:60]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self.put(name, b"ok")
        self.delete(name)

    def sweep(self) -> None:
        """Uploads that were cut off are the bucket's: its lifecycle rule for unfinished multipart uploads."""

    def _piece(self, found: StoredObject, start: int, stop: int) -> memoryview:
        with _translated():
            piece = obstore.get(self._store, found.key, options={"range": (start, stop), "if_match": found.etag})
            return memoryview(piece.bytes())

    def _delete(self, names: Sequence[str]) -> None:
        with _translated():
            obstore.delete(self._store, names)


def _described(meta: obstore.ObjectMeta) -> StoredObject:
    etag = meta["e_tag"] or f'"{meta["last_modified"].timestamp():x}-{meta["size"]:x}"'
    return StoredObject(key=meta["path"], size_bytes=meta["size"], modified=meta["last_modified"], etag=etag)


@contextmanager
def _translated() -> Iterator[None]:
    """The reason stays without addresses: it may be shown; the log has the cause."""
    try:
        yield
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise _unavailable("the bucket refuses our credentials") from error
    except PreconditionError as error:
        raise _unavailable("the object was replaced while it was read") from error
    except FileNotFoundError as error:
        raise _unavailable("there is no such bucket") from error
    except (BaseError, OSError) as error:
        raise _unavailable("the bucket does not answer") from error


def _unavailable(reason: str) -> Unavailable:
    return Unavailable("the storage cannot be used now", detail=f"storage: {reason}")
