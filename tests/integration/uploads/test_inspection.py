"""The process that inspects uploads: limited, and knowing nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reelprint.adapters.intake import inspection
from reelprint.adapters.intake.inspection import Inspector
from reelprint.adapters.media.probe import probe
from reelprint.core.errors import CorruptVideo, MediaTooLarge, Unavailable, UnsupportedFormat
from tests.integration.uploads.hostile import HOSTILE, hostile_film
from tests.media import Lab


def _stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Another program in the place of the probe."""
    (tmp_path / "stand_in.py").write_text(code)
    monkeypatch.setattr(inspection, "_MODULE", "stand_in")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def test_it_says_what_the_probe_says(film: Path) -> None:
    assert Inspector().inspect(film) == probe(film)


def test_names_that_look_like_options_or_protocols_are_files(film: Path, tmp_path: Path) -> None:
    for name in ("-i.mp4", "concat:a|b.mp4", "file:x.mp4"):
        path = tmp_path / name
        path.write_bytes(film.read_bytes())
        assert Inspector().inspect(path).filename == name


def test_errors_come_across_with_their_kind(lab: Lab, tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("nothing filmed here")
    with pytest.raises(UnsupportedFormat, match=r"text\.mp4 is not a film"):
        Inspector().inspect(text)
    wide = next(item for item in HOSTILE if item.name == "wide_16386.mkv")
    with pytest.raises(MediaTooLarge, match="16386x64"):
        Inspector().inspect(hostile_film(lab, wide))


def test_it_loads_no_numbers_library() -> None:
    code = (
        "import sys, reelprint.adapters.intake.probe; print([m for m in ('numpy', 'cv2', 'scipy') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert told.strip() == "[]"


def test_it_finds_no_secrets_in_its_environment(film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "WEBHOOK_SECRET", "REELPRINT_WEBHOOK_SECRET"):
        monkeypatch.setenv(name, "hunter2")
    code = (
        "import json, os\n"
        "found = [name for name, value in os.environ.items() if value == 'hunter2']\n"
        "print(json.dumps({'error': {'code': 'CORRUPT_VIDEO', 'message': f'found {found}'}}))\n"
    )
    _stand_in(tmp_path, monkeypatch, code)
    with pytest.raises(CorruptVideo, match=r"found \[\]"):
        Inspector().inspect(film)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import time; time.sleep(60)", "took longer than 1 s"),
        ("data = bytearray(4 * 1024 ** 3)", "failed with exit code 1"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "failed with exit code -11"),
        ("print('no JSON')", "no verdict"),
        ("print('{}')", "no verdict"),
    ],
)
def test_a_file_that_is_too_much_for_it_is_corrupt(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, says: str
) -> None:
    _stand_in(tmp_path, monkeypatch, code)
    with pytest.raises(CorruptVideo) as told:
        Inspector(time_s=1, memory_mb=1024).inspect(film)
    assert says in told.value.detail
    assert str(film.parent) not in told.value.detail


def test_without_processes_nobody_is_blamed(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection.sys, "executable", "/nowhere/python")
    with pytest.raises(Unavailable):
        Inspector().inspect(film)
