"""Films of known boundaries from a seed: real takes, transitions of three editors, disturbances; as real files.

What is drawn: picture size (240p to 2160p, wide, upright, square, letterboxed), frame rate (23.976 to 60, constant or
variable), compression (x264 crf 18 to 35, now and then x265), grain. Pictures are put together at a short side of at
most 360 pixels and enlarged to the film's size, so a 2160p file is as large to decode, but not as sharp, as a real one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from plant_shots_joins import DURATIONS_S, U8, Event, join_pictures, scaled
from plant_shots_takes import SHORT_SIDE_PX, Take, disturbed, stretch

RATES = tuple(map(Fraction, ("24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60")))
KINDS = ("cut",) * 6 + ("dissolve",) * 2 + ("fade",) * 2 + ("wipe", "slide", "zoom", "whip")
SIDES = (240, 360, 480, 720, 1080, 2160)
_TICKS = 90_000


@dataclass(frozen=True)
class Spec:
    """How a film is made."""

    seed: int
    number: int
    side: int
    shape: float
    """width / height of the file"""
    rate: Fraction
    variable: bool
    crf: int
    codec: str
    bars: float
    """picture shape inside bars, 0 for none"""
    grain: float
    boundaries: int

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), even."""
        wide = self.side * max(self.shape, 1 / self.shape)
        long, short = 2 * round(wide / 2), self.side
        return (long, short) if self.shape >= 1 else (short, long)

    def __str__(self) -> str:
        width, height = self.size
        rate = f"{float(self.rate):.5g}{' variable' if self.variable else ''}"
        return f"film {self.seed}.{self.number}: {width}x{height} {rate} fps {self.codec} crf {self.crf}"


@dataclass
class Planted:
    """What is in a film."""

    frames: int = 0
    seconds: float = 0.0
    events: list[Event] = field(default_factory=list)
    disturbances: list[tuple[str, int, int]] = field(default_factory=list)


