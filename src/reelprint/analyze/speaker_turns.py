"""Whose turn it is to speak, among the faces of one shot.

While a voice is heard, the face whose lips move most has probably the word; that evidence is weighed over time by a
Viterbi path (one state a face) in which passing the word on costs something, less so in a pause. Each change is then
put where an editor would cut: in the pause, a moment before the next voice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import F64

#: The grid that turns are found on, s.
STEP_S = 0.05
#: Standard deviation of the smoothing of lip movement, s.
_SMOOTH_S = 0.25
#: Lip movement that is noise, grey levels.
_NOISE = 0.15
#: Each face's own quiet level that is taken off: this percentile, this part of it.
_REST_PERCENTILE, _REST_PART = 20.0, 0.7
#: What passing the word on costs, in seconds of clear evidence: in full voice, and in a pause.
_COST_VOICED_S, _COST_PAUSE_S = 0.6, 0.2
#: Evidence of a second is limited to this (natural logarithm of the ratio of movement).
_MOST_EVIDENCE = 1.5
#: The larger face has the word when nothing else tells, by this much a second.
_LARGER = 0.05
#: A picture cuts this long before the voice it goes to is loud: lips part, and soft sounds come, earlier.
_LEAD_S = 0.45
#: Voice below this is a pause; a change looks for one this far around, s.
_PAUSE, _SEARCH_S = 0.3, 0.6
_BREATH_S = 0.15


@dataclass(frozen=True)
class Turn:
    """Face ``face`` has the word over [start_s, end_s).

    ``clarity`` 0..1: how much more its lips moved than all others' while a voice was heard. ``voiced_s``: for how long.
    """

    start_s: float
    end_s: float
    face: int
    clarity: float
    voiced_s: float


def voice_level(level_db: F64 | None, hop_s: float, start_s: float, end_s: float) -> F64:
    """(steps,) 0..1: how clearly a voice, or any sound over the background, is heard over [start_s, end_s).

    ``level_db``: the film's sound level every ``hop_s``; None for a silent film, where every moment counts the same.
    """
    count = max(1, round((end_s - start_s) / STEP_S))
    if level_db is None or not len(level_db):
        return np.ones(count)
    # The scale comes from a wider stretch: a shot may hold nothing but voice.
    around = level_db[max(0, int((start_s - 15.0) / hop_s)) : int((end_s + 15.0) / hop_s) + 1]
    low, high = np.percentile(around, [10, 90]) if len(around) else (-60.0, -20.0)
    if high - low < 6.0:
        return np.ones(count)
    centres = start_s + (np.arange(count) + 0.5) * STEP_S
    places = np.clip((centres / hop_s).astype(np.int64), 0, len(level_db) - 1)
    smooth = np.convolve(np.pad(level_db, 2, mode="edge"), np.full(5, 0.2), mode="valid")
    voice: F64 = np.clip((smooth[places] - low) / (0.8 * (high - low)) - 0.15, 0.0, 1.0)
    return voice


def find_turns(activity: F64, times_s: F64, voice: F64, sizes: F64, start_s: float, end_s: float) -> list[Turn]:
    """Turns that tile [start_s, end_s); empty when no face is there.

    ``activity``: (faces, frames) lip movement at ``times_s``, nan where a face is not there. ``voice``: (steps,) from
    ``voice_level``. ``sizes``: (faces,) heights of the faces.
    """
    moved, present = _on_grid(activity, times_s, start_s, len(voice))
    if not present.any():
        return []
    evidence = _evidence(moved, present, voice, sizes)
    path = _best_path(evidence, voice)
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1), len(path)]
    cuts = [0.0, *(_cut_at(int(edge), voice) * STEP_S for edge in edges[1:-1]), end_s - start_s]
    turns = []
    for first, stop, begin, end in zip(edges[:-1], edges[1:], cuts[:-1], cuts[1:], strict=True):
        face = int(path[first])
        clarity = _clarity(moved[:, first:stop], present[:, first:stop], voice[first:stop], face)
        voiced_s = float((voice[first:stop] > _PAUSE).sum()) * STEP_S
        turns.append(Turn(start_s + begin, start_s + end, face, clarity, voiced_s))
    return turns


def _on_grid(activity: F64, times_s: F64, start_s: float, count: int) -> tuple[F64, NDArray[np.bool_]]:
    """(faces, steps) smoothed movement over each face's own rest, and where the faces are there."""
    centres = start_s + (np.arange(count) + 0.5) * STEP_S
    nearest = np.clip(np.searchsorted(times_s, centres), 0, len(times_s) - 1)
    present = np.zeros((len(activity), count), np.bool_)
    moved = np.zeros((len(activity), count))
    reach = round(3 * _SMOOTH_S / STEP_S)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * STEP_S / _SMOOTH_S) ** 2)
    for face, row in enumerate(activity):
        seen = ~np.isnan(row)
        if not seen.any():
            continue
        # The first frames of a track have nothing before them to differ from, but the face is there.
        first, last = np.flatnonzero(seen)[[0, -1]]
        present[face] = (nearest >= max(0, first - 2)) & (nearest <= last)
        values = np.interp(centres, times_s[seen], row[seen])
        # "same" would be as long as the kernel where the shot is shorter.
        there = slice(reach, reach + count)
        weight = np.convolve(present[face].astype(np.float64), kernel)[there]
        smooth = np.convolve(np.where(present[face], values, 0.0), kernel)[there] / np.maximum(weight, 1e-9)
        inside = smooth[present[face]]
        rest = _REST_PART * float(np.percentile(inside, _REST_PERCENTILE)) if len(inside) else 0.0
        moved[face] = np.where(present[face], np.maximum(0.0, smooth - rest), 0.0)
    return moved, present


