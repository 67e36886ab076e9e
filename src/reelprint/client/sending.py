"""Sending a film as a form, so that it can be sent again, with progress."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from reelprint.client.download import OnBytes
from reelprint.client.transport import Transport
from reelprint.core.errors import DocumentError, VideoNotFound

_UPLOAD_S = 600.0
"""The server inspects a film before it answers."""


def send_film(
    transport: Transport, target: str, path: Path, fields: Mapping[str, str], on_bytes: OnBytes, **more: Any
) -> Any:
    """What ``target`` answers to a form with the film as ``file``. ``more`` goes to ``Transport.ask``.

    Raises VideoNotFound and DocumentError for a bad file, ApiError, NoServer.
    """
    # A name that is no text, as files may have, is only a label to the server.
    name = path.name.encode("utf-8", "replace").decode()
    try:
        with path.open("rb") as file:
            sent = _Counted(file, path.stat().st_size, on_bytes)

            def body() -> Mapping[str, Any]:
                file.seek(0)
                return {"files": {"file": (name, cast(IO[bytes], sent))}, "data": dict(fields)}

            return transport.ask("POST", target, body=body, timeout=_UPLOAD_S, **more)
    except FileNotFoundError:
        raise VideoNotFound(f"no such file: {path}") from None
    except OSError as error:
        raise DocumentError(f"cannot read {path}: {error.strerror or error}", detail="file") from None


class _Counted:
    """A file as httpx reads it while it is sent, telling how much was read."""

    def __init__(self, file: BinaryIO, size: int, on_bytes: OnBytes) -> None:
        self._file, self._size, self._on_bytes = file, size, on_bytes

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._on_bytes(self._file.tell(), self._size)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def fileno(self) -> int:
        return self._file.fileno()
