"""The generic family of a line's face, from its strokes.

What is measured: *pitch* (are letters set at equal steps), *joins* (fewer pieces of ink than letters), *feet*
(strokes on the base line are thinner than half way up: serifs are thin and level) and *contrast* (thick against thin
strokes). See Zramdini & Ingold 1998, "Optical font recognition using typographical features". Take the answer as a
hint: on planted faces the family is right for 39 to 69 % of the texts (benchmarks/accuracy/text.py prints it); serif
and monospace are often missed, lines lower than about 24 px tell little, and anything doubtful is called sans-serif,
the usual face of film titles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.text.glyphs import Glyphs, Mask

F32 = NDArray[np.float32]
Family = Literal["sans-serif", "serif", "monospace", "script"]

_EQUAL_PITCH: Final = 0.05
_JOINED: Final = 0.55


@dataclass(frozen=True)
class Strokes:
    """The figures a family is told by; None where the line does not show them."""

    pitch_error: float | None
    """rms distance of letter centres from equal steps, in steps"""
    pieces: float
    """separate pieces of ink per letter"""
    feet: float
    """0 when strokes on the base line are as thick as half way up, towards 1 the thinner they are"""
    contrast: float
    """thick over thin strokes"""


def family(glyphs: Glyphs, text: str) -> Family:
    """The generic family of a line that reads ``text``."""
    strokes = measure_strokes(glyphs, text)
    if strokes.pitch_error is not None and strokes.pitch_error < _EQUAL_PITCH:
        return "monospace"
    if strokes.pieces < _JOINED:
        return "script"
    return "serif" if serif_evidence(strokes) > 0 else "sans-serif"


def serif_evidence(strokes: Strokes) -> float:
    """Above 0: serifs are more likely than not.

    Fisher's linear discriminant of the two figures, fitted on 97 lines in 12 faces on real frames. On faces and
    frames that it was not fitted on it is right far less often; see the module's own words.
    """
    return 3.5 * strokes.feet + 4.5 * float(np.log(strokes.contrast)) - 4.4


def measure_strokes(glyphs: Glyphs, text: str) -> Strokes:
    """All figures of a line."""
    mask = glyphs.mask
    letters = [letter for letter in text if not letter.isspace()]
    pieces = _pieces(mask)
    ridge, distance = _skeleton(mask)
    return Strokes(
        pitch_error=_pitch_error(pieces, text),
        pieces=len(pieces) / max(1, len(letters)),
        feet=_feet(mask, ridge, distance),
        contrast=_contrast(ridge, distance),
    )


def _pieces(mask: Mask) -> list[tuple[int, int]]:
    """Left and right ends of the pieces of ink, pieces above each other (dots, accents) taken together."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    tall = stats[1:count, cv2.CC_STAT_HEIGHT].max(initial=0)
    spans = sorted((int(x), int(x + w)) for x, _, w, h, area in stats[1:count] if area >= 12 and h >= 0.08 * tall)
    merged: list[tuple[int, int]] = []
    for left, right in spans:
        if merged and left < merged[-1][1] - 0.5 * min(right - left, merged[-1][1] - merged[-1][0]):
            merged[-1] = (merged[-1][0], max(right, merged[-1][1]))
        else:
            merged.append((left, right))
    return merged


def _pitch_error(pieces: list[tuple[int, int]], text: str) -> float | None:
    slots = [index for index, letter in enumerate(text) if not letter.isspace()]
    narrow = any(letter in "ilIjft1.,'" for letter in text)
    wide = any(letter in "mwMW" for letter in text)
    # letters of like width are set at nearly equal steps in any face
    if len(slots) != len(pieces) or len(slots) < 5 or not narrow or not (wide or len(slots) >= 9):
        return None
    centres = np.array([(left + right) / 2 for left, right in pieces])
    index = np.array(slots, dtype=np.float64)
    step, start = np.polyfit(index, centres, 1)
    return float(np.sqrt(np.mean((centres - start - step * index) ** 2)) / max(step, 1e-6))


def _feet(mask: Mask, ridge: Mask, distance: F32) -> float:
    """How much thinner strokes are in the rows on the base line than half way up: serifs are thin and level."""
    profile = mask.sum(axis=1).astype(np.float64)
    inked = np.flatnonzero(profile > 0.06 * profile.max())
    if inked.size < 12:
        return 0.0
    low = int(inked[0]) + inked.size // 2
    base = low + int(np.argmax(-np.diff(profile[low : int(inked[-1]) + 2], append=0.0)))
    body = base - int(inked[0])
    foot = distance[base - round(0.13 * body) : base + 1][ridge[base - round(0.13 * body) : base + 1]]
    middle = distance[base - round(0.6 * body) : base - round(0.2 * body)][
        ridge[base - round(0.6 * body) : base - round(0.2 * body)]
    ]
    if foot.size < 8 or middle.size < 8:
        return 0.0
    return 1 - float(np.median(foot) / np.percentile(middle, 75))


def _skeleton(mask: Mask) -> tuple[Mask, F32]:
    """Ridge of the distance transform, and the distance itself (half the stroke's width on the ridge)."""
    distance = np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5), dtype=np.float32)
    ridge = (distance >= cv2.dilate(distance, np.ones((3, 3)))) & (distance > 0.7)
    return np.asarray(ridge), distance


def _contrast(ridge: Mask, distance: F32) -> float:
    if np.count_nonzero(ridge) < 16:
        return 1.0
    thin, thick = np.percentile(distance[ridge], (25, 85))
    return float(thick / thin)
