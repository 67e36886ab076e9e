"""Motion between two small pictures: points tracked evenly over the frame, and the camera they agree on.

The picture is divided into cells; in each the best corner (Shi and Tomasi 1994) is tracked with pyramidal
Lucas-Kanade (Bouguet 2001) and kept if tracking it back returns to where it began (Kalal et al. 2010). One point per
cell keeps a caption, a logo or a busy corner from outvoting the rest of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import U8
from reelprint.analyze.motion.similarity import (
    MIN_INLIERS,
    Mask,
    Points,
    Similarity,
    choose_camera,
    fit_similarity,
    spread_share,
    tolerance_px,
)

#: Cells along the short side.
CELLS = 10
#: Smaller eigenvalue of the gradient matrix (``cv2.cornerMinEigenVal``) below which a cell has nothing to hold on to.
MIN_CORNER = 4e-5
#: A point that does not come back to within this share of the short side is dropped (0.5 px on a 90 px proxy).
RETURN_SHARE = 0.006
#: Points that must survive, as a share of those tried, for a pair to count as tracked.
MIN_SURVIVORS = 0.25
#: A spread of two thirds counts as much as half of the points: big subjects reach 0.6.
SPREAD_PART = 0.75
#: Mean change around a point, as a share of the contrast there, below which it certainly did not move.
UNCHANGED_SHARE = 0.2
_WINDOW = (11, 11)
_CRITERIA = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 20, 0.01)


@dataclass(frozen=True)
class PairMotion:
    """How one picture turns into another.

    ``travel_px`` is the mean length of the motion over the whole picture, ``camera_px`` that of the camera alone and
    ``subject_px`` of what remains. ``support`` (0..1) is the share of tracked points that follow the camera, and
    no more than how widely those are spread among all that could be tracked and against those that do not follow: a
    camera moves the surroundings, a subject stands among them.
    """

    camera: Similarity
    travel_px: float
    camera_px: float
    subject_px: float
    support: float


STILL = PairMotion(Similarity(), 0.0, 0.0, 0.0, 0.0)
"""Nothing to track (a flat picture): no motion can be seen."""


def cell_corners(picture: U8) -> tuple[Points, Points]:
    """Return the best corner of every cell with texture, and the centres of all cells; each (n, 2) x, y in pixels."""
    height, width = picture.shape
    cell = max(4, min(height, width) // CELLS)
    rows, columns = height // cell, width // cell
    top, left = (height - rows * cell) // 2, (width - columns * cell) // 2
    strength = cv2.cornerMinEigenVal(picture, 5)[top : top + rows * cell, left : left + columns * cell]
    cells = strength.reshape(rows, cell, columns, cell).transpose(0, 2, 1, 3).reshape(rows * columns, cell * cell)
    best = cells.argmax(axis=1)
    row, column = np.divmod(np.arange(rows * columns), columns)
    corners = np.stack([left + column * cell + best % cell, top + row * cell + best // cell], axis=1)
    centres = np.stack([left + (column + 0.5) * cell - 0.5, top + (row + 0.5) * cell - 0.5], axis=1)
    return corners[cells.max(axis=1) > MIN_CORNER].astype(np.float32), centres.astype(np.float32)


def track(first: U8, second: U8, points: Points, shift: tuple[float, float] | None = None) -> tuple[Points, Points]:
    """Follow points (n, 2) from one picture to the other: (start, end) of those that survive the way back.

    ``shift`` is a first guess for all of them, in pixels.
    """
    levels = 3
    flags = 0
    guess = None
    if shift is not None:
        guess = points + np.array(shift, np.float32)
        flags = cv2.OPTFLOW_USE_INITIAL_FLOW
    forth, found, _ = cv2.calcOpticalFlowPyrLK(
        first, second, points, guess, winSize=_WINDOW, maxLevel=levels, criteria=_CRITERIA, flags=flags
    )
    back, returned, _ = cv2.calcOpticalFlowPyrLK(
        second, first, forth, points.copy(), winSize=_WINDOW, maxLevel=levels if shift is None else 0,
        criteria=_CRITERIA, flags=0 if shift is None else cv2.OPTFLOW_USE_INITIAL_FLOW,
    )  # fmt: skip
    height, width = first.shape
    inside = (forth >= 0).all(axis=1) & (forth[:, 0] <= width - 1) & (forth[:, 1] <= height - 1)
    error = np.abs(back - points).max(axis=1)
    good: NDArray[np.bool_] = (
        inside & (found.ravel() == 1) & (returned.ravel() == 1) & (error < max(0.4, RETURN_SHARE * min(height, width)))
    )
    return points[good], forth[good]


def with_still(first: U8, second: U8, points: Points, start: Points, end: Points) -> tuple[Points, Points]:
    """Add to ``start`` -> ``end`` those of ``points`` that were lost although nothing changed around them.

    The coarse levels of the pyramid drag a weak point along with a strong subject that passes nearby.
    """
    box = (9, 9)
    change = cv2.blur(cv2.absdiff(first, second).astype(np.float32), box)
    values = first.astype(np.float32)
    contrast = np.sqrt(np.maximum(cv2.blur(values * values, box) - cv2.blur(values, box) ** 2, 0.0))
    kept = {(x, y) for x, y in start.astype(int).tolist()}
    still = [
        index
        for index, (x, y) in enumerate(points.astype(int).tolist())
        if (x, y) not in kept and change[y, x] < UNCHANGED_SHARE * contrast[y, x]
    ]
    return np.concatenate([start, points[still]]), np.concatenate([end, points[still]])


def _support(start: Points, agree: Mask, everything: Points) -> float:
    """Share of ``start`` (n, 2) that agrees, lowered where those points stand among others; see PairMotion."""
    support = min(float(agree.mean()), SPREAD_PART * spread_share(start[agree], everything))
    if int((~agree).sum()) >= MIN_INLIERS:
        support = min(support, spread_share(start[agree], start[~agree]))
    return support


def staying(points: Points, camera: Similarity, size: tuple[int, int]) -> Points:
    """Return those of the points (n, 2) that a camera motion keeps inside a picture of ``size`` (width, height)."""
    moved = points + camera.displacement(points, size)
    inside = (moved >= 0).all(axis=1) & (moved[:, 0] <= size[0] - 1) & (moved[:, 1] <= size[1] - 1)
    kept: Points = points[inside]
    return kept


def pair_motion(first: U8, second: U8) -> PairMotion | None:
    """Motion between two grey pictures (h, w) of one size, or None when it cannot be followed.

    None means that there is texture but it was lost (a cut, a flash, a whip); a flat picture gives STILL.
    """
    size = (first.shape[1], first.shape[0])
    points, centres = cell_corners(first)
    if len(points) < MIN_INLIERS:
        return STILL
    fitted = None
    start, end = track(first, second, points)
    if len(start) >= max(MIN_INLIERS, MIN_SURVIVORS * len(points)):
        fitted = fit_similarity(start, end, size)
    if fitted is None:
        # A fast pan: bring the pictures over each other first (phase correlation, Kuglin and Hines 1975).
        window = cv2.createHanningWindow(size, cv2.CV_32F)
        shift, _ = cv2.phaseCorrelate(first.astype(np.float32), second.astype(np.float32), window)
        start, end = track(first, second, points, shift)
        visible = len(points) * max(0.0, 1 - abs(shift[0]) / size[0]) * max(0.0, 1 - abs(shift[1]) / size[1])
        if len(start) < max(MIN_INLIERS, MIN_SURVIVORS * visible):
            return None
        fitted = fit_similarity(start, end, size)
        if fitted is None:
            return None
    camera, agree = fitted
    if float(np.linalg.norm(camera.displacement(start, size), axis=1).mean()) > 2 * tolerance_px(size):
        # Fast enough to tell a moving camera from a big subject.
        start, end = with_still(first, second, points, start, end)
        camera, agree = choose_camera(fitted, start, end, points, size)
    flow = end - start
    residual = np.where(agree, 0.0, np.linalg.norm(flow - camera.displacement(start, size), axis=1))
    field = np.linalg.norm(camera.displacement(centres, size), axis=1)
    # Cells without a tracked point are taken to follow the camera.
    untracked = max(0, len(centres) - len(start))
    lengths = np.linalg.norm(flow, axis=1)
    return PairMotion(
        camera=camera,
        travel_px=float((lengths.sum() + field.mean() * untracked) / (len(start) + untracked)),
        camera_px=float(field.mean()),
        subject_px=float(residual.sum() / (len(start) + untracked)),
        support=_support(start, agree, staying(points, camera, size)),
    )
