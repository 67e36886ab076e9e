"""Use case: watch a template and say what its style is."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from reelprint.core.progress import CancelToken, Progress, Reporter, Stage
from reelprint.core.style import StyleJSON
from reelprint.engine.ports import Film, Tools
from reelprint.engine.watch import watch
from reelprint.style.extract import style_of


@dataclass(frozen=True)
class Extraction:
    """A style and the film it was measured on."""

    style: StyleJSON
    film: Film


def extract(path: Path, tools: Tools, reporter: Reporter, cancel: CancelToken) -> Extraction:
    """Measure the Style DNA of a film. Raises MediaError, ModelMissing, Cancelled."""
    film = watch(path, tools, reporter, cancel)
    style = style_of(film.analysis, now())
    reporter.report(Progress(Stage.STYLE_EXTRACTION, 1, 1, "styles", path.name))
    return Extraction(style=style, film=film)


def now() -> str:
    """The time as the contract writes it."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
