"""Similarity transforms of the picture plane, and their robust fit to tracked points.

The fit is RANSAC (Fischler and Bolles 1981) on the four-parameter similarity with a least-squares refinement on the
inliers, as in ``cv2.estimateAffinePartial2D``; its random numbers start from a fixed seed, so it is deterministic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import U8

Points = NDArray[np.float32]
"""(n, 2) x, y in pixels"""
Mask = NDArray[np.bool_]

#: A similarity has 4 parameters, so 2 points; fewer than this many agreeing ones are no evidence.
MIN_INLIERS = 10
#: How far a point may lie from the model, as a share of the picture's short side (0.7 px on a 90 px proxy).
INLIER_SHARE = 0.008

#: Widths of the weights that sharpen a fit, pixels: from the tolerance down to what tracking can tell.
SHARPENING_PX = (0.5, 0.35, 0.25, 0.25)
RIDGE = 1e-3


@dataclass(frozen=True)
class Similarity:
    """Content at ``x`` moves to ``centre + scale * R(angle) @ (x - centre) + (dx, dy)``.

    ``scale`` > 1: the content grows. ``angle_rad`` > 0: it turns clockwise on screen (y is down).
    ``dx_px``, ``dy_px``: displacement of what was at the centre, + right and + down.
    """

    scale: float = 1.0
    angle_rad: float = 0.0
    dx_px: float = 0.0
    dy_px: float = 0.0

    def displacement(self, points: Points, size: tuple[int, int]) -> Points:
        """(n, 2) displacement in pixels of points of a picture of ``size`` (width, height)."""
        centre = picture_centre(size)
        cos, sin = self.scale * math.cos(self.angle_rad), self.scale * math.sin(self.angle_rad)
        turn = np.array([[cos - 1, sin], [-sin, cos - 1]], np.float32)
        shift = np.array([self.dx_px, self.dy_px], np.float32)
        moved = (points - centre) @ turn + shift
        return moved.astype(np.float32)

    def warp(self, picture: U8) -> U8:
        """Return a grey picture (h, w) moved by this similarity; what comes in from outside repeats the border."""
        height, width = picture.shape
        cos, sin = self.scale * math.cos(self.angle_rad), self.scale * math.sin(self.angle_rad)
        x, y = (width - 1) / 2, (height - 1) / 2
        matrix = np.array(
            [[cos, -sin, x - cos * x + sin * y + self.dx_px], [sin, cos, y - sin * x - cos * y + self.dy_px]]
        )
        moved: U8 = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        return moved

    def then(self, other: Similarity) -> Similarity:
        """Return what this one and then ``other`` do (both about the same centre)."""
        cos, sin = other.scale * math.cos(other.angle_rad), other.scale * math.sin(other.angle_rad)
        return Similarity(
            scale=self.scale * other.scale,
            angle_rad=self.angle_rad + other.angle_rad,
            dx_px=cos * self.dx_px - sin * self.dy_px + other.dx_px,
            dy_px=sin * self.dx_px + cos * self.dy_px + other.dy_px,
        )


def picture_centre(size: tuple[int, int]) -> Points:
    """(2,) centre of a picture of ``size`` (width, height), pixel centres at whole numbers."""
    return np.array([(size[0] - 1) / 2, (size[1] - 1) / 2], np.float32)


def spread_share(points: Points, everything: Points) -> float:
    """Return how widely (n, 2) points lie compared with all points, 0..1: the smaller share of the two axes."""
    if len(points) < 2 or len(everything) < 2:
        return 0.0
    whole = np.maximum(everything.std(axis=0), 1e-6)
    return float(min(1.0, (points.std(axis=0) / whole).min()))


def fit_similarity(start: Points, end: Points, size: tuple[int, int]) -> tuple[Similarity, Mask] | None:
    """Return the similarity that most points ``start`` -> ``end`` (each (n, 2), pixels) agree on, and which do, (n,).

    None when fewer than MIN_INLIERS agree.
    """
    if len(start) < MIN_INLIERS:
        return None
    centre = picture_centre(size)
    matrix, agree = cv2.estimateAffinePartial2D(
        start - centre,
        end - centre,
        method=cv2.RANSAC,
        ransacReprojThreshold=tolerance_px(size),
        maxIters=500,
        confidence=0.995,
        refineIters=10,
    )
    if matrix is None:
        return None
    inliers: Mask = np.asarray(agree).ravel().astype(bool)
    if int(inliers.sum()) < MIN_INLIERS:
        return None
    a, b, dx, dy = _sharpened((start - centre)[inliers], (end - centre)[inliers], np.asarray(matrix))
    return Similarity(math.hypot(a, b), math.atan2(b, a), dx, dy), inliers


def _sharpened(start: Points, end: Points, matrix: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Return (scale cos, scale sin, dx, dy) that most of the points agree on closely.

    The tolerance of the fit lets in a subject that moves by half a pixel against the rest, and least squares over both
    is neither. Weights of Welsch's kind (Holland and Welsch 1977) that narrow leave the larger part.
    """
    x, y = start.T.astype(np.float64)
    zero, one = np.zeros_like(x), np.ones_like(x)
    design = np.concatenate([np.stack([x, -y, one, zero], axis=1), np.stack([y, x, zero, one], axis=1)])
    target = np.concatenate([end[:, 0], end[:, 1]]).astype(np.float64)
    solution = np.array([matrix[0, 0], matrix[1, 0], matrix[0, 2], matrix[1, 2]], np.float64)
    for width in SHARPENING_PX:
        residual = (design @ solution - target).reshape(2, -1)
        weight = np.tile(np.exp(-(residual**2).sum(axis=0) / width**2), 2)
        weighted = design * weight[:, None]
        # A touch of the last solution keeps a few points in one spot from deciding alone.
        solution = np.linalg.solve(weighted.T @ design + RIDGE * np.eye(4), weighted.T @ target + RIDGE * solution)
    a, b, dx, dy = (float(value) for value in solution)
    return a, b, dx, dy


def choose_camera(
    first: tuple[Similarity, Mask], start: Points, end: Points, everything: Points, size: tuple[int, int]
) -> tuple[Similarity, Mask]:
    """Return the camera's motion and the mask (n,) of the points ``start`` -> ``end`` that follow it.

    A big textured subject before a plain ground can outvote the ground. So the motion that most points share
    (``first``) competes with the one that most of the others share and with no motion at all; each counts by how many
    points follow it and how widely they are spread among ``everything`` (m, 2), what could be tracked at best.
    """
    follows_first = np.abs(end - start - first[0].displacement(start, size)).max(axis=1) < tolerance_px(size)
    candidates = [(first[0], follows_first)]
    still: Mask = np.abs(end - start).max(axis=1) < tolerance_px(size)
    candidates.append((Similarity(), still))
    others = ~follows_first
    second = fit_similarity(start[others], end[others], size)
    if second is not None:
        follows: Mask = others.copy()
        follows[others] = second[1]
        candidates.append((second[0], follows))
    return max(candidates, key=lambda item: int(item[1].sum()) * spread_share(start[item[1]], everything))


def tolerance_px(size: tuple[int, int]) -> float:
    """Return how far a point may lie from the model, pixels."""
    return max(0.5, INLIER_SHARE * min(size))
