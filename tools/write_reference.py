"""Write docs/reference/: schemas of the documents, settings, the HTTP API's OpenAPI. ``--check`` only compares."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from reelprint.api.app import create_app
from reelprint.bootstrap.service import service
from reelprint.core.analysis import Analysis
from reelprint.core.compare import Closure, Comparison
from reelprint.core.document import Document
from reelprint.core.plan import EditPlan
from reelprint.core.style import StyleJSON
from reelprint.settings import Settings

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
DOCUMENTS: dict[str, type[Document]] = {
    "style": StyleJSON,
    "plan": EditPlan,
    "analysis": Analysis,
    "comparison": Comparison,
    "closure": Closure,
}


def pages() -> dict[str, str]:
    """File name -> text of every generated page."""
    found = {
        f"{name}.schema.json": json.dumps(kind.model_json_schema(), indent=2, ensure_ascii=False) + "\n"
        for name, kind in DOCUMENTS.items()
    }
    found["settings.md"] = _settings()
    found["openapi.json"] = json.dumps(_openapi(), indent=1, ensure_ascii=False) + "\n"
    return found


def _openapi() -> dict[str, Any]:
    """The description of the HTTP API. Nothing is connected to for it."""
    settings = Settings.model_validate({"DATA_DIR": "/nonexistent", "STORAGE_URL": None})
    return create_app(service(settings, "postgresql://localhost/unused")).openapi()


def _settings() -> str:
    rows = ["# Settings", "", "From the environment, with or without the prefix `REELPRINT_`.", ""]
    rows += ["| variable | default | meaning |", "|---|---|---|"]
    defaults = {
        "data_dir": "`$XDG_DATA_HOME/reelprint` or `~/.local/share/reelprint`",
        "workers": "the cores of the machine",
        "webhook_allow": "none",
        "ingest_allow": "none",
        "cors_origins": "none",
    }
    for name, field in Settings.model_fields.items():
        plain = f"{field.default:g}" if isinstance(field.default, (int, float)) else field.default
        default = defaults.get(name) or ("unset" if field.default is None else f"`{plain}`")
        rows.append(f"| `{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"


def drifted() -> list[str]:
    """Names of pages that differ from what would be written."""
    return [
        name
        for name, text in pages().items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != text
    ]


def main() -> int:
    if "--check" in sys.argv:
        stale = drifted()
        print("drifted: " + ", ".join(stale) if stale else "reference is true")
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
