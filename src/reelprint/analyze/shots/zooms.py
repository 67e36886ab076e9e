"""Zoom transitions: one side or both are scaled about the centre while one gives way to the other, mixed or at once.

With L the logarithm of the largest scale and p the progress, a frame is (1 - m) S(A, a) + m S(B, b), m 0..1, where

    both sides move:     log a = p L    log b = (p - 1) L
    the old side moves:  log a = p L    log b = 0
    the new side moves:  log a = 0      log b = (1 - p) L

Every product of a frame with a scaled picture is computed once, so least squares gives the best m and the error of all
(p, L) in closed form. A plain mix is the case L = 0: how much of its error the scaling explains is the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import F32, F64

Places = NDArray[np.int64]

_STEP = 0.06
#: Logarithms of the scales of one picture, and how far a whole zoom may go.
_LOGS = _STEP * np.arange(-20, 21)
_REACHES = (0.3, 0.42, 0.54, 0.66, 0.78, 0.9, 1.02, 1.14)
_PROGRESS = np.linspace(0, 1, 25)
_LONG_SIDE_PX = 40
#: Share of a side around the centre that is compared: what surrounds a shrunken picture is the editor's choice.
_CENTRE = 0.7


@dataclass(frozen=True)
class ZoomFit:
    """The best zoom between two anchors."""

    log_scale: float
    """L; above 0 the view goes in"""
    progress: F64
    """(n,) 0..1"""
    seen: F64
    """(n,) 0..1: how well each frame shows its progress"""
    plain: F64
    """(n,) squared error of a plain mix, in parts of the squared difference between the anchors"""
    rest: F64
    """(n,) the same of the zoom"""

    def evidence(self, chosen: NDArray[np.bool_]) -> tuple[float, float]:
        """Over chosen frames: share of the plain mix's error that the scaling explains, and the residual."""
        if not chosen.any():
            return 0.0, 1.0
        plain, rest = float(self.plain[chosen].sum()), float(self.rest[chosen].sum())
        return (plain - rest) / (plain + 0.02), float(np.sqrt(self.rest[chosen].mean()))


def _small(picture: F32) -> F32:
    height, width = picture.shape[:2]
    ratio = _LONG_SIDE_PX / max(height, width)
    size = (round(width * ratio), round(height * ratio))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.7), np.float32)


def _scaled(picture: F32) -> F32:
    """(41, values): the centre of the picture at every scale."""
    h, w = picture.shape[:2]
    out = []
    for scale in np.exp(_LOGS):
        matrix = np.array([[scale, 0, (1 - scale) * (w - 1) / 2], [0, scale, (1 - scale) * (h - 1) / 2]], np.float32)
        out.append(_centre(cv2.warpAffine(picture, matrix, (w, h), borderMode=cv2.BORDER_REFLECT)))
    return np.stack(out)


def _centre(picture: F32) -> F32:
    h, w = picture.shape[:2]
    top, left = round(h * (1 - _CENTRE) / 2), round(w * (1 - _CENTRE) / 2)
    return np.asarray(picture[top : h - top, left : w - left] - 128.0, np.float32).ravel()


def _hypotheses() -> tuple[F64, Places, Places]:
    """(n,) signed reach, and (n, len(_PROGRESS)) positions in _LOGS of the old and of the new picture's scale."""
    reaches, olds, news = [], [], []
    for reach in _REACHES:
        for sign in (1.0, -1.0):
            reaches.append(sign * reach)
            olds.append(_PROGRESS * sign * reach)
            news.append((_PROGRESS - 1) * sign * reach)
        reaches += [reach, -reach]
        olds += [_PROGRESS * reach, 0 * _PROGRESS]
        news += [0 * _PROGRESS, (1 - _PROGRESS) * reach]
    middle = len(_LOGS) // 2
    return (
        np.array(reaches),
        np.rint(np.array(olds) / _STEP).astype(int) + middle,
        np.rint(np.array(news) / _STEP).astype(int) + middle,
    )


_REACH_OF, _OLD_AT, _NEW_AT = _hypotheses()


def fit_zoom(pictures: F32, old: F32, new: F32) -> ZoomFit:
    """All zooms for ``pictures`` (n, h, w, 3) between ``old`` and ``new`` (h, w, 3)."""
    a, b = _scaled(_small(old)), _scaled(_small(new))
    frames = np.stack([_centre(_small(picture)) for picture in pictures])
    products_a, products_b, between = frames @ a.T, frames @ b.T, a @ b.T
    power, power_a, power_b = (frames**2).sum(1), (a**2).sum(1), (b**2).sum(1)

    def errors(i: Places, j: Places) -> F64:
        """(n, hypotheses, progress) squared error with the best share."""
        way = power_a[i] + power_b[j] - 2 * between[i, j]
        along = products_b[:, j] - products_a[:, i] - between[i, j] + power_a[i]
        share = np.clip(along / (way + 1.0), 0, 1)
        rest = power[:, None, None] - 2 * products_a[:, i] + power_a[i] - 2 * share * along + share**2 * way
        return np.asarray(np.maximum(rest, 0), np.float64)

    every = errors(_OLD_AT, _NEW_AT)
    middle = np.full((1, 1), len(_LOGS) // 2)
    plain = errors(middle, middle)[:, 0, 0]
    lowest = every.min(2)
    best = int(lowest.sum(0).argmin())
    at = every[:, best].argmin(1)
    # How sharply the error rises beside the best progress says whether the frame shows it at all.
    spread = every[:, best].mean(1) - lowest[:, best]
    contrast = float(((a[len(_LOGS) // 2] - b[len(_LOGS) // 2]) ** 2).sum()) + 1.0
    seen = np.clip(spread / (0.1 * contrast), 0, 1)
    return ZoomFit(
        log_scale=float(_REACH_OF[best]),
        progress=np.asarray(_PROGRESS[at], np.float64),
        seen=seen,
        plain=np.asarray(plain / contrast, np.float64),
        rest=np.asarray(lowest[:, best] / contrast, np.float64),
    )
