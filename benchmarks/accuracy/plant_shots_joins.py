"""Pictures of transitions between two running takes, as three kinds of editor make them.

``drawn``: written here, with soft edges, pushes, covers, reveals, zooms and whips of many strengths. ``reelprint``:
our own renderer's filter graphs, run by ffmpeg. ``xfade``: ffmpeg's stock transitions, and some of kinds that no
analyzer here knows. Pictures are (h, w, 3) uint8 RGB; every transition shows both takes running.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from reelprint.core.plan import Join, OutputSpec
from reelprint.render.graph import Graph
from reelprint.render.joins import recount, render_join

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
MOVES = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
EASINGS: dict[str, Callable[[F32], F32]] = {
    "linear": lambda u: u,
    "ease-in": lambda u: u**2,
    "ease-out": lambda u: 1 - (1 - u) ** 2,
    "ease-in-out": lambda u: u * u * (3 - 2 * u),
}
#: What ffmpeg calls it, what it is, and its direction. Easing and exact extent are not scored for these.
STOCK = (
    ("fade", "dissolve", None), ("fadeblack", "fade", "black"), ("fadewhite", "fade", "white"),
    ("wipeleft", "wipe", "left"), ("wiperight", "wipe", "right"), ("wipeup", "wipe", "up"),
    ("smoothleft", "wipe", "left"), ("smoothup", "wipe", "up"), ("smoothdown", "wipe", "down"),
    ("slideleft", "slide", "left"), ("slideup", "slide", "up"), ("coverleft", "slide", "left"),
    ("revealright", "slide", "right"), ("zoomin", "zoom", "in"),
)  # fmt: skip
#: Kinds outside the seven types.
STRANGE = ("circleopen", "circleclose", "radial", "diagtl", "pixelize", "vertopen", "hblur", "dissolve")
#: Shortest and longest, seconds.
DURATIONS_S = {
    "dissolve": (0.16, 2.2), "fade": (0.2, 2.0), "wipe": (0.16, 1.2), "slide": (0.16, 1.2), "zoom": (0.24, 0.8),
    "whip": (0.2, 0.56), "strange": (0.4, 1.2),
}  # fmt: skip


@dataclass(frozen=True)
class Event:
    """A boundary (``start`` first mixed frame, ``end`` one past the last; equal for a cut)."""

    type: str
    start: int
    end: int
    easing: str | None = "linear"
    """None where it is not known"""
    direction: str | None = None
    note: str = ""


def shifted(picture: U8, dx: float, dy: float, border: int = cv2.BORDER_REFLECT) -> U8:
    height, width = picture.shape[:2]
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), borderMode=border), np.uint8)


def scaled(picture: U8, scale: float) -> U8:
    height, width = picture.shape[:2]
    matrix = np.array([[scale, 0, (1 - scale) * (width - 1) / 2], [0, scale, (1 - scale) * (height - 1) / 2]])
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT), np.uint8)


def motion_blur(picture: U8, dx: float, dy: float) -> U8:
    """Box blur along x or y, as long as the way."""
    return np.asarray(cv2.blur(picture, (1 + 2 * int(abs(dx) / 2), 1 + 2 * int(abs(dy) / 2))), np.uint8)


def mixed(a: U8, b: U8, share: float) -> U8:
    return np.asarray(cv2.addWeighted(a, 1 - share, b, share, 0), np.uint8)


def _fade(a: U8, b: U8, p: float, level: int) -> U8:
    solid = np.full_like(a, level)
    return mixed(a, solid, 2 * p) if p < 0.5 else mixed(solid, b, 2 * p - 1)


def _wipe(a: U8, b: U8, p: float, direction: str, soft: float) -> U8:
    height, width = a.shape[:2]
    dx, dy = MOVES[direction]
    size = width if dx else height
    along = (np.arange(size, dtype=np.float32) + 0.5) / size
    along = along if dx + dy > 0 else 1 - along
    mask = np.clip((p * (1 + soft) - along) / max(soft, 1 / size), 0, 1)
    mask = mask[None, :, None] if dx else mask[:, None, None]
    return np.asarray(a + (b.astype(np.float32) - a) * mask + 0.5, np.uint8)


def _slide(a: U8, b: U8, p: float, direction: str, kind: str) -> U8:
    height, width = a.shape[:2]
    dx, dy = MOVES[direction]
    size = width if dx else height
    gone, left = p * size, (p - 1) * size
    moved_a = a if kind == "cover" else shifted(a, dx * gone, dy * gone, cv2.BORDER_REPLICATE)
    moved_b = b if kind == "reveal" else shifted(b, dx * left, dy * left, cv2.BORDER_REPLICATE)
    return _wipe(moved_a, moved_b, p, direction, 0.0)


def _zoom(a: U8, b: U8, p: float, sign: int, power: float, join: str) -> U8:
    away, back = power ** (sign * 2 * p), power ** (sign * (2 * p - 2))
    if join == "cut":
        return scaled(a, away) if p < 0.5 else scaled(b, back)
    return mixed(scaled(a, away), scaled(b, back), float(np.clip((p - 0.35) / 0.3, 0, 1)))


def _whip(a: U8, b: U8, p: float, speed: float, direction: str, travel: float) -> U8:
    dx, dy = MOVES[direction]
    size = a.shape[1] if dx else a.shape[0]
    at = travel * size * (2 * p if p < 0.5 else 2 * p - 2)
    blur = 0.8 * travel * size * 2 * speed
    return motion_blur(shifted(a if p < 0.5 else b, dx * at, dy * at), dx * blur, dy * blur)


def drawn(rng: np.random.Generator, kind: str, a: U8, b: U8) -> tuple[U8, Event]:
    n = len(a)
    easing, direction, note = str(rng.choice(list(EASINGS))), str(rng.choice(list(MOVES))), ""
    if kind in ("zoom", "whip"):
        easing = "ease-in-out"  # both halves: the join is hidden where it is fastest
    u = (np.arange(n, dtype=np.float32) + 0.5) / n
    pairs = list(zip(a, b, EASINGS[easing](u).tolist(), strict=True))
    if kind == "dissolve":
        return np.stack([mixed(*item) for item in pairs]), Event(kind, 0, n, easing)
    if kind == "fade":
        direction = "white" if rng.random() < 0.4 else "black"
        level = 0 if direction == "black" else 255
        return np.stack([_fade(*item, level) for item in pairs]), Event(kind, 0, n, easing, direction)
    if kind == "wipe":
        soft = float(rng.choice([0.0, 0.0, 0.08, 0.2]))
        return np.stack([_wipe(*item, direction, soft) for item in pairs]), Event(
            kind, 0, n, easing, direction, f"soft {soft}"
        )
    if kind == "slide":
        note = str(rng.choice(["push", "push", "cover", "reveal"]))
        return np.stack([_slide(*item, direction, note) for item in pairs]), Event(kind, 0, n, easing, direction, note)
    if kind == "zoom":
        sign, power, note = int(rng.choice([-1, 1])), float(rng.uniform(1.6, 3.0)), str(rng.choice(["cut", "mix"]))
        pictures = np.stack([_zoom(*item, sign, power, note) for item in pairs])
        return pictures, Event(kind, 0, n, easing, "in" if sign > 0 else "out", f"{note} {power:.1f}")
    travel = float(rng.uniform(0.6, 1.5))
    speeds = np.diff(EASINGS[easing](np.arange(n + 1, dtype=np.float32) / n)).tolist()
    pictures = np.stack([_whip(*item, s, direction, travel) for item, s in zip(pairs, speeds, strict=True)])
    return pictures, Event(kind, 0, n, easing, direction, f"travel {travel:.1f}")


def _filtered(a: U8, b: U8, graph: str, out: str) -> U8:
    """Run a graph that reads [0:v] and [1:v] and writes ``out``."""
    count, height, width = a.shape[:3]
    with tempfile.TemporaryDirectory() as folder:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-threads", "1"]
        for name, pictures in (("a", a), ("b", b)):
            path = Path(folder) / name
            path.write_bytes(np.ascontiguousarray(pictures).tobytes())
            command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", "30", "-i", str(path)]
        command += ["-filter_complex_threads", "1", "-filter_complex", graph, "-map", out]
        command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
        raw = subprocess.run(command, check=True, capture_output=True).stdout
    pictures = np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)
    if len(pictures) < count:
        raise ValueError(f"ffmpeg gave {len(pictures)} of {count} frames")
    return pictures[:count]


def reelprint(rng: np.random.Generator, kind: str, a: U8, b: U8) -> tuple[U8, Event]:
    count, height, width = a.shape[:3]
    easing = str(rng.choice(list(EASINGS)))
    direction = {"dissolve": None, "fade": rng.choice(["black", "white"]), "zoom": rng.choice(["in", "out"])}.get(
        kind, rng.choice(list(MOVES))
    )
    direction = None if direction is None else str(direction)
    output = OutputSpec(width=width, height=height, frame_rate="30/1", frame_count=count)
    graph = Graph()
    pads = [graph.chain(f"[{number}:v]", *recount(output)) for number in range(2)]
    join = Join.model_validate({"type": kind, "frames": count, "easing": easing, "direction": direction})
    out = render_join(graph, join, pads[0], pads[1], output)
    return _filtered(a, b, graph.text(), out), Event(kind, 0, count, easing, direction, "reelprint")


def xfade(rng: np.random.Generator, kind: str, a: U8, b: U8) -> tuple[U8, Event]:
    fitting: Sequence[tuple[str, str, str | None]] = [item for item in STOCK if item[1] == kind]
    if kind == "strange":
        fitting = [(name, kind, None) for name in STRANGE]
    name, kind, direction = fitting[int(rng.integers(len(fitting)))]
    count = len(a)
    duration_s = float(Fraction(count, 30))
    # Half a frame earlier, so that the first frame is mixed and the last is not yet done.
    graph = f"[0:v]settb=1/30[a];[1:v]settb=1/30[b];[a][b]xfade={name}:duration={duration_s}:offset=0[o]"
    return _filtered(a, b, graph, "[o]"), Event(kind, 0, count, None, direction, f"xfade {name}")


def join_pictures(rng: np.random.Generator, kind: str, a: U8, b: U8) -> tuple[U8, Event]:
    """One transition of ``kind`` over equally long stretches of two takes, by an editor drawn from ``rng``."""
    if kind == "strange":
        return xfade(rng, kind, a, b)
    editor = str(rng.choice(["drawn", "reelprint", "xfade"], p=[0.5, 0.35, 0.15]))
    if editor == "drawn" or (editor == "xfade" and kind == "whip"):
        return drawn(rng, kind, a, b)
    return (reelprint if editor == "reelprint" else xfade)(rng, kind, a, b)
