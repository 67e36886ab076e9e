"""The letters of a line apart from what is behind them: fill colour, height of the type, stroke mask.

Colours of the box are clustered (k-means in CIELAB); a cluster is judged by what makes it ink: strokes of even
width (stroke width transform, Epshtein et al. 2010, here from the distance transform), no contact with the rim of
the box, ink all along the line. An outline is ink too, but it encloses the fill; the enclosed cluster wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.text.ink_colour import CHROMA_BLUR_PX, fill_color

U8 = NDArray[np.uint8]
Mask = NDArray[np.bool_]

#: Lines are brought to this height before they are taken apart, so that every threshold is relative.
LINE_PX: Final = 64
#: CIELAB distance below which two clusters are one colour and its noise.
_ONE_COLOUR: Final = 10.0
#: Median CIELAB distance within strokes at which a colour is as likely a slope as a fill.
_SLOPE: Final = 8.0
#: CIELAB lightness by which letters stand out from their shadow.
_LIGHTER: Final = 20.0
#: A colour is a blend of two others when the way over it is hardly longer than the straight one.
_BLEND: Final = 1.15
#: Of the em, as common text faces have them (Latin capitals and figures, x-height, descent).
_CAPS, _X_HEIGHT, _DESCENT = 0.715, 0.535, 0.215
_ASCENDING, _DESCENDING = "bdfhklt", "gjpqy"


@dataclass(frozen=True)
class Glyphs:
    """One line taken apart. ``mask`` (h, w) at LINE_PX scale; ``scale`` mask pixels per picture pixel."""

    mask: Mask
    scale: float
    color: str


def take_apart(rgb: U8, bounds_px: tuple[float, float, float, float], film_scale: float = 1.0) -> Glyphs:
    """Separate the fill of the letters in a box of a picture: the cluster that behaves most like ink.

    ``rgb`` (h, w, 3) uint8; ``bounds_px`` left, top, right, bottom; ``film_scale`` pixels of the film per pixel of
    this picture.
    """
    left, above, right, below = bounds_px
    line = below - above
    pad = max(2.0, 0.12 * line)
    height, width = rgb.shape[:2]
    x0, y0 = max(0, int(left - pad)), max(0, int(above - pad))
    x1, y1 = min(width, int(right + pad) + 1), min(height, int(below + pad) + 1)
    crop = rgb[y0:y1, x0:x1]
    scale = LINE_PX / max(1.0, line)
    size = (max(4, round(crop.shape[1] * scale)), max(4, round(crop.shape[0] * scale)))
    large = cv2.resize(crop, size, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
    lab = cv2.cvtColor(large.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    best = _best_cluster(lab)
    return Glyphs(best, scale, fill_color(large, lab, best, CHROMA_BLUR_PX * scale / film_scale))


def type_size_px(glyphs: Glyphs, text: str) -> float:
    """Height of the type (the em: a line set solid) in picture pixels.

    From the base line, on which most letters stand, to the top of the tall ones (or of the x-height when there are
    none), by the usual proportions of text faces.
    """
    count, _, stats, _ = cv2.connectedComponentsWithStats(glyphs.mask.astype(np.uint8), connectivity=8)
    heights = stats[1:count, cv2.CC_STAT_HEIGHT]
    pieces = stats[1:count][heights >= 0.3 * heights.max()]
    tops, widths = pieces[:, cv2.CC_STAT_TOP], pieces[:, cv2.CC_STAT_WIDTH].astype(np.float64)
    bottoms = tops + pieces[:, cv2.CC_STAT_HEIGHT]
    letters = [letter for letter in text if letter.isalnum()] or ["x"]
    tall = sum(letter.isupper() or letter.isdigit() or letter in _ASCENDING for letter in letters) / len(letters)
    deep = sum(letter in _DESCENDING for letter in letters) / len(letters)
    top = _quantile(tops, widths, tall / 2 if tall > 0 else 0.5)
    bottom = _quantile(bottoms, widths, 0.5)
    # joined letters reach from their highest to their lowest
    lowest = deep > 0 if len(pieces) < 0.6 * len(letters) else deep > 0.5
    ems = (_CAPS if tall > 0 else _X_HEIGHT) + (_DESCENT if lowest else 0.0)
    return (bottom - top) / ems / glyphs.scale


def _best_cluster(lab: NDArray[np.float32]) -> Mask:
    best: tuple[float, Mask] = (-1.0, np.ones(lab.shape[:2], dtype=np.bool_))
    for count in (2, 3, 4):
        labels, centres = _clusters(lab, count)
        apart = np.linalg.norm(centres[:, None] - centres[None], axis=2)
        if count > 2 and apart[np.triu_indices(count, 1)].min() < _ONE_COLOUR:
            continue
        masks = [labels == index for index in range(count)]
        inks = [_without_rim(mask) for mask in masks]
        scores = [_ink_score(ink, mask) * _evenness(lab, ink) for ink, mask in zip(inks, masks, strict=True)]
        for a, b, c in permutations(range(count), 3):
            # the smoothed border of letters has a colour between theirs and the background's
            if b < c and apart[a, b] + apart[a, c] < _BLEND * apart[b, c]:
                scores[a] *= 0.4
        for a, b in permutations(range(count), 2):
            # an outline is ink as well, but goes around the fill; so do letters around their counters, which are less
            if scores[a] > 0 and _runs_along(inks[a], inks[b]) and _enclosed(inks[a], masks[b]):
                scores[a], scores[b] = 1.5 * scores[a], 0.3 * scores[b]
            elif (
                scores[a] > 0
                and centres[a, 0] - centres[b, 0] > _LIGHTER
                and _backs(inks[b], inks[a])
                and not _enclosed(inks[b], masks[a])
            ):
                scores[b] *= 0.4
        for score, ink, mask in zip(scores, inks, masks, strict=True):
            if score > best[0]:
                best = (score, ink if ink.any() else mask)
    return best[1]


def _clusters(lab: NDArray[np.float32], count: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    pixels = lab.reshape(-1, 3)
    order = np.argsort(np.argsort(pixels[:, 0], kind="stable"), kind="stable")
    start = (order * count // len(order)).astype(np.int32).reshape(-1, 1)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    _, labels, centres = cv2.kmeans(pixels, count, start, stop, 1, cv2.KMEANS_USE_INITIAL_LABELS)
    return np.asarray(labels, dtype=np.int32).reshape(lab.shape[:2]), np.asarray(centres, dtype=np.float32)


def _without_rim(mask: Mask) -> Mask:
    """The pieces of a cluster that do not touch the rim: what does is picture behind the text."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    rim = np.zeros(count, dtype=np.bool_)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        rim[side] = True
    rim[0] = True
    return np.asarray(~rim[labels])


