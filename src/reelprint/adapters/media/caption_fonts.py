"""Where the fonts of captions are."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def caption_fonts() -> Path:
    """The folder that libass is given: nothing but the fonts of ``core/typefaces.json``."""
    return Path(str(resources.files("reelprint.adapters.media").joinpath("fonts", "captions")))
