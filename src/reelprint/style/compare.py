"""Two styles side by side, and the closure of an edit: how much of the distance to its template it has covered."""

from __future__ import annotations

from reelprint.core.compare import Closure, Comparison, FieldClosure, FieldDistance
from reelprint.core.style import StyleJSON
from reelprint.style.fields import FIELDS

#: Distances are rounded to this many decimals: the same documents give the same bytes on any machine.
DECIMALS = 6


def compare(a: StyleJSON, b: StyleJSON) -> Comparison:
    """Field by field and as one distance 0 (same) .. 1: symmetric, 0 from a style to itself.

    A field that a style does not state (the look of a preset, the loudness of a silent film) is left out. The overall
    distance is the mean of the others, weighted as ``fields.FIELDS`` says.
    """
    rows: dict[str, FieldDistance] = {}
    total = weights = 0.0
    for field in FIELDS:
        first, second = field.read(a), field.read(b)
        distance = field.distance(first, second)
        if distance is None:
            continue
        rows[field.name] = FieldDistance(
            a=field.shown(first), b=field.shown(second), distance=round(distance, DECIMALS)
        )
        total += field.weight * distance
        weights += field.weight
    return Comparison(distance=round(min(1.0, total / weights), DECIMALS), fields=rows)


def closure(footage: StyleJSON, output: StyleJSON, template: StyleJSON) -> Closure:
    """How far the footage was from the template, and how far the output is, per field that all three state."""
    before, after = compare(footage, template), compare(output, template)
    return Closure(
        before=before.distance,
        after=after.distance,
        closed=round(_closed_share(before.distance, after.distance), DECIMALS),
        fields={
            name: FieldClosure(before=row.distance, after=after.fields[name].distance)
            for name, row in before.fields.items()
            if name in after.fields
        },
    )


def _closed_share(before: float, after: float) -> float:
    if before > 0:
        return 1 - after / before
    return 1.0 if after == 0 else -1.0
