"""FilmReader: probe, decode, thumbnails and stills put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np

from reelprint.adapters.media.decode import Scout, decode_film
from reelprint.adapters.media.probe import probe
from reelprint.adapters.media.still import jpeg, still
from reelprint.analyze.evidence import Evidence
from reelprint.core.media import MediaInfo
from reelprint.core.thumbnail import Thumbnail

_QUALITY = 85


class MediaReader:
    """Reads films with PyAV. ``new_scout`` makes a scout for each film."""

    version = 1

    def __init__(self, new_scout: Callable[[], Scout]) -> None:
        self._new_scout = new_scout

    def probe(self, path: Path) -> MediaInfo:
        return probe(path)

    def decode(
        self, path: Path, media: MediaInfo, scratch: Path, watch: Callable[[int, int], None]
    ) -> AbstractContextManager[Evidence]:
        return decode_film(path, media, scratch, self._new_scout(), watch)

    def thumbnails(self, evidence: Evidence, times_s: Sequence[float]) -> tuple[Thumbnail, ...]:
        found = []
        for time_s in times_s:
            position = int(np.abs(evidence.samples.times_s - time_s).argmin())
            rgb = evidence.samples.rgb(position)
            height, width = rgb.shape[:2]
            found.append(Thumbnail(float(evidence.samples.times_s[position]), jpeg(rgb, _QUALITY), width, height))
        return tuple(found)

    def still(self, path: Path, time_s: float, longest_px: int) -> bytes:
        return still(path, time_s, longest_px)
