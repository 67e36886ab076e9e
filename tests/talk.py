"""Talking films, put together of the pieces in ../shared/footage."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from tests.media import FOOTAGE

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
_FIT = "fps=25,scale=1280:720:force_original_aspect_ratio=decrease,pad=1280:720:(ow-iw)/2:(oh-ih)/2,setsar=1"
_CODE = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ar", "48000")


@dataclass(frozen=True)
class Piece:
    """[start_s, start_s + length_s) of a film; ``voice`` replaces its sound. Times are the picture's."""

    film: str
    length_s: float
    start_s: float = 0.0
    voice: str | None = None


_SENSE = "speech/sense_and_sensibility_01_austen_64kb-{}.wav"
#: Ten minutes: a reader, a dialogue, short sentences, book and speech over pictures, film scenes, the reader again.
TEN_MINUTES: tuple[Piece, ...] = (
    Piece("sonnets_talk_158s.mp4", 157.8),
    Piece("grid_two_person_30s.mp4", 30.0),
    Piece("grid_multi_talk_30s.mp4", 30.0),
    Piece("raw/intel_one-by-one-person-detection.mp4", 7.1, 5.0, _SENSE.format("0870")),
    Piece("raw/intel_one-by-one-person-detection.mp4", 3.0, 12.1, _SENSE.format("0880")),
    Piece("raw/intel_one-by-one-person-detection.mp4", 5.3, 15.1, _SENSE.format("0890")),
    Piece("raw/intel_one-by-one-person-detection.mp4", 6.0, 20.4, _SENSE.format("0920")),
    Piece("raw/intel_one-by-one-person-detection.mp4", 3.3, 26.4, _SENSE.format("0930")),
    Piece("bbb_000-090s_720p.mp4", 11.0, 20.0, "speech/jfk.flac"),
    Piece("tos_battle_70s.webm", 70.0),
    Piece("bbb_000-090s_720p.mp4", 52.9, 30.0, "speech/sonnet_p002.mp3"),
    Piece("bbb_trailer_33s.webm", 33.0),
    Piece("raw/intel_car-detection.mp4", 30.0),
    Piece("grid_multi_talk_30s.mp4", 30.0),
    Piece("sonnets_talk_158s.mp4", 130.6),
)


def talk_film(pieces: Sequence[Piece], out: Path) -> Path:
    """Write the pieces one after another, 1280x720 at 25 frames a second. Needs the shared footage."""
    with tempfile.TemporaryDirectory(prefix="reelprint-talk-") as name:
        folder = Path(name)
        parts = [_part(piece, folder / f"{number:02}.mkv") for number, piece in enumerate(pieces)]
        listing = folder / "parts.txt"
        listing.write_text("".join(f"file '{part}'\n" for part in parts))
        joined = folder / "joined.mp4"
        _ffmpeg("-f", "concat", "-safe", "0", "-i", listing, "-c", "copy", "-movflags", "+faststart", joined)
        shutil.move(joined, out)
    return out


def _part(piece: Piece, out: Path) -> Path:
    sound = FOOTAGE / (piece.voice or piece.film)
    given: list[str | Path] = ["-ss", str(piece.start_s), "-t", str(piece.length_s), "-i", FOOTAGE / piece.film]
    given += ["-i", sound] if piece.voice else ["-ss", str(piece.start_s), "-i", sound]
    # A piece without sound is silent; a voice that is shorter than its picture is followed by silence.
    heard = f"[1:a]aresample=48000,aformat=channel_layouts=stereo,apad,atrim=0:{piece.length_s}[a]"
    if piece.voice is None and not _has_sound(FOOTAGE / piece.film):
        heard = f"anullsrc=r=48000:cl=stereo,atrim=0:{piece.length_s}[a]"
    graph = f"[0:v]{_FIT}[v];{heard}"
    _ffmpeg(*given, "-filter_complex", graph, "-map", "[v]", "-map", "[a]", *_CODE, out)
    return out


def _has_sound(path: Path) -> bool:
    told = subprocess.run([FFMPEG, "-hide_banner", "-i", path], capture_output=True, text=True, check=False).stderr
    return " Audio: " in told


def _ffmpeg(*words: str | Path) -> None:
    subprocess.run([FFMPEG, "-v", "error", "-y", *words], check=True, stdin=subprocess.DEVNULL)
