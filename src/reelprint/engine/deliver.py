"""Putting results where they were asked for: all of a file or none of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from reelprint.core.errors import OutputError
from reelprint.engine.ports import Rasterizer

REPORT_WIDTH_PX = 1600


def picture_bytes(svg: str, path: Path, rasterizer: Rasterizer) -> bytes:
    """The picture in the format that the file name asks for: PNG, else SVG."""
    return rasterizer.png(svg, REPORT_WIDTH_PX) if path.suffix.lower() == ".png" else svg.encode()


def write_whole(files: Mapping[Path, bytes]) -> None:
    """Write every file aside first, then rename each into place. Raises OutputError; then nothing was renamed,
    unless a rename itself is what failed.
    """
    with ExitStack() as stack:
        for path, data in files.items():
            stack.enter_context(place(path)).write_bytes(data)


def keep_inputs(results: Iterable[Path], inputs: Iterable[Path | None]) -> None:
    """Raise OutputError when two results have one name, or a result would replace an input."""
    taken = [path for path in inputs if path is not None and path.exists()]
    names: set[Path] = set()
    for result in results:
        if result.resolve() in names:
            raise OutputError(f"{result} is asked for twice; choose another name", detail="out")
        names.add(result.resolve())
        if result.exists() and any(result.samefile(path) for path in taken):
            raise OutputError(f"{result} is an input; choose another name for the result", detail="out")


@contextmanager
def place(path: Path) -> Iterator[Path]:
    """A path in the same folder to write to; it becomes ``path`` when the block ends well, else it is gone.

    Raises OutputError when the folder cannot be written, or the path is a folder.
    """
    if path.is_dir():
        raise OutputError(f"{path} is a folder; choose another name for the result", detail="out")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".reelprint-", dir=path.parent) as folder:
            aside = Path(folder) / path.name
            yield aside
            aside.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from None
