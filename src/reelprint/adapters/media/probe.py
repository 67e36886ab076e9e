"""Probe: what a film is, measured with PyAV on demuxers and the file protocol we allow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from av.container import InputContainer

from reelprint.adapters.media.container import sniff
from reelprint.core.errors import CorruptVideo, MediaTooLarge
from reelprint.core.media import AudioStream, MediaInfo, Transfer, VideoStream
from reelprint.core.time import rate_text, snap_rate

#: Nothing but these demuxers ever sees a user's bytes, and none of them may open another file.
OPEN_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": "mov,matroska,avi"}
MAX_STREAMS = 64
MAX_SIDE_PX = 16_384
MAX_DURATION_S = 12 * 3600.0
MAX_RATE = 240

_PQ, _HLG = 16, 18  # ITU-T H.273 transfer characteristics
_FULL_RANGE = 2
_MATRICES = {1: "bt709", 5: "smpte170m", 6: "smpte170m", 9: "bt2020", 10: "bt2020"}


def open_media(path: Path) -> InputContainer:
    """Open a sniffed film for reading. Raises CorruptVideo when no demuxer accepts it."""
    try:
        # An absolute path: FFmpeg would take the start of "a:b.mp4" for a protocol.
        return av.open(str(path.absolute()), options=dict(OPEN_OPTIONS), metadata_errors="replace")
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise CorruptVideo(f"{path.name} cannot be opened: {_reason(error)}", detail=str(error)) from None


def packets(source: InputContainer, stream: Any) -> Iterator[Any]:
    """The packets of a stream; where the container itself is damaged they end, as a player's would."""
    try:
        yield from source.demux(stream)
    except av.error.FFmpegError:
        return


def probe(path: Path) -> MediaInfo:
    """Measure a film.

    Raises VideoNotFound, UnsupportedFormat, CorruptVideo (nothing decodable, cut off) or MediaTooLarge.
    """
    container = sniff(path)
    with open_media(path) as source:
        if len(source.streams) > MAX_STREAMS:
            raise MediaTooLarge(f"{path.name} has {len(source.streams)} streams; {MAX_STREAMS} is the limit")
        video = main_video(source, path.name)
        stream = video_stream(source, video, path.name)
        audio = main_audio(source)
        duration_s = source.duration / av.time_base if source.duration else stream.duration_s
        info = MediaInfo(
            filename=_label(path),
            content_hash=_sha256(path),
            container=container,
            size_bytes=path.stat().st_size,
            duration_s=duration_s,
            bitrate_kbps=round(path.stat().st_size * 8 / duration_s / 1000),
            video=stream,
            audio=_audio_stream(audio, stream.duration_s) if audio is not None else None,
        )
    if info.duration_s > MAX_DURATION_S:
        raise MediaTooLarge(f"{path.name} runs {info.duration_s / 3600:.1f} hours; 12 is the limit")
    return info


def main_video(source: InputContainer, name: str) -> Any:
    """The video stream to use: the default one, else the largest; cover pictures do not count."""
    disposition = av.stream.Disposition
    streams = [item for item in source.streams.video if not item.disposition & disposition.attached_pic]
    if not streams:
        raise CorruptVideo(f"{name} has no video stream")
    streams = [item for item in streams if item.codec_context is not None]
    if not streams:
        raise CorruptVideo(f"{name}: its video codec is not known")
    return max(
        streams,
        key=lambda item: (bool(item.disposition & disposition.default), item.width * item.height, -item.index),
    )


def main_audio(source: InputContainer) -> Any | None:
    """The audio stream to use: the default one, else the first that has a known layout."""
    disposition = av.stream.Disposition
    streams = [item for item in source.streams.audio if item.codec_context is not None and item.rate]
    return max(streams, key=lambda item: (bool(item.disposition & disposition.default), -item.index), default=None)


