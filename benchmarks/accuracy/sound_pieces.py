"""Pieces of music with known beats for sound.py: planted, stretched real music, under speech, and through codecs.

Everything follows from a seed; planted pieces use odd seeds of ``rhythms`` only (the tempo model saw even ones).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from rhythms import RATE_HZ, rhythm

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
#: In the tempo range that music is written in, and at its ends.
FIXED_BPM = (55, 60, 66, 72, 80, 90, 100, 112, 125, 140, 155, 170, 182, 190)
NO_DRUMS = (
    "strum", "strum_simple", "arpeggio_8", "arpeggio_16", "piano_quarters", "piano_8", "six_eight_pluck", "waltz_pluck",
    "strings_quarters", "pads_and_pulse", "ostinato_16",
)  # fmt: skip
METRES = ("waltz", "waltz_pluck", "shuffle", "swing_ride", "six_eight", "six_eight_pluck", "five_four")
#: What music written to a tempo, without beat times, is known by.
WRITTEN_BPM = {
    "energetic_electronic_2.opus": 150.0,
    "happy_electronic_1.opus": 123.0,
    "tender_acoustic_2.opus": 90.0,
}
SPEEDS = (0.8, 0.9, 1.0, 1.12, 1.25)
CODECS = (("mp4", "aac", 64), ("mp4", "aac", 128), ("webm", "libopus", 64), ("mp4", "libmp3lame", 96),
          ("mp4", "libmp3lame", 192))  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """(n,) samples at 48 kHz; ``beats_s`` None when only the tempo is known; ``film``: to be read from this file."""

    group: str
    name: str
    samples: np.ndarray
    tempo_bpm: float
    beats_s: np.ndarray | None
    film: Path | None = None


def planted(seed: int, count: int) -> Iterator[Piece]:
    """Random genres, fixed tempi, no drums, other metres than 4/4 straight."""
    base = 2 * 10_000 * seed + 1
    for number in range(count):
        yield _planted("random genres", base + 2 * number)
    for number, tempo in enumerate(FIXED_BPM):
        for turn in range(2):
            yield _planted("tempi 55-190", base + 4_000 + 2 * (2 * number + turn), tempo_bpm=float(tempo))
    for number, name in enumerate(NO_DRUMS):
        yield _planted("no drums", base + 6_000 + 2 * number, name=name)
    for number, name in enumerate(METRES):
        yield _planted("swing, 3/4, 6/8, 5/4", base + 8_000 + 2 * number, name=name)


def _planted(group: str, seed: int, **fixed: float | str) -> Piece:
    found = rhythm(seed, **fixed)  # type: ignore[arg-type]
    return Piece(group, f"{found.name} {seed}", found.sound, found.tempo_bpm, found.beats_s)


def stretched(footage: Path, folder: Path | None) -> Iterator[Piece]:
    """Real music played slower and faster at its own pitch (ffmpeg's atempo): the truth moves with it."""
    music = footage / "music"
    for path in sorted(music.glob("*.beats.json")):
        said = json.loads(path.read_text())
        for speed in SPEEDS:
            samples = _decoded(music / path.name.replace(".beats.json", ".flac"), speed)
            beats = np.array(said["beats"]) / speed
            yield Piece("real, stretched", f"{path.stem} x{speed}", samples, said["bpm"] * speed, beats)
    named = [(music / name, tempo) for name, tempo in WRITTEN_BPM.items()]
    if folder is not None:
        rows = [line.split("\t") for line in (folder / "tempi.tsv").read_text().splitlines()]
        named += [(folder / name, float(tempo)) for name, tempo in rows]
    for path, tempo in named:
        for speed in SPEEDS if path.exists() else ():
            yield Piece("real, stretched", f"{path.stem} x{speed}", _decoded(path, speed), tempo * speed, None)


def under_speech(seed: int, footage: Path, count: int = 5) -> Iterator[Piece]:
    """Planted music at 0, -6 and -12 dB to a voice that reads."""
    voice = _decoded(footage / "speech" / "sonnet_p001.mp3", 1.0)
    for music_db in (0, -6, -12):
        for number in range(count):
            piece = rhythm(2 * (10_000 * seed + 4_500 + number) + 1)
            length = min(len(voice), len(piece.sound))
            level = 10 ** (music_db / 20) * np.sqrt(np.mean(voice**2) / np.mean(piece.sound**2))
            mix = 0.5 * (voice[:length] + level * piece.sound[:length])
            group = f"under speech {music_db:+d} dB" if music_db else "under speech 0 dB"
            yield Piece(group, piece.name, mix.astype(np.float32), piece.tempo_bpm, piece.beats_s)


def encoded(seed: int, scratch: Path) -> Iterator[Piece]:
    """Planted music in films, to be read back through the whole decoder."""
    for number, (container, codec, kbps) in enumerate(CODECS):
        piece = rhythm(2 * (10_000 * seed + 4_800 + number) + 1)
        film = scratch / f"{codec}{kbps}.{container}"
        picture = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=24"]
        video = ["-c:v", "libvpx-vp9" if container == "webm" else "libx264", "-shortest"]
        raw = ["-f", "f32le", "-ar", "48000", "-ac", "1", "-i", "-"]
        command = [FFMPEG, "-v", "error", "-y", *picture, *raw, *video, "-c:a", codec, "-b:a", f"{kbps}k", str(film)]
        subprocess.run(command, input=piece.sound.tobytes(), check=True)
        yield Piece("encoded films", film.name, piece.sound, piece.tempo_bpm, piece.beats_s, film)


def _decoded(path: Path, speed: float) -> np.ndarray:
    tempo = ["-af", f"atempo={speed}"] if speed != 1.0 else []
    command = [FFMPEG, "-v", "error", "-i", str(path), "-vn", *tempo, "-t", "60", "-f", "f32le", "-ac", "1"]
    data = subprocess.run([*command, "-ar", str(RATE_HZ), "-"], capture_output=True, check=True).stdout
    return np.frombuffer(data, np.float32)


def voices(footage: Path) -> list[Path]:
    """Recordings of speech without music."""
    spoken = [*sorted((footage / "speech").glob("*.mp3")), footage / "speech" / "jfk.flac"]
    return [one for one in [*spoken, *sorted(footage.glob("grid_*.mp4"))] if one.exists()]


def noises(seed: int, seconds: int = 20) -> dict[str, np.ndarray]:
    """Sounds without a beat: noise of several colours, gusts, rain, engines, hum, digital silence."""
    random = np.random.default_rng(2 * seed + 1)
    count = RATE_HZ * seconds
    time_s = np.arange(count) / RATE_HZ
    found = {"silence": np.zeros(count), "hum": 0.1 * np.sin(2 * np.pi * 50 * time_s)}
    for number in range(6):
        found[f"white {number}"] = random.normal(size=count) * 10 ** random.uniform(-2.5, -0.7)
        brown = _brown(random, count)
        found[f"brown {number}"] = brown
        slow = np.convolve(
            np.repeat(random.uniform(0, 1, seconds + 1), RATE_HZ)[:count], np.ones(24_000) / 24_000, "same"
        )
        found[f"gusts {number}"] = brown * slow
        drops = np.zeros(count)
        drops[random.integers(0, count, 40 * seconds)] = random.uniform(0.1, 1, 40 * seconds)
        found[f"rain {number}"] = np.convolve(drops, np.exp(-np.arange(400) / 60), "same") * 0.3 + 0.01 * brown
        hertz = random.uniform(60, 140) + np.cumsum(random.normal(size=count)) * 0.002
        found[f"engine {number}"] = 0.2 * np.sin(2 * np.pi * np.cumsum(hertz) / RATE_HZ) + 0.2 * brown
    return {name: one.astype(np.float32) for name, one in found.items()}


def _brown(random: np.random.Generator, count: int) -> np.ndarray:
    walk = np.cumsum(random.normal(size=count))
    walk -= np.convolve(walk, np.ones(4800) / 4800, mode="same")
    return np.asarray(0.1 * walk / np.abs(walk).max())
