"""Built-in styles: StyleJSON documents made by hand, one JSON data file each.

A preset has no measured look; planning takes its six sliders. It states a shot-length distribution, a transition mix
and a loudness, so it compares and applies like a style that was extracted from a film.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from pydantic import ValidationError

from reelprint.core.errors import DocumentError
from reelprint.core.style import StyleJSON

_SUFFIX = ".json"


@cache
def preset_names() -> tuple[str, ...]:
    """The names of all presets, sorted."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(file.name.removesuffix(_SUFFIX) for file in files if file.name.endswith(_SUFFIX)))


@cache
def preset(name: str) -> StyleJSON:
    """The preset of that name. Raises DocumentError naming the choices when there is none."""
    if name not in preset_names():
        raise DocumentError(
            f"There is no preset {name!r}. Choose one of: {', '.join(preset_names())}.", detail="preset"
        )
    text = resources.files(__name__).joinpath(name + _SUFFIX).read_text(encoding="utf-8")
    try:
        return StyleJSON.model_validate_json(text)
    except ValidationError as error:
        raise DocumentError(f"The preset {name!r} is damaged: reinstall Reelprint.", detail=str(error)) from error


def preset_description(name: str) -> str:
    """One sentence on what a preset is for. Raises DocumentError as ``preset`` does."""
    provenance = preset(name).details.provenance
    return str(provenance.settings.get("description", "")) if provenance else ""
