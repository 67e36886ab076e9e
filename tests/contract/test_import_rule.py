"""The import contract fails when somebody breaks it: each breach is tried in a copy of the tree."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

BREACHES = {
    "core imports a stage": ("core/time.py", "import reelprint.analyze"),
    "core imports numpy": ("core/time.py", "import numpy"),
    "a stage imports its sibling": ("style/extract.py", "import reelprint.analyze"),
    "a stage imports an adapter": ("plan/edit.py", "import reelprint.adapters"),
    "a stage starts a process": ("render/chunks.py", "import subprocess"),
    "the engine starts a process": ("engine/watch.py", "import subprocess"),
    "an adapter reads the settings": ("adapters/media/probe.py", "import reelprint.settings"),
    "an adapter starts a process past its door": ("adapters/db/embedded.py", "import subprocess"),
    "a worker imports the API": ("worker/main.py", "import reelprint.api.main"),
    "the API loads a film library": ("api/health.py", "import reelprint.adapters.media.probe"),
}


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [linter, "--no-cache", "--config", tree / "pyproject.toml"],
        cwd=tree,
        env={"PYTHONPATH": str(tree / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def tree(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("*.onnx", "*.ttf", "__pycache__"))
    return tmp_path


def test_the_tree_as_it_is_keeps_the_contract(tree):
    result = lint(tree)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_caught(tree, breach):
    name, line = BREACHES[breach]
    path = tree / "src" / "reelprint" / name
    path.write_text(path.read_text() + f"\n{line}\n")
    result = lint(tree)
    assert result.returncode != 0, f"{breach}: not caught"
    assert "BROKEN" in result.stdout
