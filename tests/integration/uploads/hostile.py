"""Films made to do harm or to be at the edge of what is taken, with the answer each deserves."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.media import Lab

Make = Callable[[Lab, Path], None]
_X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


@dataclass(frozen=True)
class Hostile:
    """``code`` None: it is taken, and as harmless as any film."""

    name: str
    make: Make
    code: str | None
    says: str = ""


def _synthetic(size: str, rate: str, frames: int, *codec: str) -> Make:
    source = f"testsrc2=size={size}:rate={rate}"
    return lambda lab, out: lab.ffmpeg("-f", "lavfi", "-i", source, "-frames:v", str(frames), *codec, out)


def _streams(count: int) -> Make:
    """One picture and so many streams in all."""

    def make(lab: Lab, out: Path) -> None:
        sound = ("-map", "0:a") * (count - 1)
        lab.ffmpeg("-i", lab.base, "-map", "0:v", *sound, "-t", "0.5", *_X264, "-c:a", "aac", "-b:a", "32k", out)

    return make


def _text(text: str) -> Make:
    def make(lab: Lab, out: Path) -> None:
        out.write_text(text.format(film=lab.base))

    return make


def _zip_bomb(lab: Lab, out: Path) -> None:
    """An attachment that unpacks to a thousand times its size, in layers."""
    data = bytes(30 * 1024 * 1024)
    for layer in range(3):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            for copy in range(1 if layer == 0 else 10):
                file.writestr(f"{layer}-{copy}.zip", data)
        data = packed.getvalue()
    bomb = lab.keep("bomb.zip", lambda path: path.write_bytes(data) and None)
    named = ("-metadata:s:t", "mimetype=application/zip", "-metadata:s:t", "filename=../../bomb.zip")
    lab.ffmpeg("-i", lab.odd("silent"), "-c", "copy", "-attach", bomb, *named, out)


def _names_another_file(lab: Lab, out: Path) -> None:
    """A QuickTime film whose samples are said to be in another file (a data reference by alias)."""
    whole = out.with_name(f"whole-{out.name}")
    lab.ffmpeg("-i", lab.odd("silent"), "-c", "copy", "-f", "mov", whole)
    data = whole.read_bytes()
    whole.unlink()
    target = lab.odd("silent")
    path = str(target).encode()
    name = target.name.encode()[:63]
    alias = (
        bytes(10) + bytes([4]) + b"disk".ljust(27, b"\0") + bytes(12) + bytes([len(name)]) + name.ljust(63, b"\0")
        + bytes(16) + (1).to_bytes(2, "big") * 2 + bytes(16)
        + (2).to_bytes(2, "big") + len(path).to_bytes(2, "big") + path + b"\0" * (len(path) % 2)
        + b"\xff\xff" + bytes(2)
    )  # fmt: skip
    entry = (len(alias) + 12).to_bytes(4, "big") + b"alis" + bytes(4) + alias
    reference = (len(entry) + 16).to_bytes(4, "big") + b"dref" + bytes(4) + (1).to_bytes(4, "big") + entry
    out.write_bytes(_replace_box(data, [b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"], reference))


def _replace_box(data: bytes, way: list[bytes], new: bytes) -> bytes:
    """``data`` with the box at the end of ``way`` replaced, and the sizes of those around it put right."""
    at = 0
    while at < len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if kind == way[0]:
            inside = new if len(way) == 1 else data[at : at + 8] + _replace_box(data[at + 8 : at + size], way[1:], new)
            return data[:at] + len(inside).to_bytes(4, "big") + inside[4:] + data[at + size :]
        at += size
    raise AssertionError(f"no {way[0]!r}")


HOSTILE: tuple[Hostile, ...] = (
    Hostile("wide_10000.mp4", _synthetic("10000x64", "30", 3, *_X264), None),
    Hostile("wide_10000.mov", _synthetic("10000x5624", "30", 1, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"), None),
    Hostile("wide_16384.mkv", _synthetic("16384x64", "30", 2, "-c:v", "ffv1"), None),
    Hostile("wide_16386.mkv", _synthetic("16386x64", "30", 2, "-c:v", "ffv1"), "VALIDATION_ERROR", "16384 px"),
    Hostile("tall_16386.mov", _synthetic("64x16386", "30", 2, "-c:v", "png"), "VALIDATION_ERROR", "16384 px"),
    Hostile("streams_60.mkv", _streams(60), None),
    Hostile("streams_65.mkv", _streams(65), "VALIDATION_ERROR", "64 is the limit"),
    Hostile("streams_65.mp4", _streams(65), "VALIDATION_ERROR", "64 is the limit"),
    Hostile("rate_240.mp4", _synthetic("64x64", "240", 24, *_X264), None),
    Hostile("rate_300.mp4", _synthetic("64x64", "300", 30, *_X264), "VALIDATION_ERROR", "240 is the limit"),
    Hostile("hours_25.mkv", _synthetic("64x64", "1/30000", 3, *_X264), "VALIDATION_ERROR", "12 is the limit"),
    Hostile("playlist.m3u8", _text("#EXTM3U\n#EXTINF:3,\nfile://{film}\n#EXT-X-ENDLIST\n"), "UNSUPPORTED_FORMAT"),
    Hostile("playlist.mp4", _text("#EXTM3U\n#EXTINF:3,\n/etc/passwd\n#EXT-X-ENDLIST\n"), "UNSUPPORTED_FORMAT"),
    Hostile("concat.txt", _text("ffconcat version 1.0\nfile '{film}'\n"), "UNSUPPORTED_FORMAT"),
    Hostile("dash.mpd", _text('<?xml version="1.0"?><MPD><BaseURL>{film}</BaseURL></MPD>'), "UNSUPPORTED_FORMAT"),
    Hostile("script.avs", _text('AviSource("{film}")\n'), "UNSUPPORTED_FORMAT"),
    Hostile("another_file.mov", _names_another_file, "CORRUPT_VIDEO"),
    Hostile("zip_bomb.mkv", _zip_bomb, None),
)


def hostile_film(lab: Lab, film: Hostile) -> Path:
    """The file of one of HOSTILE, made when it is not there yet."""
    return lab.keep(f"hostile-{film.name}", lambda out: film.make(lab, out))
