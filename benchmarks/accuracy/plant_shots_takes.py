"""Stretches of real takes, changed in ways that real edits change them, and disturbances that are no boundaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from plant_shots_joins import U8, motion_blur, scaled, shifted

#: Short side of the pictures that are put together.
SHORT_SIDE_PX = 360
#: (film, first, one past the last frame) of takes without any boundary, by hand labels.
TUNING = (
    ("tos_battle_70s.webm", 53, 121), ("tos_battle_70s.webm", 222, 308), ("tos_battle_70s.webm", 310, 714),
    ("tos_battle_70s.webm", 789, 871), ("tos_battle_70s.webm", 902, 986), ("tos_battle_70s.webm", 988, 1126),
    ("raw/intel_car-detection.mp4", 0, 376), ("grid_multi_talk_30s.mp4", 1, 74), ("grid_multi_talk_30s.mp4", 76, 149),
    ("bbb_000-090s_720p.mp4", 290, 375), ("bbb_000-090s_720p.mp4", 1150, 1340), ("bbb_000-090s_720p.mp4", 1350, 1450),
    ("bbb_000-090s_720p.mp4", 1820, 1915),
)  # fmt: skip
HELD_OUT = (
    ("bbb_000-090s_720p.mp4", 90, 280), ("bbb_000-090s_720p.mp4", 390, 495), ("bbb_000-090s_720p.mp4", 830, 1140),
    ("bbb_000-090s_720p.mp4", 1460, 1530), ("bbb_000-090s_720p.mp4", 1540, 1660), ("bbb_000-090s_720p.mp4", 1930, 2150),
    ("nasa_13s.mp4", 0, 145), ("nasa_13s.mp4", 242, 389),
    ("raw/intel_one-by-one-person-detection.mp4", 0, 300), ("raw/intel_one-by-one-person-detection.mp4", 301, 700),
    ("grid_two_person_30s.mp4", 1, 224),
)  # fmt: skip
DISTURBANCES = (
    "flash", "strobe", "shake", "camera whip", "fast pan", "speed", "occluder", "repeat", "light", "zoom-in", "title",
)  # fmt: skip


@dataclass(frozen=True)
class Take:
    """A take as decoded: (n, h, w, 3) uint8 RGB on disk, and its rate."""

    pictures: U8
    rate: float


def load_takes(folder: Path, chosen: Sequence[tuple[str, int, int]], scratch: Path) -> list[Take]:
    """Decode each film once; the pictures go to files in ``scratch``, so that memory stays small."""
    takes = []
    for name in dict.fromkeys(item[0] for item in chosen):
        spans = [(start, stop) for film, start, stop in chosen if film == name]
        kept: list[list[U8]] = [[] for _ in spans]
        with av.open(str(folder / name)) as source:
            stream = source.streams.video[0]
            rate = float(stream.average_rate or 25)
            size = (stream.width, stream.height)
            scale = SHORT_SIDE_PX / min(size)
            width, height = (2 * round(side * scale / 2) for side in size)
            last = max(stop for _, stop in spans)
            for number, frame in enumerate(source.decode(stream)):
                if number >= last:
                    break
                for kept_here, (start, stop) in zip(kept, spans, strict=True):
                    if start <= number < stop:
                        kept_here.append(frame.reformat(width, height, "rgb24", interpolation="AREA").to_ndarray())
        for number, pictures in enumerate(kept):
            path = scratch / f"{len(takes)}-{number}.npy"
            np.save(path, np.stack(pictures))
            takes.append(Take(np.load(path, mmap_mode="r"), rate))
    return takes


def stretch(rng: np.random.Generator, take: Take, frames: int, rate: float, size: tuple[int, int], plain: bool) -> U8:
    """Up to ``frames`` pictures of ``size`` (w, h) from a take.

    At the footage's own speed (pictures repeat or are left out), with every picture once, or slowed and sped up.
    ``plain``: neither mirrored, cropped, moved nor graded.
    """
    step = float(rng.choice([take.rate / rate, 1.0, rng.uniform(0.5, 1.8)], p=[0.4, 0.4, 0.2]))
    # Slower than 10 pictures a second is a slide show, not a take.
    step = max(step, min(10 / rate, 1.0))
    frames = min(frames, int((len(take.pictures) - 1) / step))
    first = float(rng.uniform(0, max(len(take.pictures) - 1 - frames * step, 0)))
    index = np.floor(first + step * np.arange(frames)).astype(int)
    height, width = take.pictures.shape[1:3]
    shape = size[0] / size[1]
    zoom = 1.0 if plain else float(rng.uniform(1.0, 1.6)) if rng.random() < 0.5 else 1.0
    crop_w, crop_h = min(width, height * shape) / zoom, min(height, width / shape) / zoom
    x0, y0 = (rng.uniform(0, 1, 2) if not plain else (0.5, 0.5)) * np.array([width - crop_w, height - crop_h])
    # A slow move over the picture, smooth at the film's own rate.
    travel = rng.uniform(-0.06, 0.06, 2) * crop_w * (frames / rate) * (rng.random() < 0.3) * (not plain)
    mirror, grade = (not plain and rng.random() < 0.5), _grade(rng) if not plain and rng.random() < 0.5 else None
    out = np.empty((frames, size[1], size[0], 3), np.uint8)
    for i, source in enumerate(index.tolist()):
        share = i / max(frames - 1, 1)
        x = float(np.clip(x0 + travel[0] * share, 0, width - crop_w))
        y = float(np.clip(y0 + travel[1] * share, 0, height - crop_h))
        sx, sy = crop_w / size[0], crop_h / size[1]
        matrix = np.array([[sx, 0, x + 0.5 * sx - 0.5], [0, sy, y + 0.5 * sy - 0.5]], np.float32)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        picture = cv2.warpAffine(
            np.asarray(take.pictures[source]), matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        picture = picture[:, ::-1] if mirror else picture
        out[i] = (
            picture if grade is None else np.take_along_axis(grade, picture.reshape(-1, 3), 0).reshape(out[i].shape)
        )
    return out


def _grade(rng: np.random.Generator) -> U8:
    """(256, 3) curves: gain, lift and gamma per channel, and contrast."""
    x = np.linspace(0, 1, 256)[:, None]
    curve = np.clip(rng.uniform(0.85, 1.15, 3) * x + rng.uniform(-0.04, 0.06, 3), 0, 1) ** rng.uniform(0.75, 1.3)
    return np.asarray(np.clip(255 * (0.5 + (curve - 0.5) * rng.uniform(0.75, 1.25)), 0, 255), np.uint8)


def disturbed(rng: np.random.Generator, piece: U8, rate: float, first: int) -> tuple[U8, str, int, int]:
    """The piece with one disturbance after frame ``first``, its kind, and the frames [start, end) where it is."""
    kind = str(rng.choice(DISTURBANCES))
    piece, n = piece.copy(), len(piece)
    seconds = {"flash": (0.03, 0.16), "light": (0.04, 0.4), "title": (0.5, 1.2)}.get(kind, (0.3, 0.6))
    length = int(np.clip(round(rng.uniform(*seconds) * rate), 1, n - first - 9))
    start = int(rng.integers(first + 4, n - length - 3))
    if kind == "speed":
        index = np.minimum(np.concatenate([np.arange(start), start + 3 * np.arange(n - start)]), n - 1)
        piece = piece[index[: start + max((n - start) // 3, 4)]]
        return piece, kind, start, len(piece)
    if kind == "repeat":
        return piece[np.minimum((np.arange(n) // 3) * 3, n - 1)], kind, 0, n
    if kind in ("flash", "strobe", "light"):
        _light(rng, piece, kind, start, length, rate)
    elif kind in ("occluder", "title"):
        _cover(rng, piece, kind, start, length)
    else:
        _move(rng, piece, kind, start, length, rate)
    return piece, kind, start, start + length


def _light(rng: np.random.Generator, piece: U8, kind: str, start: int, length: int, rate: float) -> None:
    """Brighter or darker, in place."""
    span, n = range(start, start + length), len(piece)
    u = np.clip((np.arange(n) - start + 1) / length, 0, 1)
    if kind == "flash":
        share = rng.uniform(0.5, 1.0)
        for i in span:
            piece[i] = cv2.addWeighted(piece[i], 1 - share, np.full_like(piece[i], 255), share, 0)
    elif kind == "strobe":
        dark, period = rng.uniform(0.2, 0.7), max(2, 2 * round(rate / 25))
        for i in span:
            if (i - start) % period < period // 2:
                piece[i] = cv2.convertScaleAbs(piece[i], alpha=dark)
    elif kind == "light":
        dark = rng.uniform(0.55, 0.8)
        for i in range(start, n):
            piece[i] = cv2.convertScaleAbs(piece[i], alpha=1 - (1 - dark) * u[i])


def _move(rng: np.random.Generator, piece: U8, kind: str, start: int, length: int, rate: float) -> None:
    """The camera shakes, swings or comes closer, in place."""
    span, n, width = range(start, start + length), len(piece), piece.shape[2]
    u = np.clip((np.arange(n) - start + 1) / length, 0, 1)
    path = u * u * (3 - 2 * u)
    if kind == "shake":
        # A blow that rings out: displacements of up to some 5 % of the picture, smooth at the film's rate.
        swings, turns = rng.normal(0, 0.03 * width, 2), rng.uniform(4, 9, 2)
        for i in span:
            t = (i - start) / rate
            fall = 1 - (i - start) / length
            piece[i] = shifted(piece[i], *(fall * swings * np.sin(2 * np.pi * turns * t)))
    elif kind in ("camera whip", "fast pan"):
        wide = rng.uniform(0.3, 0.42) * width * rng.choice([-1, 1])
        for i in range(n):
            speed = path[i] - path[max(i - 1, 0)]
            view = scaled(shifted(piece[i], wide * (path[i] - 0.5), 0), 1.8)
            piece[i] = motion_blur(view, 1.4 * wide * speed, 0) if kind == "camera whip" else view
    elif kind == "zoom-in":
        for i in range(start, n):
            piece[i] = scaled(piece[i], 1.35 ** path[i])


def _cover(rng: np.random.Generator, piece: U8, kind: str, start: int, length: int) -> None:
    """Something passes in front, or stands on the picture, in place."""
    span, (height, width) = range(start, start + length), piece.shape[1:3]
    if kind == "occluder":
        size, level = int(rng.uniform(0.16, 0.4) * width), int(rng.integers(10, 90))
        for j, i in enumerate(span):
            x = int((width + size) * (j + 0.5) / length) - size
            piece[i, height // 9 :, max(x, 0) : max(x + size, 0)] = level
    else:
        # A line of type on a box, there at once and gone at once.
        x, y, w, h = int(0.15 * width), int(rng.uniform(0.1, 0.75) * height), int(0.7 * width), int(0.16 * height)
        ink = tuple(int(v) for v in rng.choice([[255, 255, 255], [20, 20, 20], [250, 210, 40]]))
        for i in span:
            if ink[0] < 100:
                cv2.rectangle(piece[i], (x, y), (x + w, y + h), (240, 240, 240), -1)
            cv2.putText(piece[i], "MEASURED FILM", (x + 8, y + int(0.75 * h)), cv2.FONT_HERSHEY_DUPLEX,
                        0.032 * h * width / 640, ink, max(1, h // 14), cv2.LINE_AA)  # fmt: skip
