"""Looks and grades as plain numbers. Colours are Oklab unless said otherwise (Ottosson 2020)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from reelprint.core.document import Document

Slider = Annotated[float, Field(ge=-100, le=100)]
Matrix2 = tuple[tuple[float, float], tuple[float, float]]
Pair = tuple[float, float]

#: Probabilities at which lightness quantiles are kept.
QUANTILE_LEVELS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5,
                   0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)  # fmt: skip


class ColorGrade(Document):
    """The six sliders of the contract; 0 is neutral. Their meaning is ``colour.grade(params)``."""

    temperature: Slider = 0.0
    tint: Slider = 0.0
    saturation: Slider = 0.0
    contrast: Slider = 0.0
    highlights: Slider = 0.0
    shadows: Slider = 0.0


class Look(Document):
    """What a set of pixels looks like, enough to transfer it without the film.

    ``lightness_quantiles`` at QUANTILE_LEVELS (0..1); ``mean_ab`` and ``covariance_ab`` of all pixels;
    ``neutral_ab`` where the near-neutral pixels cluster; ``cast_ab`` the middle colour, which temperature and tint
    are read from (absent in documents of version 1 of the analyzer); ``chroma_mean`` mean of hypot(a, b).
    ``zone_levels`` (shadows, midtones, highlights) are in the coordinates of colour.flows and ``chroma_level`` is a
    logarithm: there a slider is a shift. ``cloud`` is a small sample of equally weighted pixels (L, a, b), enough to
    predict a grade's effect.
    """

    lightness_quantiles: tuple[float, ...] = Field(min_length=len(QUANTILE_LEVELS), max_length=len(QUANTILE_LEVELS))
    mean_ab: Pair
    covariance_ab: Matrix2
    neutral_ab: Pair
    cast_ab: Pair | None = None
    chroma_mean: float = Field(ge=0)
    zone_levels: tuple[float, float, float]
    chroma_level: float
    cloud: tuple[tuple[float, float, float], ...] = Field(min_length=1)
    weight: float = Field(default=1.0, ge=0, description="seconds of film it stands for")


class Swatch(Document):
    """One palette colour and the share of the picture it covers."""

    color: str = Field(pattern=r"^#[0-9a-f]{6}$")
    share: float = Field(ge=0, le=1)


class ColourMeasure(Document):
    """The colour of a film. ``shot_looks`` has one look per shot, in order.

    ``shot_places`` says where each point of their clouds was seen: x, y as shares of the displayed picture, so that
    what a window shows can be told from the rest. Absent in documents of version 3 of the analyzer.
    """

    sliders: ColorGrade
    look: Look
    shot_looks: tuple[Look, ...]
    shot_places: tuple[tuple[Pair, ...], ...] = ()
    palette: tuple[Swatch, ...]


class GradeTransfer(Document):
    """One colour transformation, small enough for a plan; ``colour.bake`` turns it into a 3D LUT.

    In Oklab: L' = tone(L) by monotone interpolation through ``tone_in`` -> ``tone_out``; ``warp`` adds a smooth
    displacement, given by its coefficients in the basis of ``colour.warp`` (none: no displacement);
    (a, b)' = center_ab + matrix_ab @ ((a, b) - center_ab) + offset_ab, the matrix eased off near ``center_ab``
    (where the neutrals are) and on skin hues as the guards say (0 no guard, 1 identity there); then ``sliders`` are
    applied as by ``colour.grade``. ``strength`` mixes the result with the original; 0 is the exact identity.
    """

    tone_in: tuple[float, ...]
    tone_out: tuple[float, ...]
    warp: tuple[float, ...] = ()
    matrix_ab: Matrix2 = ((1.0, 0.0), (0.0, 1.0))
    offset_ab: Pair = (0.0, 0.0)
    center_ab: Pair = (0.0, 0.0)
    sliders: ColorGrade = ColorGrade()
    neutral_guard: float = Field(default=0.0, ge=0, le=1)
    skin_guard: float = Field(default=0.0, ge=0, le=1)
    strength: float = Field(default=1.0, ge=0, le=1)
