"""What a file is by its first bytes, and whether it is whole by its own lengths.

Reads box and element headers only, so that no demuxer touches a file that is no film, and a file that was
cut off is named as such instead of being edited as if it ended there.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import BinaryIO

from reelprint.core.errors import CorruptVideo, UnsupportedFormat, VideoNotFound
from reelprint.core.media import Container

_MP4_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"moof", b"sidx"}
_SEGMENT_ID = b"\x18\x53\x80\x67"
_ADVICE = "Reelprint reads mp4, mov, avi, mkv and webm"


def sniff(path: Path) -> Container:
    """Return the container by content.

    Raises VideoNotFound, UnsupportedFormat (nothing we read), CorruptVideo (a known container that is cut off).
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            # A folder; or a pipe or a device, on which reading could wait for ever.
            raise VideoNotFound(f"{path} is a {'directory' if path.is_dir() else 'device'}, not a file")
        with path.open("rb") as file:
            return _sniff(file, path.name, status.st_size)
    except FileNotFoundError:
        raise VideoNotFound(f"no such file: {path}") from None
    except OSError as error:
        raise VideoNotFound(f"cannot read {path}: {error.strerror}") from None


def _sniff(file: BinaryIO, name: str, size: int) -> Container:
    if size == 0:
        raise UnsupportedFormat(f"{name} is empty; {_ADVICE}")
    head = file.read(64)
    if head[4:8] in _MP4_BOXES:
        _check_mp4(file, name, size)
        # Files from before ISO base media have no ftyp box: those are QuickTime.
        return "mp4" if head[4:8] == b"ftyp" and head[8:12] != b"qt  " else "mov"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        _check_ebml(file, name, size)
        file.seek(0)
        return "webm" if b"webm" in file.read(4096) else "mkv"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        declared = int.from_bytes(head[4:8], "little") + 8
        # Files over 1 GB continue in further RIFF chunks, so only a missing end counts.
        if declared > size + 1:
            raise _cut_off(name, size, declared)
        return "avi"
    raise UnsupportedFormat(f"{name} is not a film that can be read; {_ADVICE}")


def _cut_off(name: str, size: int, declared: int) -> CorruptVideo:
    return CorruptVideo(f"{name} is cut off: it holds {size} of {declared} bytes; copy or download it again")


def _check_mp4(file: BinaryIO, name: str, size: int) -> None:
    """Walk the top-level boxes (ISO/IEC 14496-12, 4.2)."""
    at, seen = 0, set()
    while at + 8 <= size:
        file.seek(at)
        header = file.read(16)
        length, kind = int.from_bytes(header[:4], "big"), header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        elif length == 0:
            length = size - at
        if length < 8:
            break
        seen.add(kind)
        if at + length > size and kind in _MP4_BOXES:
            raise _cut_off(name, size, at + length)
        at += length
    if b"moov" not in seen:
        raise CorruptVideo(f"{name} has no index (moov box); it was cut off or never finished")


def _check_ebml(file: BinaryIO, name: str, size: int) -> None:
    """Compare the Segment's declared length (RFC 8794) with the file; unknown lengths pass."""
    file.seek(0)
    head = file.read(8192)
    at = head.find(_SEGMENT_ID)
    if at < 0 or at + 12 > len(head):
        raise CorruptVideo(f"{name} has a Matroska header but no content")
    first = head[at + 4]
    width = 9 - first.bit_length()
    if not 1 <= width <= 8:
        raise CorruptVideo(f"{name} has a damaged Matroska header")
    value = int.from_bytes(head[at + 4 : at + 4 + width], "big") & ((1 << (7 * width)) - 1)
    unknown = value == (1 << (7 * width)) - 1
    if not unknown and at + 4 + width + value > size:
        raise _cut_off(name, size, at + 4 + width + value)
