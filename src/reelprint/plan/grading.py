"""Grades: from a target look and the measured footage to one chain of transformations per footage shot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reelprint.colour.anchors import light_of, limited
from reelprint.colour.bake import apply_transfer
from reelprint.colour.look import FILM_CLOUD, measure_look
from reelprint.colour.transfer import cloud_of, solve_transfer, tone_curve
from reelprint.core.colour import ColourMeasure, GradeTransfer, Look

F64 = NDArray[np.float64]

#: How far a shot goes towards the footage's mean look before the style comes on: a night shot stays a night shot.
BALANCE = 0.35
_BALANCE_OFFSET_LIMIT = 0.03
_LONGEST_TONE_MOVE = 0.10


def plan_grades(target: Look, footage: ColourMeasure, strength: float) -> list[tuple[GradeTransfer, ...]]:
    """One chain per footage shot, in order: balance to the footage's mean look, then the transfer to the target.

    strength 0..1; at 0 every chain is the exact identity. The transfer is solved once, on the balanced footage, so
    that the film's look, not each shot's, becomes the target's: differences between shots survive.
    """
    shots = footage.shot_looks
    balances = [balance_step(look, footage.look) for look in shots]
    pixels = [apply_transfer(np.array(look.cloud), step) for look, step in zip(shots, balances, strict=True)]
    moved = [
        look.model_copy(update={"cloud": tuple(map(tuple, part.tolist()))})
        for look, part in zip(shots, pixels, strict=True)
    ]
    if len(shots) == 1:
        # The film is the shot: nothing to balance, and its own cloud is finer.
        transfer = solve_transfer(footage.look, target, strength=strength)
        return [(transfer,)]
    cloud = cloud_of(moved)
    balanced = measure_look(cloud, weight_s=footage.look.weight, cloud_size=FILM_CLOUD)
    transfer = solve_transfer(balanced, target, strength=strength, cloud=cloud)
    return [(step.model_copy(update={"strength": transfer.strength * step.strength}), transfer) for step in balances]


def balance_step(shot: Look, film: Look) -> GradeTransfer:
    """A gentle move of one shot towards the film: tone and cast only, limited, at strength BALANCE."""
    tone_in, tone_out = tone_curve(shot.lightness_quantiles, film.lightness_quantiles)
    grid, curve = np.array(tone_in), np.array(tone_out)
    move = _LONGEST_TONE_MOVE / BALANCE * np.tanh((curve - grid) * BALANCE / _LONGEST_TONE_MOVE)
    # Black and white stay where they are, or a balanced cut would show grey bars.
    move *= np.clip(grid / 0.15, 0, 1) * np.clip((1 - grid) / 0.1, 0, 1)
    lights = [light_of(np.array(look.cloud), np.array(look.neutral_ab)) for look in (shot, film)]
    offset = limited(lights[1] - lights[0], _BALANCE_OFFSET_LIMIT / BALANCE)
    curve = np.maximum.accumulate(np.clip(grid + move, 0, 1))
    return GradeTransfer(
        tone_in=tone_in,
        tone_out=tuple(float(v) for v in np.round(curve, 6)),
        offset_ab=(float(offset[0]), float(offset[1])),
        center_ab=(float(lights[0][0]), float(lights[0][1])),
        strength=BALANCE,
    )
