"""The supervisor with small children in place of API and workers."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reelprint.adapters.db.embedded import Embedded, running_url
from reelprint.adapters.db.leftovers import server_processes
from reelprint.core.errors import Unavailable
from reelprint.core.progress import CancelToken
from reelprint.serve.keeping import Spec
from reelprint.serve.listening import bind, listen, url_of
from reelprint.serve.ready import announce_when_ready, healthy
from reelprint.serve.supervisor import Server, Supervisor
from tests.processes import gone, lives, pid_in, python, until

# Writes its number and lives; argument 2 says for how long, 3 what it does about SIGTERM.
LIVES = """
import os, signal, sys, time
if sys.argv[3] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
elif sys.argv[3] == "slow":
    signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), sys.exit(0)))
with open(sys.argv[1] + ".new", "a") as file:
    file.write(str(os.getpid()))
os.replace(sys.argv[1] + ".new", sys.argv[1])
time.sleep(float(sys.argv[2]))
"""

# Answers one connection after the other on the socket that it is given; the first argument is its number.
ANSWERS = """
import socket, sys, time
listening = socket.socket(fileno=int(sys.argv[1]))
time.sleep(0.3)
while True:
    with listening.accept()[0] as one:
        one.recv(10_000)
        one.sendall(b"HTTP/1.0 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
"""


def life(note: Path, seconds: float = 60, term: str = "polite") -> Spec:
    return Spec(note.name, tuple(python(LIVES, note, seconds, term)))


@contextmanager
def supervised(
    *specs: Spec, database: Server | None = None, grace_s: float = 5.0
) -> Iterator[tuple[Supervisor, CancelToken]]:
    supervisor, stop = Supervisor(specs, database=database, grace_s=grace_s), CancelToken()
    thread = threading.Thread(target=supervisor.run, args=(stop,))
    thread.start()
    try:
        yield supervisor, stop
    finally:
        stop.cancel("the test is over")
        thread.join(30)
    assert not thread.is_alive()


def another_pid(note: Path, than: int) -> bool:
    return until(lambda: pid_in(note) != than)


def test_children_that_are_killed_come_again(tmp_path: Path) -> None:
    notes = [tmp_path / "one", tmp_path / "two"]
    with supervised(*(life(note) for note in notes)):
        for note in notes:
            first = pid_in(note)
            os.kill(first, signal.SIGKILL)
            assert another_pid(note, first)
        last = [pid_in(note) for note in notes]
        assert all(lives(pid) for pid in last)
    assert not any(lives(pid) for pid in last)


def test_a_child_that_always_ends_is_started_ever_more_seldom(tmp_path: Path) -> None:
    count = tmp_path / "count"
    code = "import sys; open(sys.argv[1], 'a').write('x'); sys.exit(9)"
    steady = tmp_path / "steady"
    with supervised(Spec("dies", tuple(python(code, count))), life(steady)):
        pid = pid_in(steady)
        time.sleep(3.0)
        # After 0, 0.25, 0.5, 1 and 2 s of pause, and its own time.
        assert 3 <= len(count.read_text()) <= 5
        assert pid_in(steady) == pid


def test_a_program_that_is_missing_does_not_end_the_others(tmp_path: Path) -> None:
    note = tmp_path / "one"
    with supervised(Spec("missing", ("/nowhere/missing",)), life(note)):
        pid = pid_in(note)
        time.sleep(0.6)
        assert lives(pid)


def test_the_polite_end_by_themselves_and_the_stubborn_are_killed(tmp_path: Path) -> None:
    slow, stubborn = tmp_path / "slow", tmp_path / "stubborn"
    with supervised(life(slow, term="slow"), life(stubborn, term="stubborn"), grace_s=1.5) as (_, stop):
        pids = [pid_in(slow), pid_in(stubborn)]
        began = time.monotonic()
        stop.cancel("enough")
        assert gone(pids[0])
        assert 0.4 < time.monotonic() - began < 6
        assert lives(pids[1])
        assert gone(pids[1])
        assert time.monotonic() - began < 4


def test_nobody_is_started_again_while_stopping(tmp_path: Path) -> None:
    polite, slow = tmp_path / "polite", tmp_path / "slow"
    with supervised(life(polite), life(slow, term="slow")) as (_, stop):
        pids = [pid_in(polite), pid_in(slow)]
        stop.cancel("enough")
        assert gone(pids[1])
        assert [pid_in(polite), pid_in(slow)] == pids


def test_connections_wait_while_the_api_starts_again() -> None:
    with bind("127.0.0.1", 0) as bound:
        listen(bound)
        spec = Spec("api", tuple(python(ANSWERS, bound.fileno())), pass_fds=(bound.fileno(),))
        with supervised(spec) as (supervisor, _):
            assert until(lambda: supervisor.children[0].pid)
            for _ in range(3):
                pid = supervisor.children[0].pid
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
                assert gone(pid)
                assert healthy(url_of(bound))


def test_readiness_is_said_once_it_answers(capfd: pytest.CaptureFixture[str]) -> None:
    stop = CancelToken()
    with bind("127.0.0.1", 0) as bound:
        listen(bound)
        announce_when_ready(url_of(bound), stop)
        time.sleep(0.3)
        assert capfd.readouterr().out == ""
        with supervised(Spec("api", tuple(python(ANSWERS, bound.fileno())), pass_fds=(bound.fileno(),))):
            told = ""

            def heard() -> bool:
                nonlocal told
                told += capfd.readouterr().out
                return "ready" in told

            assert until(heard)
            assert f"Reelprint is ready: http://127.0.0.1:{bound.getsockname()[1]}" in told.splitlines()
        stop.cancel("done")


class Sick:
    """A database that does not start three times."""

    pid = None

    def __init__(self) -> None:
        self.starts = 0
        self.stopped_after: float | None = None

    def alive(self) -> bool:
        return self.starts > 3

    def start(self, cancel: CancelToken | None = None) -> str:
        self.starts += 1
        if self.starts <= 3:
            raise Unavailable("no room on the disk")
        return "postgresql:///"

    def stop(self) -> None:
        self.stopped_after = time.monotonic()


def test_a_database_that_does_not_start_is_tried_until_it_does(tmp_path: Path) -> None:
    sick, note = Sick(), tmp_path / "one"
    with supervised(life(note, term="slow"), database=sick) as (_, stop):
        pid = pid_in(note)
        assert until(sick.alive)
        assert sick.starts == 4
        assert lives(pid)
        stop.cancel("enough")
        assert gone(pid)
        ended = time.monotonic()
    # The database goes last.
    assert sick.stopped_after is not None
    assert sick.stopped_after >= ended - 0.1


def test_a_killed_database_comes_again_on_the_same_address(place: Path) -> None:
    database = Embedded(place)
    url = database.start()
    with supervised(database=database):
        first = database.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        began = time.monotonic()
        assert until(lambda: running_url(place) == url and database.pid != first)
        assert time.monotonic() - began < 8  # about 0.5 s on an idle machine
    assert running_url(place) is None
    assert server_processes(place / "database") == []


def test_a_killed_root_takes_everything_along(place: Path, tmp_path: Path) -> None:
    note = tmp_path / "one"
    code = f"""
from pathlib import Path
from reelprint.adapters.db.embedded import Embedded
from reelprint.core.progress import CancelToken
from reelprint.serve.keeping import Spec
from reelprint.serve.supervisor import Supervisor
database = Embedded(Path({str(place)!r}))
database.start()
Supervisor([Spec("one", {tuple(python(LIVES, note, 60, "stubborn"))!r})], database=database).run(CancelToken())
"""
    with subprocess.Popen(python(code)) as root:
        pids = [pid_in(note), *server_processes(place / "database")]
        assert len(pids) > 4
        root.kill()
    assert all(gone(pid) for pid in pids)
    # The lock is free, and the data are good.
    database = Embedded(place)
    database.start()
    database.stop()


def test_as_process_1_it_reads_the_ends_of_orphans(tmp_path: Path) -> None:
    """A container without an init: killed children leave their own behind, which end in our hands."""
    unshare = ["unshare", "--pid", "--fork", "--mount-proc"]
    try:
        subprocess.run([*unshare, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no process namespaces here")
    leaves = "import subprocess; subprocess.Popen(['sleep', '0.3'], start_new_session=True)"
    code = f"""
import sys, threading, time
from pathlib import Path
from reelprint.core.progress import CancelToken
from reelprint.serve.keeping import Spec
from reelprint.serve.supervisor import Supervisor
stop, seen = CancelToken(), set()
def look():
    until = time.monotonic() + 3
    while time.monotonic() < until:
        time.sleep(0.05)
        seen.update(path.name for path in Path("/proc").glob("[0-9]*"))
    time.sleep(1)
    before = zombies()
    time.sleep(0.5)
    print(len(seen), len(before & zombies()), file=sys.stderr)
    stop.cancel("seen enough")
def zombies():
    return {{path.parent.name for path in Path("/proc").glob("[0-9]*/stat") if ") Z " in path.read_text()}}
threading.Thread(target=look).start()
Supervisor([Spec("leaves", {tuple(python(leaves))!r}), Spec("stays", ("sleep", "60"))]).run(stop)
"""
    done = subprocess.run([*unshare, *python(code)], capture_output=True, text=True, timeout=60, check=True)
    seen, zombies = done.stderr.strip().splitlines()[-1].split()
    assert int(seen) > 3
    assert zombies == "0"
