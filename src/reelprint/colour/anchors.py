"""Colours that a grade may not take along: greys at every tone, and skin.

A wall of one strong colour that has to go far drags its neighbours with it, and faces before it turn orange. So the
map is held at anchors that are no pixels of the footage: what was grey becomes what is grey in the template at that
tone, and skin keeps its hue under that light and hardly more chroma than it had (memory colours; Bartleson 1960).
Between them the map is free.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reelprint.colour.look import cast_weight

F64 = NDArray[np.float64]

#: Skin of all complexions lies around this Oklab hue, within chroma 0.03..0.16 (the "skin tone line" of a vectorscope
#: is the same direction).
SKIN_HUE = np.deg2rad(52.0)
_SKIN_LINE = np.array([np.cos(SKIN_HUE), np.sin(SKIN_HUE)])
_SKIN_WIDTH = np.deg2rad(30.0)
_SKIN_CHROMA, _SKIN_LIGHTNESS = (0.03, 0.16), (0.3, 0.92)
#: Chroma that the middle of skin has under white light; outside, the rest is the light's.
_SKIN_UNDER_WHITE = (0.035, 0.10)
#: Less than this share of a picture in skin colours says nothing about its light.
_LEAST_SKIN = 0.01
#: A light of more than this (Oklab, full cast weight) is not believed: the rest is a meadow or a blue wall, and would
#: paint faces.
LIGHT_LIMIT = 0.04

_TONES = np.linspace(0, 1, 11)
_TONE_WIDTH, _TINT_WIDTH, _TINT_PRIOR = 0.12, 0.02, 0.02
_SKIN_TONES = (0.4, 0.5, 0.6, 0.7, 0.8, 0.88)
_SKIN_CHROMAS, _SKIN_TURNS = (0.04, 0.08, 0.12), np.deg2rad([-12.0, 0.0, 12.0])
#: Skin's chroma may follow the template's by this much, and glows at most so much more than it did for its lightness.
_CHROMA_FOLLOWS, SKIN_GLOW = (0.6, 1.2), 1.3
_LIGHTNESS_FOLLOWS = (0.7, 1.2)
#: Weight of all greys and of all skin, in pictures.
_GREY_WEIGHT, _SKIN_WEIGHT = 1.5, 3.0


@dataclass(frozen=True)
class Anchors:
    """Oklab colours after the tone curve, where they have to go, and their weights in pictures.

    start: (n, 3); wanted_ab: (n, 2); weight: (n,).
    """

    start: F64
    wanted_ab: F64
    weight: F64


def light_of(cloud: F64, neutral: F64) -> F64:
    """(2,) a, b of the light on (n, 3) Oklab pixels, as a grey of full cast weight shows it.

    Skin shows it where there is any: what takes its middle off the skin line or beyond its chroma is the light. The
    greys (``neutral``) count without skin only: they are often a wall.
    """
    hue = np.arctan2(cloud[:, 2], cloud[:, 1])
    chroma = np.hypot(cloud[:, 1], cloud[:, 2])
    skin = np.abs(hue - SKIN_HUE) < _SKIN_WIDTH
    for value, (low, high) in ((chroma, _SKIN_CHROMA), (cloud[:, 0], _SKIN_LIGHTNESS)):
        skin &= (value > low) & (value < high)
    if skin.mean() < _LEAST_SKIN:
        return limited(neutral, LIGHT_LIMIT)
    middle = np.median(cloud[skin, 1:], axis=0)
    along = float(middle @ _SKIN_LINE)
    return limited(middle - np.clip(along, *_SKIN_UNDER_WHITE) * _SKIN_LINE, LIGHT_LIMIT)


def limited(ab: F64, length: float) -> F64:
    """(..., 2) vectors, none longer than this."""
    ab = np.asarray(ab, np.float64)
    return np.asarray(ab * np.minimum(1, length / np.maximum(_length(ab), 1e-9)))


def _length(ab: F64) -> F64:
    return np.asarray(np.linalg.norm(ab, axis=-1, keepdims=True))


def anchors(start: F64, target: F64, neutrals: tuple[F64, F64], tone: tuple[F64, F64]) -> Anchors:
    """Greys and skin for the way from footage to template.

    start, target: (n, 3) Oklab pixels of both; neutrals: a, b where their near-neutral pixels cluster; tone: knots of
    the tone curve that goes before.
    """
    lights = [light_of(cloud, neutral) for cloud, neutral in zip((start, target), neutrals, strict=True)]
    tints = [_tints(cloud, light) for cloud, light in zip((start, target), lights, strict=True)]
    greys = np.stack([_TONES, *np.zeros((2, len(_TONES)))], -1)
    skin = np.array(
        [
            (lightness, chroma * np.cos(SKIN_HUE + turn), chroma * np.sin(SKIN_HUE + turn))
            for lightness in _SKIN_TONES
            for chroma in _SKIN_CHROMAS
            for turn in _SKIN_TURNS
        ]
    )
    colours = np.concatenate([greys, skin])
    before, after = colours[:, 0], np.interp(colours[:, 0], *tone)
    # Chroma goes with lightness, or darkened skin glows and lifted skin pales.
    scale = np.clip(after / np.maximum(before, 1e-3), *_LIGHTNESS_FOLLOWS)[:, None]
    follows = np.clip(_colourful(target, lights[1]) / _colourful(start, lights[0]), *_CHROMA_FOLLOWS)
    found = colours[:, 1:] + _cast(tints[0], before)
    wanted = colours[:, 1:] * scale * follows + _cast(tints[1], after)
    skins = slice(len(greys), None)
    glow = np.maximum(SKIN_GLOW * scale[skins] * _length(found[skins]), _SKIN_CHROMAS[0])
    wanted[skins] *= np.minimum(1, glow / np.maximum(_length(wanted[skins]), 1e-9))
    weight = np.repeat([_GREY_WEIGHT / len(greys), _SKIN_WEIGHT / len(skin)], [len(greys), len(skin)])
    return Anchors(np.concatenate([after[:, None], found], 1), wanted, weight)


def skin_patches(light: F64) -> tuple[F64, F64]:
    """(n, 3) Oklab colours of middle skin under white light and under this one: what a grade does to faces."""
    turns = SKIN_HUE + _SKIN_TURNS
    white = np.array([(tone, 0.08 * np.cos(turn), 0.08 * np.sin(turn)) for tone in (0.45, 0.6, 0.75) for turn in turns])
    found = white.copy()
    found[:, 1:] += cast_weight(white[:, 0])[:, None] * light
    return white, found


def _cast(tints: F64, lightness: F64) -> F64:
    """(n, 2) a, b of greys of this lightness."""
    tint = np.stack([np.interp(lightness, _TONES, tints[:, axis]) for axis in (0, 1)], -1)
    return np.asarray(cast_weight(lightness)[:, None] * tint)


def _tints(cloud: F64, light: F64) -> F64:
    """(tones, 2) what is grey at each of _TONES: a look may have cold shadows and warm highlights.

    Mean shift from the light, which also counts as a few pixels where a tone has none.
    """
    weight = cast_weight(cloud[:, 0])
    ab = cloud[:, 1:] / np.maximum(weight, 0.15)[:, None]
    prior = _TINT_PRIOR * len(cloud)
    tints = np.empty((len(_TONES), 2))
    for place, tone in enumerate(_TONES):
        near = weight * np.exp(-0.5 * ((cloud[:, 0] - tone) / _TONE_WIDTH) ** 2)
        at = np.array(light)
        for _ in range(15):
            pull = near * np.exp(-0.5 * ((ab - at) ** 2).sum(1) / _TINT_WIDTH**2)
            at = ((pull[:, None] * ab).sum(0) + prior * light) / (pull.sum() + prior)
        tints[place] = at
    return limited(tints, LIGHT_LIMIT)


def _colourful(cloud: F64, light: F64) -> float:
    """Mean chroma of the more colourful half, relative to the light, with a floor at camera noise."""
    ab = cloud[:, 1:] - cast_weight(cloud[:, 0])[:, None] * light
    chroma = np.hypot(ab[:, 0], ab[:, 1])
    return float(chroma[chroma >= np.median(chroma)].mean()) + 0.004
