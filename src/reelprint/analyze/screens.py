"""Shots that are no scene: slides, screens, titles.

Drawn pictures have large areas of exactly one colour, few colours in all, and stand still except for what is pointed
at; a camera's picture has none of that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import cv2
import numpy as np

from reelprint.analyze.evidence import U8
from reelprint.core.analysis import ActivePicture

#: A pixel is in a flat area when its 5 x 5 neighbourhood spans at most so many grey levels.
_FLAT_LEVELS = 3
_MIN_FLAT = 0.5
#: Share of the picture that its four commonest colours (of 4096) must fill.
_MIN_COMMON = 0.7
#: Edges there must be, else the picture is empty; and either many, or hard ones, as letters and boxes have.
_EDGE, _HARD_EDGE = 80.0, 250.0
_MIN_EDGES, _MANY_EDGES, _MIN_HARD = 0.025, 0.2, 0.35
#: Share of pixels that change between two looks (median over the shot), in levels of any channel.
_CHANGE_LEVELS, _MAX_CHANGE = 12, 0.006
_LOOKS = 6


def is_screen(looks: Sequence[int], read: Callable[[int], U8], picture: ActivePicture | None) -> bool:
    """Whether the pictures ``read`` gives for ``looks`` (one shot, in time order) show a screen, slide or title."""
    if not len(looks):
        return False
    chosen = [looks[round(share * (len(looks) - 1))] for share in np.linspace(0, 1, min(_LOOKS, len(looks)))]
    drawn = [_drawn(_active(read(look), picture)) for look in chosen]
    if sum(drawn) * 2 <= len(drawn):
        return False
    changes = [_change(read(first), read(second)) for first, second in pairwise(looks)]
    return not changes or float(np.median(changes)) <= _MAX_CHANGE


def _active(rgb: U8, picture: ActivePicture | None) -> U8:
    if picture is None:
        return rgb
    height, width = rgb.shape[:2]
    top, left = round(picture.y * height), round(picture.x * width)
    return rgb[top : round((picture.y + picture.height) * height), left : round((picture.x + picture.width) * width)]


def _drawn(rgb: U8) -> bool:
    """Whether one picture looks drawn."""
    grey = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2GRAY)
    around = np.ones((5, 5), np.uint8)
    span = cv2.dilate(grey, around).astype(np.int16) - cv2.erode(grey, around)
    if float((span <= _FLAT_LEVELS).mean()) < _MIN_FLAT:
        return False
    coarse = (rgb >> 4).astype(np.int64)
    counts = np.bincount((coarse[..., 0] * 256 + coarse[..., 1] * 16 + coarse[..., 2]).ravel(), minlength=4096)
    if float(np.sort(counts)[-4:].sum() / counts.sum()) < _MIN_COMMON:
        return False
    steep = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    edges = float((steep > _EDGE).mean())
    hard = float((steep > _HARD_EDGE).sum() / max(1, int((steep > 0.75 * _EDGE).sum())))
    return edges >= _MIN_EDGES and (edges >= _MANY_EDGES or hard >= _MIN_HARD)


def _change(first: U8, second: U8) -> float:
    return float((cv2.absdiff(first, second).max(axis=2) > _CHANGE_LEVELS).mean())
