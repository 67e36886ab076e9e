"""One film that the reader accepts, from the files that a site gave."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reelprint.adapters.media.container import sniff
from reelprint.core.errors import FetchFailed, ProcessFailed, UnsupportedFormat
from reelprint.core.media import Container
from reelprint.core.progress import CancelToken
from reelprint.engine.ports import Encoder

_TS_PACKET_BYTES, _TS_SYNC = 188, 0x47
#: What sites stream; none of these demuxers opens another file.
_INPUT = ("-protocol_whitelist", "file", "-format_whitelist", "mov,matroska,mpegts,aac,mp3,ogg,flac,ac3,eac3,avi")


def whole_film(
    paths: Sequence[Path], folder: Path, encoder: Encoder, cancel: CancelToken, *, streamed: bool
) -> tuple[Path, Container]:
    """The film and its container, by content.

    One file that is a film stays as it is. Picture and sound that came apart, and MPEG transport streams, are put
    into mp4, or mkv for codecs that mp4 has no place for; nothing is encoded again.

    Raises UnsupportedFormat for what is no film, CorruptVideo for half a one, FetchFailed when the pieces do not make
    a film, Cancelled.
    """
    if len(paths) == 1:
        try:
            return paths[0], sniff(paths[0])
        except UnsupportedFormat:
            if not streamed and not _is_transport_stream(paths[0]):
                raise UnsupportedFormat(
                    "what the URL gives is not a film that can be read; Reelprint reads mp4, mov, avi, mkv and webm"
                ) from None
    try:
        film = _muxed(paths, folder / "film.mp4", encoder, cancel)
    except ProcessFailed:
        try:
            film = _muxed(paths, folder / "film.mkv", encoder, cancel)
        except ProcessFailed as error:
            raise FetchFailed("the pieces that the URL gives do not make a film", detail=error.detail) from None
    return film, sniff(film)


def _muxed(paths: Sequence[Path], film: Path, encoder: Encoder, cancel: CancelToken) -> Path:
    inputs = [part for path in paths for part in (*_INPUT, "-i", str(path.absolute()))]
    maps = ["-map", "0:v:0", "-map", "1:a:0"] if len(paths) == 2 else ["-map", "0:v:0", "-map", "0:a:0?"]
    argv = [encoder.binary, "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *inputs, *maps]
    encoder.run([*argv, "-c", "copy", str(film.absolute())], cancel)
    return film


def _is_transport_stream(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(2 * _TS_PACKET_BYTES + 1)
    return len(head) > 2 * _TS_PACKET_BYTES and all(head[at] == _TS_SYNC for at in (0, 188, 376))
