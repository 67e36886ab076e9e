"""Clip options as somebody gave them: what was not said follows from what was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reelprint.core.clips import ClipOptions

_SHORTEST_S, _LONGEST_S = 5.0, 180.0
_DEFAULT_MIN_S = float(ClipOptions.model_fields["clip_min_seconds"].default)
_DEFAULT_MAX_S = float(ClipOptions.model_fields["clip_max_seconds"].default)


def options_given(given: Mapping[str, Any]) -> ClipOptions:
    """The options with these values; None says nothing. Only one bound of the length given: the other keeps its
    default as far as that leaves room (the longest twice the shortest, the shortest half of the longest).

    Raises pydantic's ValidationError.
    """
    said = {name: value for name, value in given.items() if value is not None}
    least, most = said.get("clip_min_seconds"), said.get("clip_max_seconds")
    if most is None and isinstance(least, (int, float)):
        said["clip_max_seconds"] = max(_DEFAULT_MAX_S, min(_LONGEST_S, 2.0 * least))
    if least is None and isinstance(most, (int, float)):
        said["clip_min_seconds"] = min(_DEFAULT_MIN_S, max(_SHORTEST_S, most / 2.0))
    return ClipOptions.model_validate(said)
