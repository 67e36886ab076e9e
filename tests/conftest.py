"""Fixtures that every test may use: films made by script, private folders, the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from reelprint.cli.main import main
from tests.media import FOOTAGE, Lab

# Machines are shared: a slow example is no failure. CI tries the same examples every time; people try new ones.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

Finished = subprocess.CompletedProcess[str]
Cli = Callable[..., Finished]
_TOLD = "../shared/footage is absent: tests marked `footage` run on synthetic pictures and prove less"


@pytest.hookimpl(trylast=True)
def pytest_report_header() -> str:
    """The first lines of a run say what it is run on."""
    return f"footage: {FOOTAGE}" if FOOTAGE.is_dir() else f"WARNING: {_TOLD}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """So do the last ones, since the first scroll away."""
    if not FOOTAGE.is_dir():
        terminalreporter.write_line(f"WARNING: {_TOLD}", yellow=True, bold=True)


@pytest.fixture(scope="session", autouse=True)
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of this session: tests never see the user's cache, and never fill it."""
    path = tmp_path_factory.mktemp("data")
    for name in ("REELPRINT_DATA_DIR", "DATA_DIR"):
        os.environ[name] = str(path)
    return path


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Films made by script, once for all workers of a run."""
    root = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        root = root.parent
    return Lab(root / "films")


@pytest.fixture(scope="session")
def footage(lab: Lab) -> Callable[[str], Path]:
    """A file of the shared footage by its name, or the synthetic base film in its place."""

    def find(name: str) -> Path:
        path = FOOTAGE / name
        return path if path.is_file() else lab.base

    return find


@pytest.fixture
def cli(data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run ``reelprint`` with arguments in this process, which saves the seconds that imports take."""

    def run(*args: str | Path) -> Finished:
        argv = [str(item) for item in args]
        monkeypatch.setattr(sys, "argv", ["reelprint", *argv])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        return Finished(argv, int(end.value.code or 0), told.out, told.err)

    return run


@pytest.fixture(scope="session")
def cli_process(data_dir: Path) -> Cli:
    """Run ``reelprint`` with arguments in a process of its own."""

    def run(*args: str | Path) -> Finished:
        argv = [sys.executable, "-m", "reelprint", *(str(item) for item in args)]
        env = {**os.environ, "REELPRINT_DATA_DIR": str(data_dir)}
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300, env=env)

    return run
