"""Files that are no good film, each with the error that it deserves."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av

from tests.media import Lab

_SOUND = ("-vn", "-c:a", "aac")
_VIDEO = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac")
_VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M", "-c:a", "libopus")
Make = Callable[[Lab, Path], None]


@dataclass(frozen=True)
class Bad:
    """``code``: of the error object (CONTRACT section 1); ``says``: a word of its message."""

    name: str
    make: Make
    code: str
    says: str


def _cut(share: float, *args: str) -> Make:
    """A film that was encoded with ``args`` and then lost all but the first ``share`` of its bytes."""

    def make(lab: Lab, out: Path) -> None:
        whole = out.with_name(f"whole-{out.name}")
        lab.ffmpeg("-i", lab.base, *args, whole)
        data = whole.read_bytes()
        whole.unlink()
        out.write_bytes(data[: int(len(data) * share)])

    return make


def _encoded(*args: str) -> Make:
    return lambda lab, out: lab.ffmpeg("-i", lab.base, *args, out)


def _bytes(data: bytes) -> Make:
    return lambda _lab, out: _ignore(out.write_bytes(data))


def _ignore(_value: object) -> None:
    """Recipes return nothing."""


def _playlist(text: str) -> Make:
    """A playlist under a film's name that points at a film which could really be played."""
    return lambda lab, out: _ignore(out.write_text(text.format(film=lab.base)))


def _no_frames(lab: Lab, out: Path) -> None:
    """A container with a whole description of a video track and not one packet in it."""
    with av.open(str(lab.odd("silent"))) as source, av.open(str(out), "w") as target:
        target.add_stream_from_template(source.streams.video[0])
        target.start_encoding()


def _cover_only(lab: Lab, out: Path) -> None:
    """A song with a cover picture: its only video stream is a still attached to it."""
    cover = lab.keep("cover.png", lambda path: lab.ffmpeg("-i", lab.base, "-frames:v", "1", path))
    maps = ("-map", "0:a", "-map", "1:v", "-c:a", "aac", "-c:v", "copy", "-disposition:v:0", "attached_pic")
    lab.ffmpeg("-i", lab.base, "-i", cover, *maps, "-f", "mp4", out)


def _renamed(suffix: str, *args: str) -> Make:
    """Another kind of file under the name of a film."""

    def make(lab: Lab, out: Path) -> None:
        honest = out.with_suffix(suffix)
        lab.ffmpeg("-i", lab.base, *args, honest)
        honest.replace(out)

    return make


def _box(kind: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4, "big") + kind + body


_FTYP = _box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")
_NOISE = random.Random(5).randbytes(4000)

BAD: tuple[Bad, ...] = (
    Bad("cut_faststart.mp4", _cut(0.6, *_VIDEO, "-movflags", "+faststart"), "CORRUPT_VIDEO", "cut off"),
    Bad("cut_index_last.mp4", _cut(0.6, *_VIDEO), "CORRUPT_VIDEO", "cut off"),
    Bad("cut.mkv", _cut(0.6, *_VIDEO), "CORRUPT_VIDEO", "cut off"),
    Bad("cut.webm", _cut(0.6, *_VP9), "CORRUPT_VIDEO", "cut off"),
    Bad("cut.avi", _cut(0.6, "-c:v", "mpeg4", "-c:a", "libmp3lame"), "CORRUPT_VIDEO", "cut off"),
    Bad("text.mp4", _bytes(b"Dear diary, today I filmed nothing.\n" * 30), "UNSUPPORTED_FORMAT", "not a film"),
    Bad("sound_only.mp4", _encoded(*_SOUND), "CORRUPT_VIDEO", "no video"),
    Bad("empty.mp4", _bytes(b""), "UNSUPPORTED_FORMAT", "empty"),
    Bad("one_byte.mp4", _bytes(b"\0"), "UNSUPPORTED_FORMAT", "not a film"),
    Bad("no_frames.mp4", _no_frames, "CORRUPT_VIDEO", "no_frames"),
    Bad("no_frames.mkv", _no_frames, "CORRUPT_VIDEO", "no_frames"),
    Bad("song.mp4", _renamed(".mp3", "-vn", "-c:a", "libmp3lame"), "UNSUPPORTED_FORMAT", "not a film"),
    Bad("picture.mp4", _renamed(".png", "-frames:v", "1"), "UNSUPPORTED_FORMAT", "not a film"),
    Bad("playlist.mp4", _playlist("#EXTM3U\n#EXTINF:3,\n{film}\n#EXT-X-ENDLIST\n"), "UNSUPPORTED_FORMAT", "not a film"),
    Bad("listing.mp4", _playlist("ffconcat version 1.0\nfile '{film}'\n"), "UNSUPPORTED_FORMAT", "not a film"),
    Bad("noise_after_ftyp.mp4", _bytes(_FTYP + _NOISE), "CORRUPT_VIDEO", "noise_after_ftyp"),
    Bad("noise_in_moov.mp4", _bytes(_FTYP + _box(b"moov", _NOISE)), "CORRUPT_VIDEO", "noise_in_moov"),
    Bad("directory.mp4", lambda _lab, out: out.mkdir(), "VIDEO_NOT_FOUND", "directory"),
    Bad("cover_only.m4a", _cover_only, "CORRUPT_VIDEO", "no video"),
    Bad("noise_after_ebml.mkv", _bytes(b"\x1a\x45\xdf\xa3" + _NOISE), "CORRUPT_VIDEO", "Matroska"),
    Bad("program.mp4", _bytes(b"\x7fELF" + _NOISE), "UNSUPPORTED_FORMAT", "not a film"),
)


def bad_film(lab: Lab, bad: Bad) -> Path:
    """The file of one of BAD, made when it is not there yet."""
    return lab.keep(f"bad-{bad.name}", lambda out: bad.make(lab, out))
