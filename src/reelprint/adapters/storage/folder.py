"""Objects as files in a folder, each written aside, made durable, and renamed when whole."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import shutil
import socket
import stat
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from reelprint.adapters.storage.stored import StoredObject, replacing
from reelprint.core.errors import NotFound, Unavailable

_PIECE_BYTES = 256 * 1024
_ASIDE = ".new"
#: Writes of other machines cannot be asked whether they live; none takes this long.
_ABANDONED_S = 24 * 3600
#: Another process may remove an empty folder between our making it and our renaming into it.
_TRIES = 200
_HOST = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


class Folder:
    """A Store under ``root``, which is made when it is first written to."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def stat(self, name: str) -> StoredObject | None:
        with _translated():
            return _described(self.root / name, name)

    def get(self, name: str) -> bytes | None:
        path = self.root / name
        with _translated():
            try:
                return path.read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None

    def put(self, name: str, data: bytes) -> None:
        with self._aside() as aside:
            with aside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self._place(aside, name)

    def keep(self, name: str, path: Path) -> None:
        with self._aside() as aside:
            shutil.copyfile(path, aside)
            _settle_path(aside)
            self._place(aside, name)

    def take(self, name: str, path: Path) -> None:
        with _translated():
            _settle_path(path)
            try:
                self._place(path, name)
                return
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
        self.keep(name, path)
        path.unlink()

    def fetch(self, name: str, path: Path) -> bool:
        with _translated():
            try:
                with (self.root / name).open("rb") as source, replacing(path) as aside, aside.open("wb") as target:
                    shutil.copyfileobj(source, target, _PIECE_BYTES)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                if not path.parent.is_dir():
                    raise
                return False
        return True

    def delete(self, name: str) -> None:
        path = self.root / name
        with _translated():
            with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
                path.unlink()
            self._prune(path.parent)

    def delete_below(self, prefix: str) -> None:
        folder = self.root / prefix
        with _translated():
            for _ in range(_TRIES):
                # Renamed first: what is still being written in there finds no folder, instead of half of one.
                aside = self._new_name()
                try:
                    aside.parent.mkdir(parents=True, exist_ok=True)
                    if not folder.is_dir():
                        break
                    folder.replace(aside)
                except FileNotFoundError:
                    continue
                shutil.rmtree(aside)
                break
            self._prune(folder.parent)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        with _translated():
            for folder, folders, files in os.walk(self.root / prefix):
                folders[:] = [item for item in folders if not item.startswith(".")]
                for file in files:
                    path = Path(folder, file)
                    # Gone since the folder was read: not there.
                    if not file.startswith(".") and (found := _described(path, str(path.relative_to(self.root)))):
                        yield found

    def path(self, name: str) -> Path | None:
        path = self.root / name
        return path if path.is_file() else None

    def url(self, name: str) -> str:
        return (self.root / name).as_uri()

    async def stream(self, name: str, start: int, stop: int | None) -> AsyncIterator[bytes]:
        try:
            file = await asyncio.to_thread((self.root / name).open, "rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise NotFound("the file is no longer there", detail=name) from None
        except OSError as error:
            raise _unavailable(error) from error
        with file:
            file.seek(start)
            left = stop - start if stop is not None else None
            while left is None or left > 0:
                size = _PIECE_BYTES if left is None else min(left, _PIECE_BYTES)
                try:
                    data = await asyncio.to_thread(file.read, size)
                except OSError as error:
                    raise _unavailable(error) from error
                if not data:
                    return
                yield data
                left = left - len(data) if left is not None else None

    def check(self) -> None:
        with self._aside() as aside:
            aside.write_bytes(b"ok")

    def sweep(self) -> None:
        with _translated(), suppress(FileNotFoundError):
            for path in (self.root / _ASIDE).iterdir():
                if _abandoned(path):
                    _remove(path)

    def _new_name(self) -> Path:
        return self.root / _ASIDE / f"{_HOST}-{os.getpid()}-{uuid.uuid4().hex}"

    @contextmanager
    def _aside(self) -> Iterator[Path]:
        """A path in the same file system to write to; what is still there at the end is removed."""
        aside = self._new_name()
        with _translated():
            try:
                aside.parent.mkdir(parents=True, exist_ok=True)
                yield aside
            finally:
                with suppress(OSError):
                    aside.unlink(missing_ok=True)

    def _place(self, source: Path, name: str) -> None:
        target = self.root / name
        for attempt in range(_TRIES):
            try:
                self._make(target.parent)
                source.replace(target)
                break
            except (FileNotFoundError, FileExistsError):
                # The second comes from mkdir when a folder was there to make it fail and gone when it looked.
                if attempt == _TRIES - 1 or not source.exists():
                    raise
        with suppress(FileNotFoundError):  # removed again by somebody else
            _settle_path(target.parent)

    def _make(self, folder: Path) -> None:
        """Make a folder and those above it, each to stay."""
        if folder.is_dir():
            return
        if folder != folder.parent:
            self._make(folder.parent)
        folder.mkdir(exist_ok=True)
        _settle_path(folder.parent)

    def _prune(self, folder: Path) -> None:
        """Remove folders that became empty, upwards."""
        with suppress(OSError):
            while folder != self.root and self.root in folder.parents:
                folder.rmdir()
                folder = folder.parent


def _described(path: Path, name: str) -> StoredObject | None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return StoredObject(
        key=name,
        size_bytes=status.st_size,
        modified=datetime.fromtimestamp(status.st_mtime, UTC),
        etag=f'"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"',
    )


def _settle_path(path: Path) -> None:
    """Make a file's bytes, or a folder's names, outlast a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _abandoned(path: Path) -> bool:
    host, _, rest = path.name.partition("-")
    pid = rest.partition("-")[0]
    if host == _HOST and pid.isdigit() and not _alive(int(pid)):
        return True
    try:
        return time.time() - path.stat().st_mtime > _ABANDONED_S
    except FileNotFoundError:
        return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove(path: Path) -> None:
    act: Callable[[Path], None] = shutil.rmtree if path.is_dir() else Path.unlink
    with suppress(FileNotFoundError):
        act(path)


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable("the storage cannot be used now", detail=f"storage: {error.strerror or type(error).__name__}")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unavailable(error) from error
