"""A long-running child: what it is given, what it says, and that it never outlives us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from reelprint.adapters.process import Account, Child, LastLines
from reelprint.core.errors import ProcessFailed
from tests.processes import gone, pid_in, python

# Says it is ready, then ignores SIGTERM; so does its own child in the same group.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(other.pid, flush=True)
time.sleep(60)
"""


def first_line(heard: LastLines, within_s: float = 20.0) -> str:
    until = time.monotonic() + within_s
    while not heard.text():
        assert time.monotonic() < until, "the child said nothing"
        time.sleep(0.02)
    return heard.text().splitlines()[0]


def test_it_gets_its_text_and_its_lines_arrive_before_its_end() -> None:
    ends: list[tuple[int, int]] = []
    out, err, over = LastLines(), LastLines(), threading.Event()

    def on_exit(code: int) -> None:
        ends.append((code, len(out.text().splitlines())))
        over.set()

    code = "import sys; text = sys.stdin.read(); [print(n) for n in range(3000)]; print(text[:6], len(text))"
    code += "; print('oops', file=sys.stderr); sys.exit(3)"
    text = "first\n" + "x" * 1_000_000
    child = Child(python(code), stdin=text, on_line=out, on_error_line=err, on_exit=on_exit)
    assert child.wait(30) == 3
    assert over.wait(5)
    assert ends == [(3, 3002)]
    assert out.text().splitlines()[-1] == " 1000006"
    assert err.text() == "oops\n"
    assert child.poll() == 3


def test_a_child_that_does_not_read_its_text() -> None:
    child = Child(python("import sys; sys.exit(5)"), stdin="x" * 10_000_000)
    assert child.wait(30) == 5


def test_without_text_there_is_nothing_to_read() -> None:
    heard = LastLines()
    assert Child(python("import sys; print(repr(sys.stdin.read()))"), on_line=heard).wait(30) == 0
    assert heard.text() == "''\n"


def test_waiting_is_bounded_and_a_polite_child_says_goodbye() -> None:
    heard = LastLines()
    code = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit('bye'))"
    child = Child(python(code + "; print(1, flush=True); time.sleep(60)"), on_line=heard, on_error_line=heard)
    first_line(heard)
    assert child.wait(0.05) is None
    assert child.terminate(grace_s=10) == 1
    assert heard.text().splitlines()[-1] == "bye"


def test_a_stubborn_group_is_killed_after_the_grace() -> None:
    heard = LastLines()
    child = Child(python(STUBBORN), on_line=heard)
    other = int(first_line(heard))
    began = time.monotonic()
    assert child.terminate(grace_s=0.3) == -signal.SIGKILL
    assert 0.3 <= time.monotonic() - began < 5
    assert gone(other)
    child.send(signal.SIGTERM)  # nobody is there to get it


def test_its_group_ends_with_it() -> None:
    heard = LastLines()
    child = Child(python(STUBBORN), on_line=heard)
    other = int(first_line(heard))
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait(10) == -signal.SIGKILL
    assert gone(other)


def test_the_memory_limit_holds() -> None:
    code, heard = "x = bytearray(600 * 1024 * 1024)", LastLines()
    assert Child(python(code), memory_mb=2048).wait(30) == 0
    assert Child(python(code), memory_mb=400, on_error_line=heard).wait(30) == 1
    assert "MemoryError" in heard.text()


def test_a_nice_child_is_nice_among_sessions_too() -> None:
    heard = LastLines()
    # Where the kernel does not group by session there is no such file, and nothing to be done.
    look = python("import os; f = '/proc/self/autogroup'; print(open(f).read() if os.path.exists(f) else os.nice(0))")
    assert Child(look, niceness=7, on_line=heard).wait(30) == 0
    assert heard.text().split()[-1] == str(min(19, os.nice(0) + 7))


def test_niceness_is_added() -> None:
    heard = LastLines()
    assert Child(python("import os; print(os.nice(0))"), niceness=7, on_line=heard).wait(30) == 0
    assert int(heard.text()) == min(19, os.nice(0) + 7)


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(ProcessFailed, match="cannot start nothing-here"):
        Child(["/nowhere/nothing-here"])


@pytest.mark.parametrize("as_another", [False, True])
def test_it_dies_with_its_parent(as_another: bool) -> None:
    """The parent is killed without a chance to clean up; a change of user must not take the signal away."""
    if as_another and os.geteuid() != 0:
        pytest.skip("only root can start a child as somebody else")
    uid = 65534 if as_another else os.geteuid()
    account = f", account=Account({uid}, {uid})" if as_another else ""
    parent = (
        "import time; from reelprint.adapters.process import Account, Child;"
        "say = lambda line: print(line, flush=True);"
        f"Child(['/bin/sh', '-c', 'echo $$ $(id -u); sleep 60; :'], on_line=say{account}); time.sleep(60)"
    )
    with subprocess.Popen(python(parent), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid, owner = process.stdout.readline().split()
        process.kill()
    assert int(owner) == uid
    assert gone(int(pid))


def test_only_root_may_choose_an_account() -> None:
    heard = LastLines()
    if os.geteuid() == 0:
        assert (
            Child(["/bin/sh", "-c", "id -u; id -g; id -G"], account=Account(65534, 65534), on_line=heard).wait(30) == 0
        )
        assert heard.text() == "65534\n65534\n65534\n"
    else:
        with pytest.raises(ProcessFailed):
            Child(["/bin/true"], account=Account(0, 0))


def test_it_dies_with_the_thread_that_started_it(tmp_path: Path) -> None:
    """Not wanted, but a fact to know: the kernel's parent is the thread."""
    if sys.platform != "linux":
        pytest.skip("parent-death signals are Linux's")
    note = tmp_path / "pid"
    code = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    started: list[Child] = []

    def start() -> None:
        started.append(Child(python(code)))
        pid_in(note)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert started[0].wait(10) == -signal.SIGKILL


def test_sockets_are_handed_on() -> None:
    read, write = os.pipe()
    try:
        assert Child(python(f"import os; os.write({write}, b'hello')"), pass_fds=(write,)).wait(30) == 0
        assert os.read(read, 10) == b"hello"
        heard = LastLines()
        assert Child(python(f"import os; os.write({write}, b'x')"), on_error_line=heard).wait(30) == 1
        assert "Bad file descriptor" in heard.text()
    finally:
        os.close(read)
        os.close(write)
