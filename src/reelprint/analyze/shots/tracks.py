"""One pass over the film: a few numbers per frame that say where to look closer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reelprint.analyze.evidence import F32, F64, U8, Tick
from reelprint.analyze.shots.frames import Pictures

#: Half lengths in frames of the windows whose two ends are compared (gradual changes of 2..72 frames).
SCALES = (3, 5, 8, 12, 18, 26, 36)
_BLOCK = 128


@dataclass(frozen=True)
class Tracks:
    """Per-frame numbers; index t is frame t."""

    difference: F64
    """(n,) mean absolute difference to the frame before, 0..255 levels, chroma included; 0 for frame 0"""
    low: F64
    """(n,) 4th percentile of luma"""
    high: F64
    """(n,) 96th percentile of luma"""
    spans: F32
    """(len(SCALES), n) mean absolute difference of coarse pictures k frames before and k after"""


def coarse(pictures: F32) -> F32:
    """(n, h, w, 3) to (n, 9 * 12, 3): means of a grid of cells, blind to small motion."""
    n, h, w, _ = pictures.shape
    ys, xs = np.linspace(0, h, 10).astype(int)[:-1], np.linspace(0, w, 13).astype(int)[:-1]
    sums = np.add.reduceat(np.add.reduceat(pictures, ys, axis=1), xs, axis=2)
    areas = np.diff(np.append(ys, h))[:, None] * np.diff(np.append(xs, w))[None, :]
    means = sums / areas[None, :, :, None].astype(np.float32)
    return np.asarray(means.reshape(n, 108, 3), np.float32)


def track(frames: Pictures, tick: Tick) -> Tracks:
    """Read every frame once, in order. ``tick`` gets shares 0..1 of this pass."""
    n, reach = frames.count, SCALES[-1]
    difference, low, high = (np.zeros(n) for _ in range(3))
    spans = np.zeros((len(SCALES), n), np.float32)
    cells = np.zeros((0, 108, 3), np.float32)
    cells_start, done = 0, 0
    last = frames.read(0, 1)
    for start in range(0, n, _BLOCK):
        block = frames.read(start, min(start + _BLOCK, n))
        stop = start + len(block)
        difference[start:stop] = _steps(last, block)
        luma = block[..., 0].reshape(len(block), -1)
        ordered = np.sort(luma[:, ::5], axis=1)
        low[start:stop], high[start:stop] = (ordered[:, int(q * (ordered.shape[1] - 1))] for q in (0.04, 0.96))
        last = block[-1:]
        cells = np.concatenate([cells, coarse(block.astype(np.float32))])
        upto = n if stop == n else max(stop - reach, done)
        _compare(cells, cells_start, done, upto, spans)
        done = upto
        keep = max(done - reach, 0)
        cells, cells_start = cells[keep - cells_start :], keep
        tick(stop / n)
    return Tracks(difference, low, high, spans)


def differences(frames: Pictures) -> F64:
    """``Tracks.difference`` of every frame, alone."""
    n = frames.count
    out = np.zeros(n)
    last = frames.read(0, 1)
    for start in range(0, n, _BLOCK):
        block = frames.read(start, min(start + _BLOCK, n))
        out[start : start + len(block)] = _steps(last, block)
        last = block[-1:]
    return out


def _steps(last: U8, block: U8) -> F64:
    """(n,) mean absolute difference of each frame of the block to the one before it."""
    chain = np.concatenate([last, block]).astype(np.int16)
    steps = np.abs(np.diff(chain, axis=0)).mean((1, 2), dtype=np.float32)
    return np.asarray(steps @ np.array([0.6, 0.7, 0.7], np.float32), np.float64)


def _compare(cells: F32, first: int, start: int, stop: int, spans: F32) -> None:
    """Fill ``spans`` for frames [start, stop); ``cells[0]`` is frame ``first``."""
    here = np.arange(start, stop) - first
    for row, k in enumerate(SCALES):
        way = cells[np.minimum(here + k, len(cells) - 1)] - cells[np.maximum(here - k, 0)]
        spans[row, start:stop] = np.sqrt((way * way).sum(2)).mean(1)
