"""A film's own style with its levels put right: what footage is edited to when no style was asked for.

Colour: the six sliders are defined so that grading with p moves what is measured by p (``colour.sliders``), so a cast
or a wrong level is taken back by the opposite slider. Most of it, not all: a sunset may stay warm and a night dark.
Saturation is taste and stays. Sound: the loudness of social media, with the dynamics as they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reelprint.colour.look import FILM_CLOUD, cast_of, measure_look
from reelprint.colour.oklab import fit_gamut
from reelprint.colour.sliders import grade_of, grade_oklab, sliders_of, white_balance_of
from reelprint.core.colour import ColorGrade, Look
from reelprint.core.style import StyleJSON
from reelprint.style.sound import LOUDNESS_OFFSET, LOUDNESS_SPAN

F64 = NDArray[np.float64]

CLEAN_LEVEL = 0.84
CLEAN_LUFS = LOUDNESS_SPAN * CLEAN_LEVEL - LOUDNESS_OFFSET
CLEAN_PEAK_DBTP = -1.0

#: Share of a slider that is taken back, and the most points that it is moved.
_TAKEN_BACK = {
    "temperature": (0.7, 25.0),
    "tint": (0.8, 25.0),
    "contrast": (0.5, 20.0),
    "highlights": (0.5, 20.0),
    "shadows": (0.5, 20.0),
}


def cleaned(style: StyleJSON) -> StyleJSON:
    """The style with cast, levels and loudness put right; everything else is as measured.

    A silent film stays silent. Deterministic; cleaning a clean style changes less and less.
    """
    look, grade = style.details.look, style.color_grade
    if look is not None:
        # What is grey tells a wrong white balance from a meadow; the cast of the whole picture does not.
        temperature, tint = np.clip(white_balance_of(look), -100, 100)
        seen = sliders_of(look).model_copy(update={"temperature": float(temperature), "tint": float(tint)})
        look = corrected_look(look, correction(seen))
        grade = sliders_of(look)
    else:
        move = correction(grade)
        grade = grade_of(np.array([getattr(grade, name) + getattr(move, name) for name in ColorGrade.model_fields]))
    audio, loudness = style.audio_style, style.details.loudness
    if audio.normalization_level > 0 or loudness is not None:
        audio = audio.model_copy(update={"normalization_level": CLEAN_LEVEL})
    if loudness is not None:
        peak = min(CLEAN_PEAK_DBTP, loudness.true_peak_dbtp + CLEAN_LUFS - loudness.integrated_lufs)
        loudness = loudness.model_copy(update={"integrated_lufs": CLEAN_LUFS, "true_peak_dbtp": round(peak, 2)})
    details = style.details.model_copy(update={"look": look, "loudness": loudness})
    return style.model_copy(update={"color_grade": grade, "audio_style": audio, "details": details})


def correction(grade: ColorGrade) -> ColorGrade:
    """The sliders that take most of a cast and of wrong levels back."""
    moves = {
        name: round(float(np.clip(-share * getattr(grade, name), -most, most)), 2)
        for name, (share, most) in _TAKEN_BACK.items()
    }
    return ColorGrade(**moves)


def corrected_look(look: Look, move: ColorGrade) -> Look:
    """The look with sliders applied, judged by what they do to its cloud of pixels.

    The cloud is a small sample, so not its measurements but their changes are taken: no move gives the look itself.
    """
    if move == ColorGrade():
        return look
    pixels = np.array(look.cloud)
    graded = fit_gamut(grade_oklab(pixels, move))
    before = measure_look(pixels, cloud_size=FILM_CLOUD)
    after = measure_look(graded, cloud_size=FILM_CLOUD)

    def moved(name: str) -> F64:
        known, first, then = (np.asarray(getattr(one, name), np.float64) for one in (look, before, after))
        return np.asarray(known + then - first)

    quantiles = np.maximum.accumulate(np.clip(moved("lightness_quantiles"), 0, 1))
    return look.model_copy(
        update={
            "lightness_quantiles": tuple(round(float(value), 5) for value in quantiles),
            "mean_ab": tuple(map(float, moved("mean_ab"))),
            "neutral_ab": tuple(map(float, moved("neutral_ab"))),
            "cast_ab": tuple(
                map(float, np.array(cast_of(look)) + np.array(cast_of(after)) - np.array(cast_of(before)))
            ),
            "chroma_mean": max(0.0, float(moved("chroma_mean"))),
            "zone_levels": tuple(map(float, moved("zone_levels"))),
            "chroma_level": float(moved("chroma_level")),
            "covariance_ab": tuple(tuple(map(float, row)) for row in _covariance(moved("covariance_ab"))),
            "cloud": tuple((round(float(L), 4), round(float(a), 4), round(float(b), 4)) for L, a, b in graded),
        }
    )


def _covariance(matrix: F64) -> F64:
    """The nearest matrix that is a covariance: differences of two can fall a little under zero."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return np.asarray((vectors * np.maximum(values, 0)) @ vectors.T)
