"""Where a picture without faces asks to be looked at: what moves on its own, else what stands out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from reelprint.analyze.evidence import F32, U8
from reelprint.analyze.motion.similarity import Similarity
from reelprint.analyze.motion.tracking import pair_motion

#: Grey levels of change that camera noise and compression reach.
_NOISE_LEVELS = 6.0
#: Share of the picture that must move, and the share above which everything moves and nothing stands out.
_MOVING_SHARE = (0.002, 0.35)
#: Peak of a saliency map over its mean below which nothing stands out.
_MIN_PEAK = 3.0
_SPECTRUM_SIDE = 64


@dataclass(frozen=True)
class Region:
    """A place in a picture: centre and size as shares of it; ``weight`` 0..1 says how clearly it stands out."""

    x: float
    y: float
    width: float
    height: float
    weight: float


def moving_region(first: U8, second: U8) -> Region | None:
    """Find what moves against the camera between two grey pictures (h, w), or None."""
    motion = pair_motion(first, second)
    if motion is None:
        return None
    held = motion.camera.warp(first)
    change = cv2.absdiff(held, second).astype(np.float32)
    if motion.camera != Similarity():
        # Edges that the warp places half a pixel off are no motion.
        slack = cv2.GaussianBlur(second, (0, 0), 1.0).astype(np.float32)
        change -= 0.5 * cv2.morphologyEx(slack, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    margin = max(2, round(0.03 * min(first.shape)))
    change[:margin] = change[-margin:] = 0
    change[:, :margin] = change[:, -margin:] = 0
    energy: F32 = cv2.GaussianBlur(np.maximum(change - _NOISE_LEVELS, 0.0), (0, 0), 2.0)
    share = float((energy > 1.0).mean())
    low, high = _MOVING_SHARE
    if not low <= share <= high:
        return None
    return _region(energy, weight=0.8)


def salient_region(picture: U8) -> Region | None:
    """Find what stands out of a grey picture (h, w), or None.

    Spectral residual (Hou and Zhang, CVPR 2007): what the log spectrum has beyond its local mean.
    """
    height, width = picture.shape
    scale = _SPECTRUM_SIDE / min(height, width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    if float(small.std()) < 2.0:
        return None
    # The frame's own border would stand out most: fade it to the mean.
    window = cv2.createHanningWindow(size, cv2.CV_32F) ** 0.25
    small = (small - small.mean()) * window
    spectrum = np.fft.fft2(small)
    log_amplitude = np.log(np.abs(spectrum) + 1e-6).astype(np.float32)
    residual = log_amplitude - cv2.blur(log_amplitude, (3, 3), borderType=cv2.BORDER_REFLECT)
    image = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    salience: F32 = cv2.GaussianBlur(image.astype(np.float32), (0, 0), 3.0) * window
    peak = float(salience.max() / max(float(salience.mean()), 1e-12))
    if peak < _MIN_PEAK:
        return None
    return _region(np.maximum(salience - 0.5 * salience.max(), 0.0), weight=min(0.6, 0.1 * peak))


def _region(energy: F32, weight: float) -> Region:
    """Centre of mass and extent (four standard deviations) of a map (h, w)."""
    height, width = energy.shape
    total = max(float(energy.sum()), 1e-12)
    across, down = energy.sum(axis=0) / total, energy.sum(axis=1) / total
    columns, rows = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    x, y = float((across * columns).sum()), float((down * rows).sum())
    spread_x = math.sqrt(float((across * (columns - x) ** 2).sum()))
    spread_y = math.sqrt(float((down * (rows - y) ** 2).sum()))
    return Region(x, y, min(1.0, 4 * spread_x), min(1.0, 4 * spread_y), weight)
