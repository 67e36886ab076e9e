"""Colour transfer as color-matcher does it; runs in the peers' own environment (``make peers``).

    .peers/bin/python benchmarks/accuracy/peers_colour.py IN.npz OUT.npz

IN: ``pairs`` (k, 2) film names, and under each name its sampled frames (n, h, w, 3) uint8. OUT: ``k/method/way``, the
footage's frames in the look of the template's, for the methods mkl and hm-mkl-hm and two ways: ``film`` (statistics of
all frames of the footage together) and ``frame`` (each frame by itself); the reference is always the whole template.
Everything is calculated in floats and rounded once, which does better than 8 bits in between.
"""

from __future__ import annotations

import sys

import numpy as np
from color_matcher import ColorMatcher

METHODS = ("mkl", "hm-mkl-hm")


def rounded(rgb: np.ndarray) -> np.ndarray:
    return np.clip(np.round(np.real(rgb)), 0, 255).astype(np.uint8)


def main() -> None:
    films = np.load(sys.argv[1])
    results = {}
    for number, (footage, template) in enumerate(films["pairs"]):
        source = films[footage].astype(np.float64)
        reference = films[template].astype(np.float64)
        reference = reference.reshape(-1, reference.shape[2], 3)
        tall = source.reshape(-1, source.shape[2], 3)
        for method in METHODS:
            whole = ColorMatcher().transfer(src=tall.copy(), ref=reference, method=method)
            results[f"{number}/{method}/film"] = rounded(whole).reshape(source.shape)
            single = [ColorMatcher().transfer(src=one.copy(), ref=reference[::2, ::2], method=method) for one in source]
            results[f"{number}/{method}/frame"] = rounded(np.stack(single))
    np.savez(sys.argv[2], **results)


if __name__ == "__main__":
    main()
