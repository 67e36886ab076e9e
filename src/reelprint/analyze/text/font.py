"""The generic family of a line's face, from its strokes.

What is measured: *pitch* (are letters set at equal steps), *joins* (fewer pieces of ink than letters), *feet* (ink
runs along the base line and under the top against those half way up: serifs widen the ends of stems) and
*contrast* (thick against thin strokes). See Zramdini & Ingold 1998, "Optical font recognition using typographical
features". The accuracy on planted type is in benchmarks/accuracy/text.py; lines lower than about 24 px tell little,
and anything doubtful is called sans-serif, the usual face of film titles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.text.glyphs import Glyphs, Mask

Family = Literal["sans-serif", "serif", "monospace", "script"]

_EQUAL_PITCH: Final = 0.09
_JOINED: Final = 0.55
_SERIF: Final = 0.0


@dataclass(frozen=True)
class Strokes:
    """The figures a family is told by; None where the line does not show them."""

    pitch_error: float | None
    """rms distance of letter centres from equal steps, in steps"""
    pieces: float
    """separate pieces of ink per letter"""
    feet: float
    """mean run of ink at the ends of stems over that in the middle, minus 1"""
    contrast: float
    """thick over thin strokes"""


def family(glyphs: Glyphs, text: str) -> Family:
    """The generic family of a line that reads ``text``."""
    strokes = measure_strokes(glyphs, text)
    if strokes.pitch_error is not None and strokes.pitch_error < _EQUAL_PITCH:
        return "monospace"
    if strokes.pieces < _JOINED:
        return "script"
    return "serif" if serif_evidence(strokes) > _SERIF else "sans-serif"


def serif_evidence(strokes: Strokes) -> float:
    """Above 0: serifs are more likely than not."""
    return 2.0 * (strokes.feet - 0.35) + 1.0 * (strokes.contrast - 2.0)


def measure_strokes(glyphs: Glyphs, text: str) -> Strokes:
    """All figures of a line."""
    mask = glyphs.mask
    letters = [letter for letter in text if not letter.isspace()]
    pieces = _pieces(mask)
    return Strokes(
        pitch_error=_pitch_error(pieces, text),
        pieces=len(pieces) / max(1, len(letters)),
        feet=_feet(mask),
        contrast=_contrast(mask),
    )


def _pieces(mask: Mask) -> list[tuple[int, int]]:
    """Left and right ends of the pieces of ink, pieces above each other (dots, accents) taken together."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    tall = stats[1:count, cv2.CC_STAT_HEIGHT].max(initial=0)
    spans = sorted(
        (int(x), int(x + w)) for x, _, w, h, area in stats[1:count] if area >= 12 and h >= 0.08 * tall
    )
    merged: list[tuple[int, int]] = []
    for left, right in spans:
        if merged and left < merged[-1][1] - 0.5 * min(right - left, merged[-1][1] - merged[-1][0]):
            merged[-1] = (merged[-1][0], max(right, merged[-1][1]))
        else:
            merged.append((left, right))
    return merged


def _pitch_error(pieces: list[tuple[int, int]], text: str) -> float | None:
    slots = [index for index, letter in enumerate(text) if not letter.isspace()]
    wide = {letter for letter in text if letter in "mwMWilIjft1.,"}
    if len(slots) != len(pieces) or len(slots) < 5 or not wide:
        return None
    centres = np.array([(left + right) / 2 for left, right in pieces])
    index = np.array(slots, dtype=np.float64)
    step, start = np.polyfit(index, centres, 1)
    return float(np.sqrt(np.mean((centres - start - step * index) ** 2)) / max(step, 1e-6))


def _runs(rows: Mask) -> NDArray[np.float64]:
    padded = np.pad(rows.astype(np.int8), ((0, 0), (1, 1)))
    steps = np.diff(padded, axis=1)
    starts, ends = np.nonzero(steps == 1)[1], np.nonzero(steps == -1)[1]
    return (ends - starts).astype(np.float64)


def _feet(mask: Mask) -> float:
    """Median run of ink in the lowest rows on the base line against the middle rows."""
    profile = mask.sum(axis=1).astype(np.float64)
    inked = np.flatnonzero(profile > 0.06 * profile.max())
    if inked.size < 12:
        return 0.0
    drop = profile[:-1] - profile[1:]
    low = inked[0] + inked.size // 2
    base = low + int(np.argmax(drop[low : inked[-1] + 1])) if inked[-1] >= low else int(inked[-1])
    body = base - inked[0]
    foot = _runs(mask[max(0, base - round(0.06 * body)) : base + 1])
    middle = _runs(mask[base - round(0.42 * body) : base - round(0.22 * body)])
    if foot.size < 3 or middle.size < 3:
        return 0.0
    return float(np.median(foot) / np.median(middle) - 1)


def _contrast(mask: Mask) -> float:
    distance = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    ridge = distance[(distance >= cv2.dilate(distance, np.ones((3, 3)))) & (distance > 0.7)]
    if ridge.size < 16:
        return 1.0
    thin, thick = np.percentile(ridge, (15, 85))
    return float(thick / thin)
