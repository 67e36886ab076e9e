"""Styles by name: a preset, a style file, or a film to measure."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from reelprint.core.errors import DocumentError, VideoNotFound
from reelprint.core.progress import CancelToken, Reporter
from reelprint.core.style import StyleJSON
from reelprint.engine.extract import extract
from reelprint.engine.ports import Tools


def read_style(path: Path) -> StyleJSON:
    """Read a StyleJSON file. Raises DocumentError naming the field that is wrong."""
    try:
        return StyleJSON.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise VideoNotFound(f"no such file: {path}") from None
    except OSError as error:
        raise DocumentError(f"cannot read {path}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the document"
        raise DocumentError(f"{path.name} is not a StyleJSON: {field}: {first['msg']}", detail=field) from None


def style_from(path: Path, tools: Tools, reporter: Reporter, cancel: CancelToken) -> StyleJSON:
    """The style in a .json file, or that of a film."""
    if path.suffix.lower() == ".json":
        return read_style(path)
    return extract(path, tools, reporter, cancel).style
