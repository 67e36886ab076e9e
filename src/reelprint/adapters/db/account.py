"""Who runs the built-in PostgreSQL: we ourselves, or a user of its own when we are root (it refuses to run as root)."""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import stat
from pathlib import Path

from reelprint.adapters.process import Account, Limits, run
from reelprint.core.errors import DocumentError, ProcessFailed
from reelprint.core.progress import CancelToken

ACCOUNT = "reelprint-db"

_INSTEAD = "set DATABASE_URL to a PostgreSQL server of your own, or do not run Reelprint as root"
_log = logging.getLogger(__name__)


def account_for(database: Path) -> Account | None:
    """The account to run with on a database folder (which need not be there yet); None: our own.

    An existing folder keeps its owner, since PostgreSQL runs only as the owner of its data. Makes a user of the
    system when we are root and it is missing. Raises DocumentError when nobody can run it.
    """
    owner = database.stat().st_uid if database.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise DocumentError(f"{database} belongs to {_name(owner)}: run Reelprint as that user", detail="DATA_DIR")
        return None
    if owner == 0:
        raise DocumentError(f"{database} belongs to root, and PostgreSQL does not run as root: {_INSTEAD}")
    if owner is not None:
        return Account(owner, database.stat().st_gid)
    entry = _find() or _make()
    return Account(entry.pw_uid, entry.pw_gid)


def open_way(path: Path, account: Account | None) -> None:
    """Let an account walk to ``path``: the execute bit for others on each folder above it that lacks it.

    No folder becomes readable by this, and each change is told in the log. Does nothing for our own account.
    """
    if account is None:
        return
    for folder in reversed(path.resolve().parents):
        found = folder.stat()
        if found.st_uid == account.uid or found.st_mode & stat.S_IXOTH:
            continue
        folder.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)
        _log.warning("%s: others may walk through it now (not read it), for user %s", folder, _name(account.uid))


def _find() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        return None


def _make() -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if useradd is None:
        raise DocumentError(
            f"PostgreSQL does not run as root, and no useradd is here to make a user for it: {_INSTEAD}"
        )
    argv = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        run([*argv, "--shell", "/usr/sbin/nologin", ACCOUNT], cancel=CancelToken(), limits=Limits(time_s=30))
    except ProcessFailed as error:
        # Somebody else may have made it at the same moment.
        entry = _find()
        if entry is None:
            raise DocumentError(
                f"PostgreSQL does not run as root, and no user can be made for it ({error.message}): {_INSTEAD}",
                detail=error.detail,
            ) from None
        return entry
    _log.warning("made user %s for the built-in database", ACCOUNT)
    made = _find()
    if made is None:
        raise DocumentError(f"user {ACCOUNT} was made and is not found: {_INSTEAD}")
    return made


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return f"user {uid}"
