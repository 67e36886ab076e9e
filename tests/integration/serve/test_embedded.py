"""The built-in PostgreSQL: nothing that is committed is lost, and it always comes up again."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from reelprint.adapters.db import account as accounts
from reelprint.adapters.db.account import account_for, open_way
from reelprint.adapters.db.embedded import Embedded, running, running_url
from reelprint.adapters.db.leftovers import server_processes
from reelprint.adapters.process import Child
from reelprint.core.errors import Cancelled, DocumentError, Unavailable
from reelprint.core.progress import CancelToken
from tests.processes import gone, lives, python, until


@contextmanager
def started(place: Path) -> Iterator[tuple[Embedded, str]]:
    server = Embedded(place)
    try:
        yield server, server.start()
    finally:
        server.stop()
    assert server_processes(place / "database") == []


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as database:
        found = database.execute(query)  # type: ignore[arg-type]
        return found.fetchall() if found.description else []


def kill(server: Embedded) -> None:
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert until(lambda: not server.alive())


def test_from_nothing_to_the_first_query(place: Path) -> None:
    began = time.monotonic()
    with started(place) as (server, url):
        assert ask(url, "SELECT current_database(), current_setting('fsync'), current_setting('server_encoding')") == [
            ("reelprint", "on", "UTF8")
        ]
        assert time.monotonic() - began < 15  # about 1 s on an idle machine
        # Nobody but its own user gets in, and it is not root.
        folder = (place / "database").stat()
        assert stat.S_IMODE(folder.st_mode) == 0o700
        assert folder.st_uid != 0
        assert Path(f"/proc/{server.pid}").stat().st_uid == folder.st_uid
        assert ask(url, "SHOW listen_addresses") == [("",)]
        # Ours are told by that word.
        assert "worker" not in Path(f"/proc/{server.pid}/cmdline").read_text()
        assert running_url(place) == url
        assert "ready to accept connections" in (place / "log" / "postgres.log").read_text()
    assert running_url(place) is None


def test_our_own_variables_change_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGOPTIONS", "-c search_path=pg_catalog")
    with started(place) as (_, url):
        assert ask(url, "SHOW port") == [("5432",)]


def test_committed_rows_survive_a_killed_server(place: Path) -> None:
    with started(place) as (server, url):
        ask(url, "CREATE TABLE kept (n int)")
        for n in range(3):
            idle = psycopg.connect(url)
            ask(url, f"INSERT INTO kept VALUES ({n})")
            kill(server)
            began = time.monotonic()
            assert server.start() == url
            assert time.monotonic() - began < 8  # about 0.3 s on an idle machine
            with pytest.raises(psycopg.OperationalError):
                idle.execute("SELECT 1")
            idle.close()
        assert ask(url, "SELECT n FROM kept ORDER BY n") == [(0,), (1,), (2,)]


def test_a_backend_deep_in_work_does_not_keep_the_next_server_from_starting(place: Path) -> None:
    with started(place) as (server, url), ThreadPoolExecutor(1) as pool:
        ask(url, "CREATE TABLE kept (n int)")
        ask(url, "INSERT INTO kept VALUES (7)")
        busy = pool.submit(ask, url, "DO $$ BEGIN LOOP END LOOP; END $$")
        spins = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'DO %' AND state = 'active'"
        assert until(lambda: ask(url, spins))
        ((pid,),) = ask(url, spins)
        kill(server)
        time.sleep(0.3)
        assert lives(int(str(pid)))  # it does not notice by itself
        server.start()
        assert not lives(int(str(pid)))
        assert isinstance(busy.exception(10), psycopg.OperationalError)
        assert ask(url, "SELECT n FROM kept") == [(7,)]


def test_a_killed_backend_takes_no_server_along(place: Path) -> None:
    with started(place) as (server, url):
        ask(url, "CREATE TABLE kept (n int)")
        ask(url, "INSERT INTO kept VALUES (1)")
        pid = server.pid
        with psycopg.connect(url) as database:
            os.kill(database.info.backend_pid, signal.SIGKILL)
            with pytest.raises(psycopg.OperationalError):
                database.execute("SELECT 1")

        def answer() -> object:
            with suppress(psycopg.OperationalError):
                return ask(url, "SELECT n FROM kept")
            return None

        assert until(lambda: answer() == [(1,)])
        assert server.pid == pid


def test_a_first_start_killed_half_way_leaves_nothing_that_looks_right(place: Path) -> None:
    code = (
        "from pathlib import Path; from reelprint.adapters.db.embedded import Embedded;"
        f"Embedded(Path({str(place)!r})).start()"
    )
    with subprocess.Popen(python(code)) as process:
        assert until(lambda: list(place.glob("database.new-*/base")))
        process.kill()
    assert not (place / "database").exists()
    assert list(place.glob("database.new-*"))
    with started(place) as (_, url):
        assert ask(url, "SELECT 1") == [(1,)]
    assert not list(place.glob("database.new-*"))


def test_the_server_dies_with_whoever_runs_it(place: Path) -> None:
    code = (
        "import time; from pathlib import Path; from reelprint.adapters.db.embedded import Embedded;"
        f"url = Embedded(Path({str(place)!r})).start(); print(url, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        ask(url, "CREATE TABLE kept (n int)")
        pids = server_processes(place / "database")
        assert len(pids) > 3
        process.kill()
    assert all(gone(pid) for pid in pids)
    with started(place) as (_, url):
        assert ask(url, "SELECT count(*) FROM kept") == [(0,)]


@pytest.mark.parametrize("name", ["long-" + "x" * 90, "comma,here", 'quote" and space', "ünï%41+'\\b"])
def test_any_name_of_a_data_folder(place: Path, name: str) -> None:
    """Paths that are too long for a socket, or that its list of folders cannot name, get a private folder elsewhere."""
    odd = place / name / "data"
    with started(odd) as (server, url):
        folder = Path(ask(url, "SHOW unix_socket_directories")[0][0].strip('"'))  # type: ignore[attr-defined]
        assert (folder == odd / "database") is name.startswith("ünï")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.stat().st_uid == (odd / "database").stat().st_uid
        assert running_url(odd) == url
        kill(server)
        assert server.start() == url
    with running(odd) as again:
        assert ask(again, "SELECT 1") == [(1,)]
    if folder != odd / "database":
        folder.rmdir()


def test_a_socket_folder_that_somebody_else_made_is_not_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = place / ("x" * 90)
    with started(odd) as (_, url):
        first = running_url(odd)
    assert first == url
    folder = Path(psycopg.conninfo.conninfo_to_dict(url)["host"])  # type: ignore[arg-type]
    folder.chmod(0o777)
    assert running_url(odd) is None
    with started(odd) as (_, url):
        other = Path(psycopg.conninfo.conninfo_to_dict(url)["host"])  # type: ignore[arg-type]
        assert other != folder
    folder.rmdir()
    other.rmdir()


def test_two_that_start_at_once_share_one_server_until_both_are_done(place: Path) -> None:
    first_leaves, second_leaves = threading.Event(), threading.Event()
    both = threading.Barrier(2)

    def use(leave: threading.Event) -> tuple[str, int]:
        with running(place) as url:
            both.wait(30)
            leave.wait(30)
            time.sleep(0.2)
            ((pid,),) = ask(url, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
            return url, int(str(pid))

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(use, first_leaves), pool.submit(use, second_leaves)
        # Whichever of them runs the server may be the one that is done first.
        first_leaves.set()
        time.sleep(0.5)
        second_leaves.set()
        assert first.result(30) == second.result(30)
    assert running_url(place) is None
    assert server_processes(place / "database") == []


def test_a_command_beside_a_service_uses_its_server(place: Path) -> None:
    with started(place) as (server, url):
        pid = server.pid
        with running(place) as again:
            assert again == url
        assert server.pid == pid
        assert ask(url, "SELECT 1") == [(1,)]


def test_a_process_number_that_another_program_has_now(place: Path) -> None:
    """After a reboot, say: PostgreSQL alone would wait for that program for ever."""
    with started(place):
        pass
    other = Child(["/bin/sleep", "60"], account=account_for(place / "database"))
    try:
        (place / "database" / "postmaster.pid").write_text(f"{other.pid}\n{place / 'database'}\n1\n5432\n\n\n\n")
        with started(place) as (_, url):
            assert ask(url, "SELECT 1") == [(1,)]
        assert other.poll() is None
    finally:
        other.terminate()


def test_a_cancelled_start_ends_everything(place: Path) -> None:
    token = CancelToken()
    threading.Timer(0.2, token.cancel, ("not now",)).start()
    server = Embedded(place)
    with pytest.raises(Cancelled, match="not now"):
        server.start(token)
    assert server_processes(place / "database") == []
    with started(place) as (_, url):
        assert ask(url, "SELECT 1") == [(1,)]


def test_a_folder_of_another_version_is_refused(place: Path) -> None:
    with started(place):
        pass
    (place / "database" / "PG_VERSION").write_text("16\n")
    with pytest.raises(DocumentError, match="PostgreSQL 16; this Reelprint runs 18"):
        Embedded(place).start()


def test_a_server_that_cannot_start_says_why(place: Path) -> None:
    with started(place):
        pass
    (place / "database" / "postgresql.auto.conf").write_text("nonsense = 1\n")
    with pytest.raises(Unavailable, match=r"does not start: .*log/postgres\.log"):
        Embedded(place).start()
    assert "nonsense" in (place / "log" / "postgres.log").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to look for another user")
class TestAsRoot:
    def test_without_a_way_to_make_a_user_it_says_what_to_do(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(accounts, "ACCOUNT", "reelprint-nobody-has-this")
        monkeypatch.setattr(accounts.shutil, "which", lambda *_, **__: None)
        with pytest.raises(DocumentError, match=r"set DATABASE_URL .* or do not run Reelprint as root"):
            Embedded(place).start()

    def test_a_folder_of_root_is_refused(self, place: Path) -> None:
        (place / "database").mkdir(parents=True)
        with pytest.raises(DocumentError, match="belongs to root"):
            account_for(place / "database")

    def test_only_the_right_to_walk_through_is_added(self, place: Path) -> None:
        closed, open_, theirs = place / "closed", place / "closed" / "open", place / "closed" / "open" / "theirs"
        theirs.mkdir(parents=True)
        account = account_for(place / "database")
        assert account is not None
        closed.chmod(0o700)
        open_.chmod(0o755)
        theirs.chmod(0o700)
        os.chown(theirs, account.uid, account.gid)
        (theirs / "database").mkdir(mode=0o700)
        open_way(theirs / "database", account)
        modes = [stat.S_IMODE(folder.stat().st_mode) for folder in (closed, open_, theirs, theirs / "database")]
        assert modes == [0o701, 0o755, 0o700, 0o700]
