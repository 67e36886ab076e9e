"""Conversations with known turns, put together from the single talkers of grid_multi_talk_30s.mp4.

Each piece is a still camera on two or three seats (or a camera that cuts between them). Who has the turn plays the
clip with its sound; who listens is seen in the clip's calmest moments, played to and fro, so that
listeners breathe and sway as people do.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
Rect = tuple[int, int, int, int]
"""x, y, width, height in pixels"""

FPS, RATE_HZ, CLIP_S, REST_S = 25, 16_000, 3.0, 0.28
SIZE = (1280, 720)


@dataclass(frozen=True)
class Talker:
    """One clip: 3 s of one person who says a sentence."""

    frames: U8
    sound: F32

    def listening(self, at: int) -> U8:
        """The clip's calmest moments, to and fro."""
        rest = round(REST_S * FPS)
        first = min(
            range(len(self.frames) - rest), key=lambda start: float(self.changes[start : start + rest - 1].sum())
        )
        return self.frames[first + rest - 1 - abs(at % (2 * rest - 2) - (rest - 1))]

    @cached_property
    def changes(self) -> F32:
        """(frames - 1,) mean change from one frame to the next."""
        small = self.frames[:, ::4, ::4].astype(np.float32)
        return np.abs(np.diff(small, axis=0)).mean(axis=(1, 2, 3))


@dataclass(frozen=True)
class Turn:
    """Seat ``seat`` says the part of its clip from ``skip_s`` over [start_s, end_s)."""

    start_s: float
    end_s: float
    seat: int
    skip_s: float = 0.0


@dataclass(frozen=True)
class Conversation:
    """``seats``: where each talker sits. ``views``: seat shown alone from a time on (None: all), for camera cuts."""

    name: str
    seats: tuple[Rect, ...]
    talkers: tuple[int, ...]
    turns: tuple[Turn, ...]
    views: tuple[tuple[float, int | None], ...] = ((0.0, None),)
    nods: bool = False
    noise_db: float | None = None
    expect: str = "window"
    size: tuple[int, int] = field(default=SIZE)

    @property
    def duration_s(self) -> float:
        return max(turn.end_s for turn in self.turns)

    def place(self, seat: int, at_s: float) -> Rect:
        """Where a seat is in the picture; one that is shown alone fills it."""
        return self.seats[seat] if self.view(at_s) is None else _ALONE

    def view(self, at_s: float) -> int | None:
        return [seat for start, seat in self.views if start <= at_s + 1e-9][-1]


def turns(seats: Sequence[int], length_s: float = CLIP_S, skip_s: float = 0.0) -> tuple[Turn, ...]:
    return tuple(Turn(n * length_s, (n + 1) * length_s, seat, skip_s) for n, seat in enumerate(seats))


_ALONE = (190, 0, 900, 720)
_HALVES = ((0, 104, 640, 512), (640, 104, 640, 512))
PIECES = (
    Conversation("two seats", _HALVES, (0, 4), turns((0, 1, 0, 0, 1, 1, 0, 1))),
    Conversation("listener nods", _HALVES, (9, 5), turns((0, 1, 1, 0, 1, 0)), nods=True),
    Conversation("noise, 10 dB", _HALVES, (8, 6), turns((1, 0, 1, 0, 0, 1)), noise_db=10.0),
    Conversation(
        "three, unequal", ((0, 60, 600, 480), (600, 200, 400, 320), (1000, 240, 280, 224)), (2, 3, 7),
        turns((2, 0, 1, 0, 2, 1, 1, 0)),
    ),
    Conversation(
        "far away", ((60, 300, 300, 240), (920, 280, 320, 256)), (1, 4), turns((1, 0, 1, 1, 0, 1)),
    ),
    Conversation(
        "camera cuts", _HALVES, (0, 6), turns((0, 1, 0, 1, 0, 1, 0)),
        views=((0.0, 0), (3.0, 1), (6.0, None), (15.0, 1), (18.0, 0)),
    ),
    Conversation("turns of 1.2 s", _HALVES, (0, 6), turns((0, 1) * 8, 1.2, 0.7), expect="split"),
    Conversation(
        "both at once", _HALVES, (4, 1),
        tuple(Turn(n * CLIP_S, (n + 1) * CLIP_S, seat) for n in range(4) for seat in (0, 1)), expect="split",
    ),
)  # fmt: skip


