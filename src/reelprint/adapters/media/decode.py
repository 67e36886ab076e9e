"""One decode of a film into Evidence: every frame once, on shelves in a scratch folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import av
import av.error
import numpy as np

from reelprint.adapters.media.pictures import PictureScaler, fitted_size
from reelprint.adapters.media.probe import MAX_DURATION_S, open_media, packets
from reelprint.adapters.media.shelves import FilePictures, FileProxies, FileStills
from reelprint.adapters.media.sound import decode_sound
from reelprint.adapters.memory import give_back
from reelprint.analyze.evidence import F64, U8, Evidence
from reelprint.colour.cube import cube_text
from reelprint.colour.hdr import hdr_lut
from reelprint.core.errors import CorruptVideo, MediaTooLarge
from reelprint.core.media import MediaInfo

PROXY_SHORT_SIDE_PX = 90
SAMPLE_SHORT_SIDE_PX = 180
STILL_SHORT_SIDE_PX = 540
SAMPLE_STEP_S = 0.25

#: A film may end this much before its header says without being called cut off.
_MISSING_TAIL_SHARE, _MISSING_TAIL_S = 0.1, 1.0
_MAX_DECODE_ERRORS = 200


class Scout(Protocol):
    """Decides which frames are kept as stills."""

    def wants(self, rgb: U8, time_s: float, frame: int, /) -> bool:
        """Whether to keep a larger still of the frame whose sample this is."""


class KeepNone:
    """A scout that keeps no stills."""

    def wants(self, _rgb: U8, _time_s: float, _frame: int, /) -> bool:
        """Never."""
        return False


Watch = Callable[[int, int], None]
"""Called with (frames done, frames expected); raises Cancelled to stop."""


def _unwatched(done: int, expected: int) -> None:
    """Nobody watches."""


@contextmanager
def decode_film(
    path: Path, media: MediaInfo, scratch: Path, scout: Scout | None = None, watch: Watch = _unwatched
) -> Iterator[Evidence]:
    """Decode ``path`` once and yield its Evidence; the shelves are closed and removed afterwards.

    Raises CorruptVideo when no frame decodes or a good part of the film is missing, MediaTooLarge when its frames go
    on beyond the limit that its header keeps.
    """
    with ExitStack() as stack:
        stack.callback(give_back)
        stack.callback(_remove, scratch, media)
        decoder = _Decoder(path, media, scratch, scout or KeepNone(), stack)
        try:
            times_s, duration_s = decoder.run(watch)
        except av.error.FFmpegError as error:
            raise CorruptVideo(f"{path.name} has frames that cannot be converted", detail=str(error)) from None
        count = len(times_s)
        sound = decode_sound(path, media, scratch, duration_s, stack, lambda: watch(count, count))
        yield Evidence(
            media=media,
            times_s=times_s,
            duration_s=duration_s,
            decode_errors=decoder.errors,
            proxies=decoder.proxies,
            samples=decoder.samples,
            stills=decoder.stills,
            sound=sound,
        )


def _remove(scratch: Path, media: MediaInfo) -> None:
    for leftover in scratch.glob(f"{media.content_hash[:16]}.*"):
        leftover.unlink(missing_ok=True)


class _Decoder:
    """The pass over the video stream."""

    def __init__(self, path: Path, media: MediaInfo, scratch: Path, scout: Scout, stack: ExitStack) -> None:
        self._path, self._media, self._scout = path, media, scout
        video = media.video
        stem = scratch / media.content_hash[:16]
        cube: Path | None = None
        if video.transfer != "sdr":
            cube = stem.with_suffix(".cube")
            cube.write_text(cube_text(hdr_lut(video.transfer)))
        proxy_size = fitted_size(video, PROXY_SHORT_SIDE_PX)
        sample_size = fitted_size(video, SAMPLE_SHORT_SIDE_PX)
        self._to_proxy = PictureScaler(video, proxy_size, "yuv420p", cube)
        self._to_sample = PictureScaler(video, sample_size, "rgb24", cube)
        self._to_still = PictureScaler(video, fitted_size(video, STILL_SHORT_SIDE_PX, enlarge=False), "rgb24", cube)
        self.proxies = FileProxies(stem.with_suffix(".proxies"), *proxy_size)
        self.samples = FilePictures(stem.with_suffix(".samples"), *sample_size)
        self.stills = FileStills(stem.with_suffix(".stills"))
        for shelf in (self.proxies, self.samples, self.stills):
            stack.callback(shelf.close)
        self.errors = 0

    def run(self, watch: Watch) -> tuple[F64, float]:
        """Decode everything; return the frame times (first = 0) and the end of the last frame, seconds."""
        video = self._media.video
        times: list[float] = []
        first_s: float | None = None
        next_sample_s = 0.0
        expected = max(1, round(video.duration_s * float(video.rate)))
        for frame in self._frames():
            nominal_s = len(times) / float(video.rate)
            stamp_s = float(frame.pts * frame.time_base) if frame.pts is not None else (first_s or 0.0) + nominal_s
            first_s = stamp_s if first_s is None else first_s
            time_s = stamp_s - first_s
            if times and time_s <= times[-1]:
                # Broken or repeated time stamps: keep the frame, just after its neighbour.
                time_s = times[-1] + 1e-4
            if time_s > MAX_DURATION_S:
                # What the header said was checked by the probe; this is what the frames say.
                raise MediaTooLarge(f"{self._path.name} has frames after {time_s / 3600:.0f} hours; 12 is the limit")
            self.proxies.add(self._to_proxy.scale(frame))
            if time_s >= next_sample_s:
                self._sample(frame, len(times), time_s)
                next_sample_s = (time_s // SAMPLE_STEP_S + 1) * SAMPLE_STEP_S - 1e-3
            times.append(time_s)
            if len(times) % 16 == 0:
                watch(len(times), max(expected, len(times)))
        if not times:
            raise CorruptVideo(f"{self._path.name}: not one frame of its video can be decoded")
        for shelf in (self.proxies, self.samples, self.stills):
            shelf.seal()
        steps = np.diff(times)
        last_s = float(np.median(steps)) if len(steps) else float(1 / video.rate)
        duration_s = times[-1] + last_s
        self._check_whole(duration_s)
        watch(len(times), len(times))
        return np.asarray(times, np.float64), duration_s

    def _sample(self, frame: Any, number: int, time_s: float) -> None:
        rgb = self._to_sample.scale(frame)
        self.samples.add(number, time_s, rgb)
        if self._scout.wants(rgb, time_s, number):
            self.stills.add(number, time_s, self._to_still.scale(frame))

    def _frames(self) -> Iterator[Any]:
        with open_media(self._path) as source:
            stream: Any = source.streams[self._media.video.index]
            stream.thread_type = "AUTO"
            # Deblocking of frames that no other frame refers to is invisible at analysis size.
            stream.codec_context.options = {"skip_loop_filter": "noref"}
            for packet in packets(source, stream):
                try:
                    yield from packet.decode()
                except av.error.EOFError:
                    return
                except av.error.FFmpegError as error:
                    self.errors += 1
                    if self.errors > _MAX_DECODE_ERRORS:
                        raise CorruptVideo(f"{self._path.name} is damaged: {error.strerror}") from None

    def _check_whole(self, decoded_s: float) -> None:
        declared_s = self._media.video.duration_s
        missing_s = declared_s - decoded_s
        if missing_s > max(_MISSING_TAIL_S, _MISSING_TAIL_SHARE * declared_s):
            raise CorruptVideo(
                f"{self._path.name} is cut off: {decoded_s:.1f} of {declared_s:.1f} s can be read; "
                "copy or download it again"
            )
