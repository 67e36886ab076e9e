"""One frame of a film as a JPEG: as displayed, square pixels, BT.709 SDR."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import av.error
import cv2

from reelprint.adapters.media.container import sniff
from reelprint.adapters.media.pictures import PictureScaler
from reelprint.adapters.media.probe import main_video, open_media, packets, video_stream
from reelprint.analyze.evidence import U8
from reelprint.colour.cube import cube_text
from reelprint.colour.hdr import hdr_lut
from reelprint.core.errors import CorruptVideo
from reelprint.core.media import VideoStream

_QUALITY = 90
#: Time stamps are rounded to milliseconds by some containers.
_ROUNDING_S = 1e-3


def still(path: Path, time_s: float, longest_px: int) -> bytes:
    """JPEG of the frame that is shown ``time_s`` seconds after the first one; the last frame after the end.

    Its longer side is ``longest_px``, or as in the film where that is smaller. Raises MediaError.
    """
    sniff(path)
    with open_media(path) as source:
        video = video_stream(source, main_video(source, path.name), path.name)
    frame = _shown(path, video, video.start_s + max(0.0, time_s))
    scale = min(1.0, longest_px / max(video.width, video.height))
    size = max(1, round(video.width * scale)), max(1, round(video.height * scale))
    try:
        with _cube(video) as cube:
            rgb = PictureScaler(video, size, "rgb24", cube).scale(frame)
    except av.error.FFmpegError as error:
        raise CorruptVideo(f"{path.name} has frames that cannot be converted", detail=str(error)) from None
    return jpeg(rgb, _QUALITY)


def jpeg(rgb: U8, quality: int) -> bytes:
    """JPEG bytes of a (h, w, 3) picture; ``quality`` 0 to 100."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(data.tobytes())


def _shown(path: Path, video: VideoStream, stamp_s: float) -> Any:
    """The last frame that starts by ``stamp_s`` on the container's clock, or the first there is."""
    with open_media(path) as source:
        stream: Any = source.streams[video.index]
        stream.thread_type = "AUTO"
        try:
            source.seek(int(stamp_s / stream.time_base), stream=stream)
        except av.error.FFmpegError:
            return _from_the_start(path, video, stamp_s)
        frame = _until(_frames(source, stream), stamp_s, must_start_by=True)
    # Files without an index land anywhere, also after the time that was asked for.
    return frame if frame is not None else _from_the_start(path, video, stamp_s)


def _from_the_start(path: Path, video: VideoStream, stamp_s: float) -> Any:
    with open_media(path) as source:
        stream: Any = source.streams[video.index]
        stream.thread_type = "AUTO"
        frame = _until(_frames(source, stream), stamp_s, must_start_by=False)
    if frame is None:
        raise CorruptVideo(f"{path.name}: not one frame of its video can be decoded")
    return frame


def _until(frames: Iterator[Any], stamp_s: float, *, must_start_by: bool) -> Any:
    best = None
    for frame in frames:
        late = frame.pts is not None and float(frame.pts * frame.time_base) > stamp_s + _ROUNDING_S
        if best is None and must_start_by and (late or frame.pts is None):
            return None
        if late and best is not None:
            break
        best = frame
        if late:
            break
    return best


def _frames(source: Any, stream: Any) -> Iterator[Any]:
    for packet in packets(source, stream):
        try:
            yield from packet.decode()
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            continue  # a damaged packet does not condemn the rest


@contextmanager
def _cube(video: VideoStream) -> Iterator[Path | None]:
    """The file that maps HDR to SDR, where the film is HDR."""
    if video.transfer == "sdr":
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="reelprint-") as folder:
        path = Path(folder) / "sdr.cube"
        path.write_text(cube_text(hdr_lut(video.transfer)))
        yield path