def load_talkers(film: Path) -> list[Talker]:
    """The clips of the film, in order."""
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    width, height = 360, 288
    raw = _run(ffmpeg, "-i", film, "-pix_fmt", "rgb24", "-f", "rawvideo", "-")
    frames = np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)
    raw = _run(ffmpeg, "-i", film, "-ac", "1", "-ar", str(RATE_HZ), "-f", "f32le", "-")
    sound = np.frombuffer(raw, np.float32)
    step, samples = round(CLIP_S * FPS), round(CLIP_S * RATE_HZ)
    count = min(len(frames) // step, len(sound) // samples)
    return [Talker(frames[n * step : (n + 1) * step], sound[n * samples : (n + 1) * samples]) for n in range(count)]


def write(piece: Conversation, talkers: Sequence[Talker], folder: Path) -> Path:
    """Encode the piece into the folder, with its sound."""
    wav, out = folder / f"{piece.name}.f32", folder / f"{piece.name.replace(' ', '-').replace(',', '')}.mp4"
    voice = voices(piece, talkers)
    wav.write_bytes(voice.astype(np.float32).tobytes())
    argv = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y",
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{piece.size[0]}x{piece.size[1]}", "-r", str(FPS), "-i", "-",
        "-f", "f32le", "-ar", str(RATE_HZ), "-ac", "1", "-i", str(wav),
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p",
        "-c:a", "aac", "-b:a", "96k", "-shortest", str(out),
    ]  # fmt: skip
    with subprocess.Popen(argv, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for frame in _frames(piece, talkers):
            process.stdin.write(frame.tobytes())
        process.stdin.close()
    if process.returncode:
        raise RuntimeError(f"ffmpeg failed on {piece.name}")
    wav.unlink()
    return out


def voices(piece: Conversation, talkers: Sequence[Talker]) -> F32:
    """The sound of the piece, mono at RATE_HZ."""
    result = np.zeros(round(piece.duration_s * RATE_HZ), np.float32)
    for turn in piece.turns:
        first, skip = round(turn.start_s * RATE_HZ), round(turn.skip_s * RATE_HZ)
        own = talkers[piece.talkers[turn.seat]].sound[skip : skip + round((turn.end_s - turn.start_s) * RATE_HZ)]
        result[first : first + len(own)] += own[: len(result) - first]
    if piece.noise_db is not None:
        level = float(np.sqrt((result**2).mean())) * 10 ** (-piece.noise_db / 20)
        result += np.random.default_rng(1).normal(0, level, len(result)).astype(np.float32)
    return result


def _frames(piece: Conversation, talkers: Sequence[Talker]) -> Iterator[U8]:
    width, height = piece.size
    for number in range(round(piece.duration_s * FPS)):
        at_s = number / FPS
        view = piece.view(at_s)
        canvas = np.full((height, width, 3), (34, 48, 64), np.uint8)
        shown = [view] if view is not None else range(len(piece.seats))
        for seat in shown:
            x, y, w, h = piece.place(seat, at_s)
            picture = _picture(piece, talkers[piece.talkers[seat]], seat, number, at_s)
            canvas[y : y + h, x : x + w] = cv2.resize(picture, (w, h), interpolation=cv2.INTER_CUBIC)
        yield canvas


def _picture(piece: Conversation, talker: Talker, seat: int, number: int, at_s: float) -> U8:
    for turn in piece.turns:
        if turn.seat == seat and turn.start_s <= at_s < turn.end_s:
            return talker.frames[min(len(talker.frames) - 1, round((at_s - turn.start_s + turn.skip_s) * FPS))]
    picture = talker.listening(number + 5 * seat)
    if piece.nods and at_s % 2.0 < 1.5:
        down = 9.0 * np.sin(2 * np.pi * 1.0 * (at_s % 2.0)) ** 2
        picture = cv2.warpAffine(
            picture, np.float32([[1, 0, 0], [0, 1, down]]), picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE
        ).astype(np.uint8)
    return picture


def _run(*argv: object) -> bytes:
    return subprocess.run([str(argv[0]), "-v", "error", *map(str, argv[1:])], check=True, capture_output=True).stdout