def video_stream(source: InputContainer, video: Any, name: str) -> VideoStream:
    """What a stream is, by its header and its first frame. Raises MediaTooLarge, CorruptVideo."""
    _check_limits(video, name)
    frame = _first_frame(source, video, name)
    rotation = (-frame.rotation) % 360
    rotation = min((0, 90, 180, 270), key=lambda turn: abs(turn - rotation))
    sar = Fraction(video.sample_aspect_ratio or 1)
    if sar <= 0:
        sar = Fraction(1)
    # Displayed at the coded height with the width stretched, as players do.
    width, height = max(1, round(frame.width * sar)), frame.height
    if rotation in (90, 270):
        width, height = height, width
    average = Fraction(video.average_rate or video.guessed_rate or 25)
    base = Fraction(video.base_rate or average)
    # What decodes first counts as the start: a header may promise frames that cannot be decoded.
    first = frame.pts if frame.pts is not None else video.start_time
    start_s = float(first * video.time_base) if first is not None else 0.0
    duration_s = _duration_s(source, video, start_s, name)
    return VideoStream(
        index=video.index,
        codec=video.codec_context.name,
        width=width,
        height=height,
        coded_width=frame.width,
        coded_height=frame.height,
        rotation_deg=rotation,
        sample_aspect_ratio=rate_text(sar),
        frame_rate=rate_text(snap_rate(average)),
        variable_frame_rate=abs(base - average) > average / 100,
        start_s=start_s,
        duration_s=max(duration_s, float(1 / average)),
        pixel_format=frame.format.name,
        bit_depth=max(component.bits for component in frame.format.components),
        transfer=_transfer(int(frame.color_trc if hasattr(frame, "color_trc") else video.codec_context.color_trc)),
        color_space=_MATRICES.get(int(frame.colorspace), "unknown"),
        color_range="full" if int(frame.color_range) == _FULL_RANGE else "limited",
    )


def _duration_s(source: InputContainer, video: Any, start_s: float, name: str) -> float:
    """How long the video runs: by its stream, its container, or (recordings of browsers) its last packet."""
    if video.duration:
        return float(video.duration * video.time_base)
    if source.duration:
        return float(source.duration / av.time_base)
    ends = [
        float((packet.pts + (packet.duration or 0)) * video.time_base)
        for packet in source.demux(video)
        if packet.pts is not None
    ]
    if not ends:
        raise CorruptVideo(f"{name} does not say how long it is, and its packets carry no times; remux it first")
    return max(ends) - start_s


def _check_limits(video: Any, name: str) -> None:
    if max(video.width, video.height) > MAX_SIDE_PX:
        raise MediaTooLarge(f"{name} is {video.width}x{video.height}; {MAX_SIDE_PX} px a side is the limit")
    if video.average_rate and video.average_rate > MAX_RATE:
        raise MediaTooLarge(f"{name} has {float(video.average_rate):.0f} frames a second; {MAX_RATE} is the limit")


def _first_frame(source: InputContainer, video: Any, name: str) -> Any:
    """One decoded frame proves that there is a film; what it says beats the header."""
    try:
        for packet in source.demux(video):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                continue  # a damaged start does not condemn the rest
            if frames:
                return frames[0]
    except (av.error.FFmpegError, ValueError) as error:
        raise CorruptVideo(f"{name}: its video cannot be decoded: {_reason(error)}") from None
    raise CorruptVideo(f"{name}: not one frame of its video can be decoded")


def _audio_stream(audio: Any, video_duration_s: float) -> AudioStream:
    duration_s = float(audio.duration * audio.time_base) if audio.duration else video_duration_s
    return AudioStream(
        index=audio.index,
        codec=audio.codec_context.name,
        sample_rate_hz=audio.rate,
        channels=max(1, audio.codec_context.channels),
        start_s=float(audio.start_time * audio.time_base) if audio.start_time is not None else 0.0,
        duration_s=max(duration_s, 1e-3),
    )


def _transfer(code: int) -> Transfer:
    return "pq" if code == _PQ else "hlg" if code == _HLG else "sdr"


def _label(path: Path) -> str:
    """The file's name as text that every document can carry: bytes that are no UTF-8 become question marks."""
    return path.name.encode("utf-8", "replace").decode()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error).splitlines()[0]
