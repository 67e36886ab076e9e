"""Generated pages never drift from the code."""

import runpy
from pathlib import Path

TOOL = Path(__file__).parents[2] / "tools" / "write_reference.py"


def test_reference_pages_are_what_the_code_says():
    assert runpy.run_path(str(TOOL))["drifted"]() == []


def test_a_changed_page_is_noticed(tmp_path, monkeypatch):
    tool = runpy.run_path(str(TOOL))
    for name, text in tool["pages"]().items():
        (tmp_path / name).write_text(text)
    (tmp_path / "style.schema.json").write_text("{}")
    tool["drifted"].__globals__["FOLDER"] = tmp_path
    assert tool["drifted"]() == ["style.schema.json"]
