"""The colours that a film will show: of every shot what its windows see, for as long as they see it.

A grade solved on whole frames is off where windows of another shape cut a wall or a sky away: what stays is another mix
of colours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reelprint.colour.look import FILM_CLOUD, measure_look
from reelprint.colour.transfer import cloud_of
from reelprint.core.colour import ColourMeasure, Look
from reelprint.core.plan import Crop, CropKey, Segment
from reelprint.core.shots import ShotList

F64 = NDArray[np.float64]

#: A window is looked at this often, s.
_STEP_S = 0.5
#: Fewer points in the windows say less than the whole shot does.
_LEAST_POINTS = 24


def as_shown(colour: ColourMeasure, shots: ShotList, segments: Sequence[Segment], rate: Fraction) -> ColourMeasure:
    """The measure with looks of what the segments show; shots that are not shown keep theirs at weight 0.

    Colours measured before places were kept are returned as they are.
    """
    if not colour.shot_places:
        return colour
    seen_s = [np.zeros(len(points)) for points in colour.shot_places]
    shown_s = np.zeros(len(seen_s))
    places = [np.array(points) for points in colour.shot_places]
    for crop, time_s, seconds in _glances(segments, rate):
        shot = next((k for k, one in enumerate(shots.shots) if time_s < one.end_s), len(shots.shots) - 1)
        shown_s[shot] += seconds
        x, y = places[shot].T
        inside = (x >= crop.x) & (x <= crop.x + crop.width) & (y >= crop.y) & (y <= crop.y + crop.height)
        seen_s[shot] += seconds * inside
    looks = [
        _seen(look, points_s, float(shot_s))
        for look, points_s, shot_s in zip(colour.shot_looks, seen_s, shown_s, strict=True)
    ]
    shown = [look for look in looks if look.weight > 0] or looks
    film = measure_look(cloud_of(shown), weight_s=float(shown_s.sum()), cloud_size=FILM_CLOUD)
    return colour.model_copy(update={"look": film, "shot_looks": tuple(looks)})


def _glances(segments: Sequence[Segment], rate: Fraction) -> Iterator[tuple[Crop, float, float]]:
    """Windows of all segments, the source's time at each, and the seconds that it stands for."""
    for segment in segments:
        moving = segment.frames - segment.head_hold - segment.tail_hold
        count = max(1, math.ceil(moving / float(rate) / _STEP_S))
        for index in range(count):
            frame = (index + 0.5) / count * moving
            crop = _crop_at(segment.crop, segment.head_hold + frame)
            yield crop, segment.source_start_s + frame / float(rate), moving / float(rate) / count


def _crop_at(keys: Sequence[CropKey], frame: float) -> Crop:
    """The window at a frame; easing left out, which only shifts the moment a little."""
    for key, following in pairwise(keys):
        if frame < following.frame:
            share = max(0.0, (frame - key.frame) / (following.frame - key.frame))
            start, end = key.crop, following.crop
            x, y, width, height = (
                getattr(start, side) + share * (getattr(end, side) - getattr(start, side))
                for side in ("x", "y", "width", "height")
            )
            return Crop(x=x, y=y, width=min(width, 1 - x), height=min(height, 1 - y))
    return keys[-1].crop


def _seen(look: Look, seen_s: F64, shown_s: float) -> Look:
    """The look of a cloud's points, each for as long as it is seen."""
    if np.count_nonzero(seen_s) < _LEAST_POINTS:
        return look.model_copy(update={"weight": shown_s})
    points = np.array(look.cloud)
    # As many points as before, in proportion; neighbours in a cloud are neighbours in colour.
    ranks = (np.arange(len(points)) + 0.5) / len(points) * seen_s.sum()
    cloud = points[np.searchsorted(np.cumsum(seen_s), ranks)]
    return measure_look(cloud, weight_s=shown_s, cloud_size=2 ** (len(points) - 1).bit_length())
