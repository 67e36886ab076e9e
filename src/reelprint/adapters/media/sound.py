"""One decode of a film's sound to 48 kHz and 16 kHz shelves, in step with its first frame."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from reelprint.adapters.media.probe import open_media, packets
from reelprint.adapters.media.shelves import FileSamples
from reelprint.analyze.bs1770 import CHANNEL_NAMES, SurroundMeter
from reelprint.analyze.evidence import F32, Sound
from reelprint.core.media import MediaInfo

MASTER_RATE_HZ = 48_000
MONO_RATE_HZ = 16_000
#: Holes in the time stamps that are longer than this become silence; shorter ones are rounding.
_GAP_S = 0.05
#: Frames of sound (about 20 ms each) between two questions whether to go on.
_CHECK_FRAMES = 256


def decode_sound(
    path: Path, media: MediaInfo, scratch: Path, film_s: float, stack: ExitStack, check: Callable[[], None]
) -> Sound | None:
    """Decode the main audio stream; None when not one sample of it decodes.

    ``film_s``: where to stop, seconds. ``check`` is called now and then and may raise Cancelled.
    """
    if media.audio is None:
        return None
    stem = scratch / media.content_hash[:16]
    channels = 1 if media.audio.channels == 1 else 2
    shelves = (
        FileSamples(stem.with_suffix(".48k"), MASTER_RATE_HZ, channels),
        FileSamples(stem.with_suffix(".16k"), MONO_RATE_HZ, 1),
    )
    layouts = ("mono" if channels == 1 else "stereo", "mono")
    tracks = [_Track(shelf, film_s, layout) for shelf, layout in zip(shelves, layouts, strict=True)]
    for shelf in shelves:
        stack.callback(shelf.close)
    surround = None
    with open_media(path) as source:
        stream: Any = source.streams[media.audio.index]
        stream.thread_type = "AUTO"
        layout = _surround_layout(stream.codec_context.layout)
        if layout is not None:
            surround = SurroundMeter([channel.name for channel in layout.channels])
            tracks.append(_Track(surround, film_s, layout.name))
        for number, frame in enumerate(_frames(source, stream)):
            if number % _CHECK_FRAMES == 0:
                check()
            at_s = None if frame.pts is None else float(frame.pts * frame.time_base) - media.video.start_s
            frame.pts = None
            for track in tracks:
                track.take(frame, at_s)
    for track in tracks:
        track.finish()
    if not shelves[0].count:
        return None
    return Sound(master=shelves[0], mono=shelves[1], surround=surround)


def _surround_layout(layout: Any) -> Any:
    """The layout of a stream of more than two channels; None for mono, stereo, and channels that have no names."""
    names = {channel.name for channel in layout.channels}
    return layout if len(names) > 2 and names <= CHANNEL_NAMES else None


def _frames(source: Any, stream: Any) -> Any:
    """Decoded frames; damaged packets are passed over, their time becomes silence."""
    for packet in packets(source, stream):
        try:
            yield from packet.decode()
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            continue


class _Track:
    """Resamples to one shelf and keeps it in step with the time stamps."""

    def __init__(self, shelf: FileSamples | SurroundMeter, film_s: float, layout: str) -> None:
        self._shelf = shelf
        self._layout = layout
        self._limit = round(film_s * shelf.rate_hz)
        self._resampler = self._fresh()
        self._pushed_s = 0.0
        self._skip = 0
        self._started = False
        self._shape: tuple[str, str, int] | None = None

    def _fresh(self) -> av.AudioResampler:
        return av.AudioResampler(format="flt", layout=self._layout, rate=self._shelf.rate_hz)

    def take(self, frame: Any, at_s: float | None) -> None:
        """Add one decoded frame that is heard at ``at_s`` after the first picture."""
        if at_s is not None and (not self._started or at_s - self._pushed_s > _GAP_S):
            self._drain()
            self._silence_until(at_s)
            self._skip = max(0, round(-at_s * self._shelf.rate_hz)) if not self._started else 0
            self._pushed_s = at_s
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            # Streams may change channels or rate half way; a resampler takes frames of one shape only.
            self._drain()
            self._shape = shape
        self._started = True
        self._pushed_s += frame.samples / frame.sample_rate
        for part in self._resampler.resample(frame):
            self._write(part)

    def finish(self) -> None:
        """Flush the resampler and seal the shelf."""
        if self._started:
            self._drain()
        self._shelf.seal()

    def _drain(self) -> None:
        if self._started:
            for part in self._resampler.resample(None):
                self._write(part)
            self._resampler = self._fresh()

    def _silence_until(self, at_s: float) -> None:
        missing = min(self._limit, round(at_s * self._shelf.rate_hz)) - self._shelf.count
        while missing > 0:
            step = min(missing, MASTER_RATE_HZ)
            self._shelf.add(np.zeros((step, self._shelf.channels), np.float32))
            missing -= step

    def _write(self, part: Any) -> None:
        samples: F32 = part.to_ndarray().reshape(-1, self._shelf.channels)
        if self._skip:
            cut = min(self._skip, len(samples))
            samples, self._skip = samples[cut:], self._skip - cut
        room = self._limit - self._shelf.count
        if room > 0 and len(samples):
            self._shelf.add(samples[:room])
