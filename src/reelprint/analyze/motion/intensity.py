"""How much a shot moves, 0..100.

A speed is a mean length of motion over the picture, in picture diagonals per second. The map is
``100 * (1 - exp(-speed / REFERENCE_SPEED))``: 0 for a still picture, 39 for a pan that takes 10 s for a diagonal, 63 at
5 s, 92 at 2 s, towards 100 for whips. It is applied to stretches of half a second and then averaged over time, so one
whip does not stand for a whole shot, while duplicated frames (10 real frames a second in a 30 fps file) and steps of
uneven length do not matter.
"""

from __future__ import annotations

import numpy as np

from reelprint.analyze.evidence import F64
from reelprint.analyze.motion.path import MotionPath

#: Diagonals per second at which the scale reads 63.
REFERENCE_SPEED = 0.2
#: Stretch of time over which a speed is taken, s.
STRETCH_S = 0.5
#: Tracking noise, diagonals per step, taken off (about 0.05 px on a proxy).
NOISE = 0.0003


def scale_speed(speed: F64) -> F64:
    """Diagonals per second (n,) to 0..100."""
    mapped: F64 = 100.0 * (1.0 - np.exp(-np.maximum(speed, 0.0) / REFERENCE_SPEED))
    return mapped


def path_intensity(path: MotionPath, length: F64) -> float:
    """0..100 for one of the path's lengths (``travel``, ``camera`` or ``subject``); 0 without any seen step."""
    seconds = np.where(path.seen, path.seconds, 0.0)
    if not seconds.sum() > 0:
        return 0.0
    begin = float(path.start_s[0])
    total = float(path.end_s[-1]) - begin
    count = max(1, round(total / STRETCH_S))
    middle = (path.start_s + path.end_s) / 2 - begin
    stretch = np.clip((middle / total * count).astype(int), 0, count - 1)
    moved = np.bincount(stretch, np.where(path.seen, np.maximum(length - NOISE, 0.0), 0.0), count)
    spent = np.bincount(stretch, seconds, count)
    used = spent > 0
    return float(np.average(scale_speed(moved[used] / spent[used]), weights=spent[used]))