def draw_spec(seed: int, number: int, boundaries: int) -> Spec:
    """Film ``number`` of a run: sizes and rates go around, so that a few films cover all; the rest is drawn."""
    rng = np.random.default_rng([seed, number, 1])
    turn = int(np.random.default_rng([seed, 2]).integers(1000)) + number
    # Large pictures are slow, and short films do for them.
    side = SIDES[:4][turn % 4] if number % 6 < 4 else SIDES[number % 6]
    large = side >= 1080
    shape = (
        float(rng.choice([16 / 9, 16 / 9, 4 / 3, 9 / 16, 1.0], p=[0.4, 0.2, 0.1, 0.2, 0.1])) if not large else 16 / 9
    )
    rate = RATES[:5][turn % 5] if side == 2160 else RATES[(3 * turn) % 8]
    return Spec(
        seed=seed,
        number=number,
        side=side,
        shape=shape,
        rate=rate,
        variable=bool(rng.random() < 0.25),
        crf=int(rng.integers(18, 36)),
        codec="libx265" if side <= 480 and rng.random() < 0.2 else "libx264",
        bars=float(rng.choice([0, 0, 2.39, 4 / 3])) if shape > 1.7 else 0.0,
        grain=float(rng.choice([0, 0, 2.0])),
        boundaries=max(4, boundaries // 4) if side == 2160 else max(6, boundaries // 2) if large else boundaries,
    )


class _Cutter:
    """Puts stretches together and hands finished pictures on, one after the other."""

    def __init__(self, rng: np.random.Generator, sink: Callable[[U8], None]) -> None:
        self._rng, self._sink = rng, sink
        self._pending: U8 | None = None
        self._count = self._protected = 0
        self.planted = Planted()

    @property
    def room(self) -> int:
        """Frames of the last stretch that a transition may use."""
        return 0 if self._pending is None else len(self._pending) - max(6, self._protected)

    def add(self, piece: U8, kind: str, frames: int, note: str, protected: int) -> None:
        """Join a stretch to what is there, over ``frames`` of both; its first ``protected`` are no other join's."""
        self._protected = max(protected - frames, 0)
        if self._pending is None:
            self._pending = piece
            return
        old = self._pending
        if kind == "cut":
            at = self._count + len(old)
            self._give(old)
            self.planted.events.append(Event("cut", at, at, note=note))
            self._pending = piece
            return
        pictures, event = join_pictures(self._rng, kind, old[-frames:], piece[:frames])
        self._give(old[:-frames])
        start = self._count
        self._give(pictures)
        self.planted.events.append(replace(event, start=start, end=self._count))
        self._pending = piece[frames:]

    def disturbance(self, kind: str, start: int, end: int, frames: int) -> None:
        """Note one of the stretch that will be added next with ``frames`` of overlap."""
        here = self._count + (0 if self._pending is None else len(self._pending)) - frames
        self.planted.disturbances.append((kind, here + start, here + end))

    def close(self) -> Planted:
        """Hand the rest on."""
        if self._pending is not None:
            self._give(self._pending)
        self.planted.frames = self._count
        return self.planted

    def _give(self, pictures: U8) -> None:
        for picture in pictures:
            self._sink(picture)
        self._count += len(pictures)


def assemble(takes: Sequence[Take], spec: Spec, sink: Callable[[U8], None], disturb: float = 0.5) -> Planted:
    """Draw a film; ``sink`` gets its pictures (h, w, 3) at working size, bars included."""
    rng = np.random.default_rng([spec.seed, spec.number, 3])
    rate = float(spec.rate)
    scale = min(1.0, SHORT_SIDE_PX / spec.side)
    width, height = (2 * round(side * scale / 2) for side in spec.size)
    inner = (width, height)
    if spec.bars:
        inner = (2 * round(min(width, height * spec.bars) / 2), 2 * round(min(height, width / spec.bars) / 2))
    top, left = (height - inner[1]) // 2, (width - inner[0]) // 2

    def framed(picture: U8) -> None:
        if spec.grain:
            picture = cv2.add(picture, rng.normal(0, spec.grain, (*picture.shape[:2], 1)).repeat(3, 2), dtype=cv2.CV_8U)
        if spec.bars:
            canvas = np.zeros((height, width, 3), np.uint8)
            canvas[top : top + inner[1], left : left + inner[0]] = picture
            picture = canvas
        sink(picture)

    cutter = _Cutter(rng, framed)
    previous = -1
    for number in range(spec.boundaries + 1):
        kind = str(rng.choice((*KINDS, "strange") if rng.random() < 0.5 else KINDS)) if number else "cut"
        same = kind == "cut" and previous >= 0 and rng.random() < 0.2 and len(takes[previous].pictures) > 150
        choices = [index for index in range(len(takes)) if index != previous]
        source = previous if same else int(rng.choice(choices))
        wanted = round(float(rng.uniform(1.0, 3.0)) * rate)
        piece = stretch(rng, takes[source], wanted, rate, inner, plain=bool(same or rng.random() < 0.4))
        note = ""
        if same:
            note = str(rng.choice(["punch-in", "jump"]))
            if note == "punch-in":
                grow = float(rng.uniform(1.15, 1.4))
                piece = np.stack([scaled(item, grow) for item in piece])
        frames, found = 0, None
        if kind != "cut":
            low, high = DURATIONS_S[kind]
            drawn = round(float(np.exp(rng.uniform(np.log(low), np.log(high)))) * rate)
            frames = min(max(drawn, 4), cutter.room, len(piece) - 6)
            if frames < 4:
                kind, frames = "cut", 0
        protected = 0
        if rng.random() < disturb and len(piece) - frames > 0.9 * rate:
            piece, name, start, end = disturbed(rng, piece, rate, frames)
            found = (name, start, end)
            protected = 0 if name in ("repeat", "speed") else end
        if found is not None:
            cutter.disturbance(*found, frames)
        cutter.add(piece, kind, frames, note, protected)
        previous = source
    planted = cutter.close()
    planted.seconds = planted.frames / rate
    return planted


def write_film(takes: Sequence[Take], spec: Spec, path: Path, disturb: float = 0.5) -> Planted:
    """Encode a film; of a variable rate, frames are left out here and there and time stamps tremble."""
    rng = np.random.default_rng([spec.seed, spec.number, 4])
    width, height = spec.size
    kept: list[bool] = []
    with av.open(str(path), "w") as out:
        stream = out.add_stream(spec.codec, rate=spec.rate, options=_options(spec))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, _TICKS)
        stream.codec_context.thread_count = 1
        step = _TICKS / float(spec.rate)

        def put(picture: U8) -> None:
            number = len(kept)
            # A phone that runs short of light or time: stretches in which every third frame is missing.
            starved = spec.variable and np.sin(number / 23.0 + spec.seed) > 0.3
            kept.append(not (starved and rng.random() < 0.33 and kept and kept[-1]))
            if not kept[-1]:
                return
            if picture.shape[:2] != (height, width):
                picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")
            tremble = rng.uniform(-0.15, 0.15) * step if spec.variable and number else 0.0
            frame.pts, frame.time_base = round(number * step + tremble), Fraction(1, _TICKS)
            out.mux(stream.encode(frame))

        planted = assemble(takes, spec, put, disturb)
        out.mux(stream.encode(None))
    before = np.concatenate([[0], np.cumsum(kept)])
    planted.events = [
        replace(item, start=int(before[item.start]), end=int(before[item.end])) for item in planted.events
    ]
    planted.disturbances = [
        (name, int(before[min(start, len(kept))]), int(before[min(end, len(kept))]))
        for name, start, end in planted.disturbances
    ]
    planted.frames = int(before[-1])
    return planted


def _options(spec: Spec) -> dict[str, str]:
    quick = "ultrafast" if spec.side >= 1080 else "veryfast"
    options = {"crf": str(spec.crf), "preset": quick}
    return options | ({"x265-params": "log-level=none:pools=none"} if spec.codec == "libx265" else {})
