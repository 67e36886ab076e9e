"""What a person and a machine are told about files that are no good film: one line, a code, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.bad_media import BAD, Bad, bad_film
from tests.conftest import Cli
from tests.media import Lab

NAMED = {bad.name: bad for bad in BAD}


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The only line that stderr holds beside the progress."""
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("reelprint: ")
    return lines[0]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_machine_gets_the_error_object(lab: Lab, cli: Cli, bad: Bad) -> None:
    done = cli("extract", bad_film(lab, bad), "--json")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    body = json.loads(done.stdout)
    assert body["success"] is False
    assert body["error"]["code"] == bad.code
    assert bad.says in body["message"]
    assert set(body) == {"success", "message", "error"}
    assert set(body["error"]) == {"code", "detail"}


def test_the_program_itself_ends_so(lab: Lab, cli_process: Cli) -> None:
    done = cli_process("extract", bad_film(lab, NAMED["text.mp4"]))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "not a film" in one_line(done)
    done = cli_process("extract", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["success"] is False


@pytest.mark.parametrize(
    "name", ["cut_faststart.mp4", "text.mp4", "sound_only.mp4", "empty.mp4", "no_frames.mp4", "directory.mp4"]
)
def test_a_person_gets_one_line(lab: Lab, cli: Cli, name: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    done = cli("apply", bad_film(lab, NAMED[name]), "--preset", "warm-film", "-o", out / "film.mp4")
    assert done.returncode == 1
    assert done.stdout == ""
    assert NAMED[name].says in one_line(done)
    assert list(out.iterdir()) == []


def test_a_bad_template_is_told_too(lab: Lab, cli: Cli, tmp_path: Path) -> None:
    done = cli("apply", lab.odd("silent"), "--like", bad_film(lab, NAMED["text.mp4"]), "-o", tmp_path / "film.mp4")
    assert done.returncode == 1
    assert "text.mp4" in one_line(done)
    assert list(tmp_path.iterdir()) == []


WRONG = {
    "no style": ["apply", "{film}", "-o", "{out}/a.mp4"],
    "two styles": ["apply", "{film}", "--preset", "noir", "--like", "{film}", "-o", "{out}/a.mp4"],
    "unknown preset": ["apply", "{film}", "--preset", "sparkle", "-o", "{out}/a.mp4"],
    "strength over one": ["apply", "{film}", "--preset", "noir", "--strength", "1.5", "-o", "{out}/a.mp4"],
    "unknown aspect": ["apply", "{film}", "--preset", "noir", "--aspect-ratio", "4:3", "-o", "{out}/a.mp4"],
    "unknown pacing": ["apply", "{film}", "--preset", "noir", "--pacing", "wild", "-o", "{out}/a.mp4"],
    "another container": ["apply", "{film}", "--preset", "noir", "-o", "{out}/a.avi"],
    "a file for a folder": ["apply", "{film}", "--preset", "noir", "-o", "{film}/a.mp4"],
    "over its own input": ["apply", "{film}", "--preset", "noir", "-o", "{film}"],
    "target too long": ["apply", "{film}", "--preset", "noir", "--target-duration", "900", "-o", "{out}/a.mp4"],
    "unknown option": ["extract", "{film}", "--sparkle"],
    "no argument": ["extract"],
    "unknown command": ["sparkle"],
    "style that is no style": ["apply", "{film}", "--style", "{out}/../style.json", "-o", "{out}/a.mp4"],
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_usage_is_exit_code_2(lab: Lab, cli: Cli, case: str, tmp_path: Path) -> None:
    (tmp_path / "style.json").write_text('{"version": "1.0", "warmth": 3}')
    out = tmp_path / "out"
    out.mkdir()
    film = tmp_path / "film.mp4"
    film.write_bytes(lab.odd("silent").read_bytes())
    before = film.read_bytes()
    arguments = [word.format(film=film, out=out) for word in WRONG[case]]
    done = cli(*arguments, "--json")
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["error"]["code"] == "VALIDATION_ERROR"
    assert list(out.iterdir()) == []
    assert film.read_bytes() == before


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing(lab: Lab, sign: signal.Signals, tmp_path: Path) -> None:
    """In the middle of the work, in a data folder of its own: exit code 130, no file, no process, no scratch."""
    data, out = tmp_path / "data", tmp_path / "out"
    out.mkdir()
    long = lab.keep(
        "long.mp4", lambda path: lab.ffmpeg("-stream_loop", "30", "-i", lab.odd("silent"), "-c", "copy", path)
    )
    argv = [sys.executable, "-m", "reelprint", "apply", long, "--preset", "noir", "-o", out / "film.mp4"]
    env = {**os.environ, "REELPRINT_DATA_DIR": str(data)}
    with subprocess.Popen(
        argv, env=env, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        assert child.stderr is not None
        first = child.stderr.readline()
        assert first.startswith("watching"), first
        started = time.monotonic()
        child.send_signal(sign)
        _, stderr = child.communicate(timeout=60)
        assert time.monotonic() - started < 10
    assert child.returncode == 130
    assert "Traceback" not in stderr
    assert stderr.strip().splitlines()[-1].startswith("reelprint: interrupted")
    assert list(out.iterdir()) == []
    assert list((data / "scratch").iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(child.pid, 0)
