"""What an analyzer gets: one decode of a film, kept on shelves that are read piece by piece.

Every frame is there as a small YUV *proxy* (short side about 90 px); four frames a second as an RGB
*sample* (short side about 180 px); frames on which text may stand as a *still* (short side up to 540 px).
Shelves live in scratch files, so memory does not grow with the film. All pictures are as displayed:
rotated, square pixels, HDR already mapped to BT.709 SDR. Bars of a letterbox are still in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.bs1770 import SurroundMeter
from reelprint.core.analysis import ActivePicture
from reelprint.core.colour import ColourMeasure
from reelprint.core.media import MediaInfo
from reelprint.core.motion import FocusTrack, MotionMeasure
from reelprint.core.shots import ShotList
from reelprint.core.sound import LoudnessMeasure, MusicMeasure, SpeechMeasure
from reelprint.core.text import TextMeasure

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


class ProxyShelf(Protocol):
    """Every frame, small. Full-range BT.709 YUV 4:2:0, uint8."""

    count: int
    width: int
    height: int

    def luma(self, start: int, stop: int) -> U8:
        """(n, height, width) for frames [start, stop)."""

    def chroma(self, start: int, stop: int) -> U8:
        """(n, height // 2, width // 2, 2) holding Cb, Cr with 128 = neutral, for frames [start, stop)."""


class PictureShelf(Protocol):
    """Some frames in RGB (BT.709 SDR, full range, uint8), in time order."""

    @property
    def frames(self) -> NDArray[np.int64]:
        """(n,) frame numbers."""

    @property
    def times_s(self) -> F64:
        """(n,) seconds."""

    def rgb(self, position: int) -> U8:
        """(h, w, 3): the picture at a position 0..n-1. All pictures of a shelf have one size."""


class SampleShelf(Protocol):
    """Sound at one rate, float32, full scale = 1."""

    rate_hz: int
    channels: int
    count: int
    """samples per channel"""

    def read(self, start: int, stop: int) -> F32:
        """(n, channels) for samples [start, stop)."""

    def blocks(self, seconds: float) -> Iterator[F32]:
        """Consecutive (n, channels) blocks of about that length; the last may be shorter."""


@dataclass(frozen=True)
class Sound:
    """The sound of a film, aligned so that sample 0 is the time of the first frame."""

    master: SampleShelf
    """48 kHz, 1 or 2 channels: for loudness"""
    mono: SampleShelf
    """16 kHz, 1 channel: for beats and speech"""
    surround: SurroundMeter | None = None
    """what the original channels measured, when there are more than two"""


@dataclass(frozen=True)
class Evidence:
    """One decoded film."""

    media: MediaInfo
    times_s: F64
    """(n,) presentation time of every frame, the first is 0"""
    duration_s: float
    """end of the last frame"""
    proxies: ProxyShelf
    samples: PictureShelf
    stills: PictureShelf
    sound: Sound | None
    decode_errors: int = 0


@dataclass(frozen=True)
class Known:
    """What earlier analyzers found; later ones build on it. Fields fill in the order given here."""

    picture: ActivePicture | None = None
    shots: ShotList | None = None
    text: TextMeasure | None = None
    colour: ColourMeasure | None = None
    focus: FocusTrack | None = None
    motion: MotionMeasure | None = None
    loudness: LoudnessMeasure | None = None
    speech: SpeechMeasure | None = None
    music: MusicMeasure | None = None


Tick = Callable[[float], None]
"""Called with the share done (0..1) about once a second of work; raises Cancelled to stop."""


class Analyzer(Protocol):
    """One measurement: it fills one field of Known and Analysis."""

    @property
    def name(self) -> str:
        """The field that it fills."""

    @property
    def version(self) -> int:
        """Raised whenever a result can change: it is part of the cache key."""

    def measure(self, evidence: Evidence, known: Known, tick: Tick) -> Any:
        """Measure; may read the Known fields that come before its own (they are not None then)."""
