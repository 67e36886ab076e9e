"""How a template film is graded and joined: numpy and OpenCV, nothing of Reelprint's own renderer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
MOVES = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
EASINGS: Mapping[str, Callable[[float], float]] = {
    "linear": lambda u: u,
    "ease-in": lambda u: u * u,
    "ease-out": lambda u: 1 - (1 - u) ** 2,
    "ease-in-out": lambda u: u * u * (3 - 2 * u),
}


@dataclass(frozen=True)
class Grade:
    """An ASC colour decision list: out = (in * slope + offset) ** power per channel (R, G, B), then saturation."""

    slope: tuple[float, float, float]
    offset: tuple[float, float, float]
    power: tuple[float, float, float]
    saturation: float

    def apply(self, frame: U8) -> U8:
        """BGR in, BGR out."""
        level = np.arange(256) / 255
        table = np.empty((1, 256, 3), np.uint8)
        for channel in range(3):
            value = np.clip(level * self.slope[channel] + self.offset[channel], 0, 1) ** self.power[channel]
            table[0, :, 2 - channel] = np.round(255 * value)
        graded = cv2.LUT(frame, table)
        luma = np.array([0.0722, 0.7152, 0.2126])  # Rec. 709 in BGR order, as the ASC defines saturation
        matrix = (1 - self.saturation) * np.tile(luma, (3, 1)) + self.saturation * np.eye(3)
        return np.asarray(cv2.transform(graded, matrix.astype(np.float32)))


def moved(frame: U8, dx: float, dy: float, scale: float = 1.0) -> U8:
    """Scaled about the centre and shifted by pixels; what comes in from outside is mirrored."""
    height, width = frame.shape[:2]
    matrix = np.array([[scale, 0, (1 - scale) * (width - 1) / 2 + dx], [0, scale, (1 - scale) * (height - 1) / 2 + dy]])
    return np.asarray(
        cv2.warpAffine(frame, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    )


def _mix(a: U8, b: U8, share: float) -> U8:
    return np.asarray(cv2.addWeighted(a, 1 - share, b, share, 0))


def _fade(a: U8, b: U8, p: float, level: int) -> U8:
    solid = np.full_like(a, level)
    return _mix(a, solid, 2 * p) if p < 0.5 else _mix(solid, b, 2 * p - 1)


def _wipe(a: U8, b: U8, p: float, direction: str) -> U8:
    height, width = a.shape[:2]
    out = a.copy()
    across, down = round(p * width), round(p * height)
    part = {
        "right": (slice(None), slice(0, across)), "left": (slice(None), slice(width - across, width)),
        "down": (slice(0, down), slice(None)), "up": (slice(height - down, height), slice(None)),
    }[direction]  # fmt: skip
    out[part] = b[part]
    return out


def _slide(a: U8, b: U8, p: float, direction: str) -> U8:
    dx, dy = MOVES[direction]
    size = a.shape[1] if dx else a.shape[0]
    step = round(p * size)
    joined = np.concatenate([b, a] if dx + dy > 0 else [a, b], axis=1 if dx else 0)
    first = size - step if dx + dy > 0 else step
    return np.ascontiguousarray(joined[:, first : first + size] if dx else joined[first : first + size])


def _zoom(a: U8, b: U8, p: float) -> U8:
    """Into the old picture and out of the new one, mixed in the middle."""
    mix = min(1.0, max(0.0, (p - 0.35) / 0.3))
    return _mix(moved(a, 0, 0, 2.4**p), moved(b, 0, 0, 2.4 ** (p - 1)) if p > 0.05 else a, mix)


def _whip(a: U8, b: U8, p: float, speed: float, direction: str) -> U8:
    dx, dy = MOVES[direction]
    size = a.shape[1] if dx else a.shape[0]
    at = size * (2 * p if p < 0.5 else 2 * p - 2)
    blur = max(1, round(0.8 * size * 2 * speed))
    shifted = moved(a if p < 0.5 else b, dx * at, dy * at)
    kernel = (blur, 1) if dx else (1, blur)
    return np.asarray(cv2.blur(shifted, kernel, borderType=cv2.BORDER_REFLECT))


def join(kind: str, a: U8, b: U8, step: int, steps: int, easing: str, direction: str) -> U8:
    """Frame ``step`` of ``steps`` between picture ``a`` and picture ``b``."""
    eased = EASINGS[easing]
    p = eased((step + 0.5) / steps)
    if kind == "dissolve":
        return _mix(a, b, p)
    if kind == "fade":
        return _fade(a, b, p, 255 if direction == "white" else 0)
    if kind == "wipe":
        return _wipe(a, b, p, direction)
    if kind == "slide":
        return _slide(a, b, p, direction)
    if kind == "zoom":
        return _zoom(a, b, p)
    if kind == "whip":
        return _whip(a, b, p, eased((step + 1) / steps) - eased(step / steps), direction)
    raise ValueError(f"no such transition: {kind}")