def _ink_score(ink: Mask, cluster: Mask) -> float:
    """0..1: how much a cluster behaves like the fill of letters; ``ink`` is it without what touches the rim."""
    width = ink.shape[1]
    share = float(ink.mean())
    if not 0.02 < share < 0.6:
        return 0.0
    distance = cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 3)
    ridge = distance[(distance >= cv2.dilate(distance, np.ones((3, 3)))) & (distance > 1)]
    if ridge.size < 8:
        return 0.0
    unevenness = float(ridge.std() / ridge.mean())
    along = np.add.reduceat(ink.any(axis=0), np.arange(0, width, max(1, LINE_PX // 2))) > 0
    thin = float(np.clip((0.3 * LINE_PX - np.median(ridge)) / (0.1 * LINE_PX), 0, 1))
    if _is_plate(ink):
        return 0.0
    # what is left of an outline or a shadow beside the fill is thinner than the fill
    full = float(np.clip(np.median(ridge) / (0.07 * LINE_PX), 0.2, 1.0))
    clean = float(np.sqrt(ink.sum() / cluster.sum()))
    return float(full * clean * np.exp(-unevenness) * along.mean() * thin * min(1.0, share / 0.1))


def _evenness(lab: NDArray[np.float32], ink: Mask) -> float:
    """0..1: how much the core of the strokes has one colour. A soft shadow beside letters is a slope."""
    if not ink.any():
        return 0.0
    distance = cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 3)
    core = lab[ink & (distance >= np.median(distance[ink]))]
    spread = float(np.median(np.linalg.norm(core - np.median(core, axis=0), axis=1)))
    return 1.0 / (1.0 + (spread / _SLOPE) ** 2)


def _backs(dark: Mask, light: Mask) -> bool:
    """Whether a dark ink lies along a light one, as the drop shadow of letters does that is no less sharp than they."""
    near = cv2.dilate(light.astype(np.uint8), np.ones((15, 15), np.uint8)).astype(np.bool_)
    return bool(light.sum() > 0.4 * dark.sum() and (dark & near).sum() > 0.8 * dark.sum())


def _is_plate(ink: Mask) -> bool:
    """Whether the ink is mainly one solid block with holes: the box behind the letters."""
    contours, _ = cv2.findContours(ink.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(contours, key=cv2.contourArea)
    _, _, w, h = cv2.boundingRect(largest)
    columns = np.flatnonzero(ink.any(axis=0))
    return bool(cv2.contourArea(largest) > 0.7 * w * h and w > 0.6 * (columns[-1] - columns[0] + 1) and w > 1.2 * h)


def _runs_along(inner: Mask, outer: Mask) -> bool:
    """Whether one ink may be the fill of another: much of it, or, where strokes are hairlines, some in every letter."""
    if inner.sum() > 0.5 * outer.sum():
        return True
    cells = np.arange(0, inner.shape[1], LINE_PX // 4)
    in_inner, in_outer = (np.add.reduceat(ink.sum(axis=0), cells) for ink in (inner, outer))
    letters = in_outer > 0.25 * in_outer.max()
    return bool(np.mean(in_inner[letters] > 0) > 0.9 and inner.sum() > 0.12 * outer.sum())


def _enclosed(inner: Mask, outer: Mask) -> bool:
    """Whether most of one mask cannot be reached from the rim without crossing the other."""
    wall = cv2.dilate(outer.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.bool_)
    _, labels = cv2.connectedComponents(np.pad(~wall, 1, constant_values=True).astype(np.uint8), connectivity=4)
    reachable = (labels == labels[0, 0])[1:-1, 1:-1]
    free = inner & ~wall
    return bool(free.any()) and float((free & ~reachable).sum() / free.sum()) > 0.85


def _quantile(values: NDArray[np.int32], weights: NDArray[np.float64], level: float) -> int:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    return int(values[order][min(len(values) - 1, int(np.searchsorted(reached, level)))])
