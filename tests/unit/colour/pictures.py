"""Pictures and a LUT application for the colour tests."""

from __future__ import annotations

from functools import cache

import av
import numpy as np
from numpy.typing import NDArray

from tests.media import FOOTAGE

U8 = NDArray[np.uint8]


def apply_lut(lut: NDArray[np.float32], rgb: U8) -> U8:
    """Trilinear, to 8 bits, as a renderer does it."""
    n = lut.shape[0]
    x = rgb.reshape(-1, 3).astype(np.float32) / 255 * (n - 1)
    base = np.minimum(x.astype(int), n - 2)
    part = x - base
    out = np.zeros_like(x)
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(corner, part, 1 - part), axis=1, keepdims=True)
        at = base + corner
        out += weight * lut[at[:, 0], at[:, 1], at[:, 2]]
    return np.round(out * 255).astype(np.uint8).reshape(rgb.shape)


@cache
def film(name: str) -> U8:
    """(n, 90, w, 3): about 24 frames of a film in ../shared/footage, or a scripted scene when that is absent."""
    path = FOOTAGE / name
    if not path.is_file():
        return scene(sum(map(ord, name)))
    frames = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        step = max(1, (stream.frames or 700) // 24)
        for number, frame in enumerate(container.decode(stream)):
            if number % step == 0:
                width = max(2, round(90 * frame.width / frame.height))
                frames.append(frame.reformat(width, 90, "rgb24", interpolation="AREA").to_ndarray())
    # Some containers do not say how many frames there are.
    return np.stack(frames[:: max(1, len(frames) // 24)])


def scene(seed: int) -> U8:
    """(6, 90, 160, 3): a scripted scene with sky, meadow, faces, grey walls, shadows and lights."""
    rng = np.random.default_rng(seed)
    base = np.zeros((90, 160, 3))
    base[:35] = np.array([120, 160, 215]) + np.linspace(40, -30, 35)[:, None, None]
    base[35:60] = [128, 126, 124]
    base[60:] = np.array([70, 110, 50]) + np.linspace(30, -45, 30)[:, None, None]
    base[40:58, 20:40] = [205, 155, 130]
    base[30:85, 90:110] = np.linspace(5, 250, 20)[None, :, None]
    base[62:80, 120:150] = [25, 22, 20]
    base[5:15, 120:140] = [250, 248, 240]
    gain = rng.uniform(0.75, 1.1, 3)
    frames = base * gain + rng.normal(0, 7, (6, 90, 160, 3)) + rng.normal(0, 10, (6, 1, 1, 1))
    return np.clip(frames, 0, 255).astype(np.uint8)
