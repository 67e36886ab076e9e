"""The one door to processes: progress, limits, and ends that leave nobody behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from reelprint.adapters.process import Limits, run
from reelprint.core.errors import Cancelled, ProcessFailed
from reelprint.core.progress import CancelToken


def python(code: str, *args: object) -> list[str]:
    return [sys.executable, "-c", code, *map(str, args)]


def gone(pid: int, within_s: float = 5.0) -> bool:
    """Whether a process ends (a zombie that nobody has read yet has ended)."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def pid_in(path: Path, within_s: float = 20.0) -> int:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        time.sleep(0.02)
    raise AssertionError(f"{path} was never written")


# A child that ignores SIGINT, with a grandchild that ignores it too.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
code = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", code])
with open(sys.argv[1] + ".new", "w") as file:
    file.write(str(child.pid))
os.replace(sys.argv[1] + ".new", sys.argv[1])
time.sleep(60)
"""


def test_output_is_returned() -> None:
    done = run(python("import sys; print('out'); print('err', file=sys.stderr)"), cancel=CancelToken())
    assert (done.stdout, done.stderr) == ("out\n", "err\n")


def test_arguments_are_not_read_by_a_shell(tmp_path: Path) -> None:
    done = run(python("import sys; print(sys.argv[1])", "$(touch x); * '"), cancel=CancelToken(), cwd=tmp_path)
    assert done.stdout == "$(touch x); * '\n"
    assert not (tmp_path / "x").exists()


def test_progress_lines_become_frame_counts() -> None:
    seen: list[int] = []
    text = "frame=1\\nfps=20\\nprogress=continue\\nframe=  25\\nout_time_us=N/A\\nframe=50\\nprogress=end"
    run(python(f"print('{text}')"), cancel=CancelToken(), on_frames=seen.append)
    assert seen == [1, 25, 50]


def test_a_failure_says_the_last_line_and_carries_the_tail() -> None:
    code = "import sys\nfor n in range(500): print('line', n, file=sys.stderr)\nsys.exit(7)"
    with pytest.raises(ProcessFailed) as caught:
        run(python(code), cancel=CancelToken())
    assert "exit code 7" in caught.value.message
    assert caught.value.message.endswith("line 499")
    assert "line 480\n" in caught.value.detail
    assert "line 100\n" not in caught.value.detail


def test_a_flood_on_both_pipes_blocks_nobody() -> None:
    code = "import sys\nfor n in range(20000): print('x' * 50); print('y' * 50, file=sys.stderr)"
    done = run(python(code), cancel=CancelToken(), limits=Limits(time_s=60))
    assert done.stderr.count("y" * 50) > 100


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(ProcessFailed, match="cannot start nothing-here"):
        run(["/nowhere/nothing-here"], cancel=CancelToken())


def test_nothing_starts_after_a_cancel(tmp_path: Path) -> None:
    token = CancelToken()
    token.cancel("not today")
    with pytest.raises(Cancelled, match="not today"):
        run(python(f"open({str(tmp_path / 'ran')!r}, 'w')"), cancel=token)
    assert not (tmp_path / "ran").exists()


def test_cancel_ends_the_whole_group(tmp_path: Path) -> None:
    """In two seconds, with the reason, and grandchildren that ignore SIGINT are gone too."""
    token, note = CancelToken(), tmp_path / "pid"
    times: list[float] = []

    def cancel_when_started() -> None:
        pid_in(note)
        times.append(time.monotonic())
        token.cancel("the user left")

    threading.Thread(target=cancel_when_started).start()
    with pytest.raises(Cancelled, match="the user left"):
        run(python(STUBBORN, note), cancel=token)
    assert time.monotonic() - times[0] < 2.5
    assert gone(pid_in(note))


def test_a_grandchild_does_not_outlive_a_polite_child(tmp_path: Path) -> None:
    """The child ends at SIGINT at once; the grandchild that ignores it must not stay."""
    token, note = CancelToken(), tmp_path / "pid"
    polite = STUBBORN.replace("signal.signal(signal.SIGINT, signal.SIG_IGN)\ncode", "code", 1)

    def cancel_when_started() -> None:
        pid_in(note)
        token.cancel("enough")

    threading.Thread(target=cancel_when_started).start()
    with pytest.raises(Cancelled):
        run(python(polite, note), cancel=token)
    pid = pid_in(note)
    ended = gone(pid)
    if not ended:
        os.kill(pid, signal.SIGKILL)
    assert ended


def test_the_time_limit_ends_the_group(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(ProcessFailed, match="longer than 2 s"):
        run(python(STUBBORN, note), cancel=CancelToken(), limits=Limits(time_s=2))
    if note.exists():
        assert gone(pid_in(note))


def test_the_memory_limit_holds() -> None:
    code = "x = bytearray(600 * 1024 * 1024); print(len(x))"
    assert run(python(code), cancel=CancelToken(), limits=Limits(memory_mb=2048)).stdout.strip() == str(600 << 20)
    with pytest.raises(ProcessFailed, match="MemoryError"):
        run(python(code), cancel=CancelToken(), limits=Limits(memory_mb=400))


def test_children_die_with_their_parent(tmp_path: Path) -> None:
    """The parent is killed without a chance to clean up."""
    note = tmp_path / "pid"
    child = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    parent = (
        "import sys; from reelprint.adapters.process import run;"
        "from reelprint.core.progress import CancelToken;"
        f"run([sys.executable, '-c', {child!r}], cancel=CancelToken())"
    )
    with subprocess.Popen(python(parent)) as process:
        pid = pid_in(note)
        process.kill()
    assert gone(pid)
