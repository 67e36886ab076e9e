"""Putting results where they were asked for: all of a file or none of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from reelprint.core.errors import OutputError
from reelprint.engine.ports import Rasterizer

REPORT_WIDTH_PX = 1600


def picture_bytes(svg: str, path: Path, rasterizer: Rasterizer) -> bytes:
    """The picture in the format that the file name asks for: PNG, else SVG."""
    return rasterizer.png(svg, REPORT_WIDTH_PX) if path.suffix.lower() == ".png" else svg.encode()


def write_whole(files: Mapping[Path, bytes]) -> None:
    """Write every file aside first, then rename each into place. Raises OutputError and leaves nothing behind."""
    for path, data in files.items():
        with place(path) as aside:
            aside.write_bytes(data)


@contextmanager
def place(path: Path) -> Iterator[Path]:
    """A path in the same folder to write to; it becomes ``path`` when the block ends well, else it is gone.

    Raises OutputError when the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".reelprint-", dir=path.parent) as folder:
            aside = Path(folder) / path.name
            yield aside
            aside.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from None
