"""Cuts real takes together with known transitions, in memory, from a seed: exact ground truth without files.

Pictures are (90, 160, 3) float32 YCbCr (0..255, chroma 128 = neutral). Every transition shows both takes
running. Between transitions, disturbances that are *not* boundaries are planted too: flashes, shake,
camera whips, speed-ups, strobing, passing occluders, repeated frames.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
HEIGHT, WIDTH = 90, 160
MOVES = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
EASINGS: dict[str, Callable[[F32], F32]] = {
    "linear": lambda u: u,
    "ease-in": lambda u: u**2,
    "ease-out": lambda u: 1 - (1 - u) ** 2,
    "ease-in-out": lambda u: u * u * (3 - 2 * u),
}


@dataclass(frozen=True)
class Event:
    """A planted boundary (``start`` first mixed frame, ``end`` one past the last; equal for a cut)."""

    type: str
    start: int
    end: int
    easing: str = "linear"
    direction: str | None = None
    note: str = ""


@dataclass
class Planted:
    """A film that was never a file."""

    luma: NDArray[np.uint8]
    chroma: NDArray[np.uint8]
    events: list[Event] = field(default_factory=list)
    disturbances: list[tuple[str, int, int]] = field(default_factory=list)


def _shift(picture: F32, dx: float, dy: float, border: int = cv2.BORDER_REFLECT) -> F32:
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    return cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=border)


def _scale(picture: F32, scale: float) -> F32:
    matrix = np.array(
        [[scale, 0, (1 - scale) * (WIDTH - 1) / 2], [0, scale, (1 - scale) * (HEIGHT - 1) / 2]], np.float32
    )
    return cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def _motion_blur(picture: F32, dx: float, dy: float) -> F32:
    steps = int(np.clip(np.hypot(dx, dy), 1, 48))
    total = np.zeros_like(picture)
    for step in range(steps):
        part = (step + 0.5) / steps - 0.5
        total += _shift(picture, dx * part, dy * part)
    return total / steps


def _dissolve(a: F32, b: F32, p: float) -> F32:
    return (1 - p) * a + p * b


def _fade(a: F32, b: F32, p: float, solid: F32) -> F32:
    return a + (solid - a) * (2 * p) if p < 0.5 else solid + (b - solid) * (2 * p - 1)


def _wipe(a: F32, b: F32, p: float, direction: str, soft: float) -> F32:
    dx, dy = MOVES[direction]
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32) + 0.5
    along = {(1, 0): x / WIDTH, (-1, 0): 1 - x / WIDTH, (0, 1): y / HEIGHT, (0, -1): 1 - y / HEIGHT}[(dx, dy)]
    mask = np.clip((p * (1 + soft) - along) / max(soft, 1e-3), 0, 1)[..., None]
    return a + (b - a) * mask


def _slide(a: F32, b: F32, p: float, direction: str, kind: str) -> F32:
    dx, dy = MOVES[direction]
    size = WIDTH if dx else HEIGHT
    gone, left = p * size, (p - 1) * size
    moved_a = a if kind == "cover" else _shift(a, dx * gone, dy * gone, cv2.BORDER_REPLICATE)
    moved_b = b if kind == "reveal" else _shift(b, dx * left, dy * left, cv2.BORDER_REPLICATE)
    return _wipe(moved_a, moved_b, p, {"reveal": direction}.get(kind, direction), 0.0)


def _zoom(a: F32, b: F32, p: float, sign: int, power: float, join: str) -> F32:
    grow = power ** (sign * 2 * p) if p < 0.5 else power ** (sign * (2 * p - 2))
    if join == "cut":
        return _scale(a, grow) if p < 0.5 else _scale(b, grow)
    mix = float(np.clip((p - 0.35) / 0.3, 0, 1))
    return (1 - mix) * _scale(a, power ** (sign * 2 * p)) + mix * _scale(b, power ** (sign * (2 * p - 2)))


def _whip(a: F32, b: F32, p: float, speed: float, direction: str, travel: float) -> F32:
    dx, dy = MOVES[direction]
    size = WIDTH if dx else HEIGHT
    at = travel * size * (2 * p if p < 0.5 else 2 * p - 2)
    blur = 0.8 * travel * size * 2 * speed
    picture = _shift(a if p < 0.5 else b, dx * at, dy * at)
    return _motion_blur(picture, dx * blur, dy * blur)


def _render(rng: np.random.Generator, kind: str, a: F32, b: F32) -> tuple[F32, Event]:
    n = len(a)
    easing = str(rng.choice(list(EASINGS)))
    direction: str | None = str(rng.choice(list(MOVES)))
    note = ""
    if kind in ("zoom", "whip"):
        easing = "ease-in-out"  # both halves: the join is hidden where it is fastest
    u = (np.arange(n, dtype=np.float32) + 0.5) / n
    p = EASINGS[easing](u)
    edges = EASINGS[easing](np.arange(n + 1, dtype=np.float32) / n)
    if kind == "dissolve":
        direction = None
        out = [_dissolve(*item) for item in zip(a, b, p, strict=True)]
    elif kind == "fade":
        direction = "white" if n <= 6 or rng.random() < 0.3 else "black"
        solid = np.array([0.0 if direction == "black" else 255.0, 128, 128], np.float32)
        out = [_fade(*item, solid) for item in zip(a, b, p, strict=True)]
    elif kind == "wipe":
        soft = float(rng.choice([0.0, 0.0, 0.08, 0.2]))
        note = f"soft {soft}"
        out = [_wipe(*item, str(direction), soft) for item in zip(a, b, p, strict=True)]
    elif kind == "slide":
        note = str(rng.choice(["push", "push", "cover", "reveal"]))
        out = [_slide(*item, str(direction), note) for item in zip(a, b, p, strict=True)]
    elif kind == "zoom":
        sign, power = int(rng.choice([-1, 1])), float(rng.uniform(1.6, 3.0))
        direction, note = ("in" if sign > 0 else "out"), str(rng.choice(["cut", "mix"]))
        out = [_zoom(*item, sign, power, note) for item in zip(a, b, p, strict=True)]
    else:
        travel = float(rng.uniform(0.6, 1.5))
        out = [_whip(*item, str(direction), travel) for item in zip(a, b, p, np.diff(edges), strict=True)]
    return np.stack(out), Event(kind, 0, n, easing, direction, note)


def _duration(rng: np.random.Generator, kind: str) -> int:
    low, high = {
        "dissolve": (4, 45),
        "fade": (5, 45),
        "wipe": (4, 30),
        "slide": (4, 30),
        "zoom": (6, 20),
        "whip": (5, 14),
    }[kind]
    return round(float(np.exp(rng.uniform(np.log(low), np.log(high)))))


def _camera_whip(take: F32, start: int, length: int) -> F32:
    """A view into a wider picture that swings from one side to the other, blurred as it goes."""
    n, wide = len(take), 60.0
    u = np.clip((np.arange(n) - start + 1) / length, 0, 1)
    path = u * u * (3 - 2 * u)
    view = np.empty_like(take)
    for i in range(n):
        speed = path[i] - path[max(i - 1, 0)]
        view[i] = _motion_blur(_scale(_shift(take[i], wide * (path[i] - 0.5), 0), 1.8), 1.4 * wide * speed, 0)
    return view


def _disturb(rng: np.random.Generator, take: F32) -> tuple[F32, str, int, int]:
    """One disturbance in the middle of a take (at least 40 frames long)."""
    kind = str(
        rng.choice(["flash", "strobe", "shake", "camera whip", "speed", "occluder", "repeat", "light", "zoom-in"])
    )
    take, n = take.copy(), len(take)
    length = {"flash": int(rng.integers(1, 5)), "light": int(rng.integers(4, 12))}.get(kind, int(rng.integers(8, 16)))
    start = int(rng.integers(10, n - length - 10))
    span = range(start, start + length)
    if kind == "flash":
        take[list(span), ..., 0] += (255 - take[list(span), ..., 0]) * rng.uniform(0.5, 1.0)
    elif kind == "strobe":
        take[list(span)[::2], ..., 0] *= rng.uniform(0.2, 0.7)
    elif kind == "light":
        take[start:, ..., 0] *= rng.uniform(0.55, 0.8)
    elif kind == "shake":
        for i in span:
            take[i] = _shift(take[i], *rng.normal(0, 5, 2))
    elif kind == "camera whip":
        take = _camera_whip(take, start, length)
    elif kind == "speed":
        index = np.minimum(np.concatenate([np.arange(start), start + 3 * np.arange(n - start)]), n - 1)
        take = take[index[: start + (n - start) // 3]]
    elif kind == "occluder":
        size, level = int(rng.integers(25, 60)), float(rng.uniform(10, 90))
        for j, i in enumerate(span):
            x = int((WIDTH + size) * (j + 0.5) / length) - size
            take[i, 10:, max(x, 0) : max(x + size, 0), 0] = level
    elif kind == "repeat":
        take = take[np.minimum((np.arange(n) // 3) * 3, n - 1)]
        return take, kind, 0, n
    elif kind == "zoom-in":
        for i in range(start, n):
            take[i] = _scale(take[i], 1.3 ** min((i - start) / length, 1))
    return take, kind, start, start + length


def plant(
    takes: list[F32], seed: int, boundaries: int = 24, kinds: tuple[str, ...] | None = None, disturb: float = 0.5
) -> Planted:
    """A film of ``boundaries`` + 1 stretches of ``takes`` ((n, 90, 160, 3) each, n >= 60), all from ``seed``.

    Half of the boundaries are hard cuts (some of them punch-ins and jump cuts within one take).
    """
    rng = np.random.default_rng(seed)
    kinds = kinds or ("cut",) * 6 + ("dissolve", "fade", "wipe", "slide", "zoom", "whip")
    film: list[F32] = []
    planted = Planted(np.zeros(0, np.uint8), np.zeros(0, np.uint8))
    frame, previous = 0, -1

    def stretch(length: int, source: int) -> F32:
        take = takes[source]
        begin = int(rng.integers(0, max(len(take) - length, 0) + 1))
        return take[begin : begin + length]

    sources = [index for index, take in enumerate(takes) if len(take) >= 60]
    for number in range(boundaries + 1):
        length, choices = int(rng.integers(50, 130)), [index for index in sources if index != previous] or sources
        kind = str(rng.choice(kinds)) if number else ""
        special = kind == "cut" and previous >= 0 and rng.random() < 0.25
        source = previous if special else int(rng.choice(choices))
        if special and len(takes[source]) < 150:
            special, source = False, int(rng.choice(choices))
        piece, note = stretch(length, source), ""
        if special:
            if rng.random() < 0.5 and film:
                note = "punch-in"
                piece = np.stack([_scale(item, float(1.15 + 0.25 * ((seed + number) % 3) / 2)) for item in piece])
            else:
                note = "jump"
        if number and rng.random() < disturb and len(piece) >= 50:
            piece, name, start, end = _disturb(rng, piece)
            planted.disturbances.append((name, frame + start, frame + end))
        if number == 0:
            film.append(piece)
            frame += len(piece)
        elif kind == "cut":
            planted.events.append(Event("cut", frame, frame, note=note))
            film.append(piece)
            frame += len(piece)
        else:
            n = min(_duration(rng, kind), len(film[-1]) - 15, len(piece) - 15)
            mixed, event = _render(rng, kind, film[-1][-n:], piece[:n])
            film[-1] = film[-1][:-n]
            start = frame - n
            planted.events.append(Event(kind, start, frame, event.easing, event.direction, event.note))
            film += [mixed, piece[n:]]
            frame += len(piece) - n
        previous = source
    whole = np.concatenate(film)
    whole += rng.normal(0, 0.6, whole.shape[:3])[..., None].astype(np.float32)
    planted.luma = np.clip(whole[..., 0] + 0.5, 0, 255).astype(np.uint8)
    small = whole[..., 1:].reshape(len(whole), HEIGHT // 2, 2, WIDTH // 2, 2, 2).mean((2, 4))
    planted.chroma = np.clip(small + 0.5, 0, 255).astype(np.uint8)
    return planted


def take_pictures(luma: NDArray[np.uint8], chroma: NDArray[np.uint8]) -> F32:
    """Proxies of one take as planting pictures, cropped to 16:9."""
    n, height, width = luma.shape
    crop_h, crop_w = min(height, int(width * 9 / 16)), min(width, int(height * 16 / 9))
    top, left = (height - crop_h) // 2, (width - crop_w) // 2
    out = np.empty((n, HEIGHT, WIDTH, 3), np.float32)
    for i in range(n):
        colour = cv2.resize(chroma[i], (width, height), interpolation=cv2.INTER_LINEAR)
        both = np.dstack([luma[i], colour])[top : top + crop_h, left : left + crop_w]
        out[i] = cv2.resize(both, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return out