def _evidence(moved: F64, present: NDArray[np.bool_], voice: F64, sizes: F64) -> F64:
    """(faces, steps) evidence that a face has the word, against the mean of the faces that are there."""
    loudest = np.log(moved + _NOISE)
    count = np.maximum(present.sum(axis=0), 1)
    mean = np.where(present, loudest, 0.0).sum(axis=0) / count
    evidence = np.clip(loudest - mean, -_MOST_EVIDENCE, _MOST_EVIDENCE) * voice
    evidence += _LARGER * (sizes / max(float(sizes.max(initial=0.0)), 1e-9))[:, None]
    result: F64 = np.where(present, evidence, -20.0)
    return result * STEP_S


def _best_path(evidence: F64, voice: F64) -> NDArray[np.int64]:
    """(steps,) the face that has the word (Viterbi)."""
    faces, steps = evidence.shape
    cost = _COST_PAUSE_S + (_COST_VOICED_S - _COST_PAUSE_S) * voice
    total = evidence[:, 0].copy()
    came = np.zeros((faces, steps), np.int64)
    own = np.arange(faces)
    for step in range(1, steps):
        best = int(total.argmax())
        goes_over = total[best] - cost[step] > total
        came[:, step] = np.where(goes_over, best, own)
        total = np.where(goes_over, total[best] - cost[step], total) + evidence[:, step]
    path = np.zeros(steps, np.int64)
    path[-1] = int(total.argmax())
    for step in range(steps - 1, 0, -1):
        path[step - 1] = came[path[step], step]
    return path


def _cut_at(edge: int, voice: F64) -> int:
    """The step to cut at instead of ``edge``: a moment before the voice that comes next, not before its pause's middle.

    In the middle of a voice there is no better place than the edge itself, unless a pause is near.
    """
    reach = round(_SEARCH_S / STEP_S)
    quiet = voice < _PAUSE
    if not quiet[edge]:
        near = [step for step in range(max(1, edge - reach), min(len(voice), edge + reach + 1)) if quiet[step]]
        if not near:
            return edge
        edge = min(near, key=lambda step: abs(step - edge))
    begin = end = edge
    while begin > 0 and quiet[begin - 1]:
        begin -= 1
    # A breath or a click in a pause is no voice yet.
    breath = round(_BREATH_S / STEP_S)
    while end < min(len(voice), edge + 2 * reach) and quiet[end : end + breath].any():
        end += 1
    return max((begin + end) // 2, end - round(_LEAD_S / STEP_S), 1)


def _clarity(moved: F64, present: NDArray[np.bool_], voice: F64, face: int) -> float:
    """How far a face is ahead of the best other one while a voice is heard, 0..1; 1 when it is alone."""
    weight = voice / max(float(voice.sum()), 1e-9)
    if present.any(axis=1).sum() < 2:
        return 1.0
    means = (moved * weight).sum(axis=1)
    own = float(means[face])
    other = float(np.delete(means, face).max())
    return round(max(0.0, (own - other) / (own + other + _NOISE)), 3)
