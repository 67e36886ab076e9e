"""Shortening talk: whole phrases stay or go, and the time between them is spent last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reelprint.core.sound import Span
from reelprint.plan.lengths import MIN_SHOT_S
from reelprint.plan.pieces import Piece
from reelprint.plan.takes import Take

#: Breath that is left around words, seconds.
_BREATH_S = 0.12
_NOTHING_S = 1e-6
Stretch = tuple[float, float]


@dataclass
class _Run:
    """A piece that can still grow."""

    take: Take
    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


def phrase_pieces(takes: Sequence[Take], speech: Sequence[Span], film_s: float, target_s: float) -> list[Piece]:
    """Pieces of ``takes`` that add up to ``target_s`` seconds and keep phrases whole.

    Phrases are kept from the start of the film as long as they fit. The rest of the time goes to the silences around
    them, then to other silences, and only when nothing else is left into the beginning of a phrase that did not fit.
    """
    phrases = _breathing(speech, film_s)
    kept, dropped = _fitting(phrases, target_s)
    runs = [run for stretch in kept for run in _at_takes(stretch, takes)]
    runs = [run for run in runs if run.duration_s >= MIN_SHOT_S or _is_take(run) or _has_words(run, speech)]
    missing_s = target_s - sum(run.duration_s for run in runs)
    missing_s = _lengthen_slivers(runs, dropped, missing_s)
    for at_end in (True, False):
        missing_s = _grow(runs, dropped, at_end, missing_s)
    for forbidden, least_s in ((phrases, MIN_SHOT_S), ([], _NOTHING_S)):
        missing_s = _add(runs, takes, forbidden, least_s, missing_s)
    return [Piece(run.take, run.start_s, run.end_s) for run in _joined(runs)]


def _breathing(spans: Sequence[Span], film_s: float) -> list[Stretch]:
    """Speech spans with a breath around them; those that touch become one."""
    phrases: list[Stretch] = []
    for span in spans:
        start, end = max(0.0, span.start_s - _BREATH_S), min(film_s, span.end_s + _BREATH_S)
        if phrases and start <= phrases[-1][1]:
            phrases[-1] = (phrases[-1][0], max(end, phrases[-1][1]))
        elif end > start:
            phrases.append((start, end))
    return phrases


def _fitting(phrases: Sequence[Stretch], target_s: float) -> tuple[list[Stretch], list[Stretch]]:
    """The phrases that fit into the target, taken in order, and the others."""
    kept, dropped = [], []
    free_s = target_s
    for start, end in phrases:
        if end - start <= free_s:
            kept.append((start, end))
            free_s -= end - start
        else:
            dropped.append((start, end))
    if not kept and phrases:
        # Not one phrase fits: the beginning of the first, since there is nothing whole to show.
        start, end = phrases[0]
        return [(start, start + target_s)], [(start + target_s, end), *phrases[1:]]
    return kept, dropped


def _at_takes(stretch: Stretch, takes: Sequence[Take]) -> list[_Run]:
    runs = [_Run(take, max(stretch[0], take.start_s), min(stretch[1], take.end_s)) for take in takes]
    return [run for run in runs if run.duration_s > _NOTHING_S]


def _is_take(run: _Run) -> bool:
    return run.take.duration_s - run.duration_s < _NOTHING_S


def _has_words(run: _Run, speech: Sequence[Span]) -> bool:
    return any(span.start_s < run.end_s and run.start_s < span.end_s for span in speech)


def _room(runs: Sequence[_Run], index: int, dropped: Sequence[Stretch], at_end: bool) -> float:
    """How far a run can grow at one end without leaving its take or touching another run or phrase, seconds."""
    run = runs[index]
    edge_s = run.end_s if at_end else run.start_s
    if any(start < edge_s < end for start, end in dropped):
        return 0.0
    if at_end:
        limits = [run.take.end_s, *(start for start, _ in dropped if start >= edge_s)]
        limits += [other.start_s for other in runs[index + 1 : index + 2]]
        return max(0.0, min(limits) - edge_s)
    limits = [run.take.start_s, *(end for _, end in dropped if end <= edge_s)]
    limits += [other.end_s for other in runs[max(0, index - 1) : index]]
    return max(0.0, edge_s - max(limits))


def _lengthen_slivers(runs: Sequence[_Run], dropped: Sequence[Stretch], missing_s: float) -> float:
    """Words that reach over a cut by a moment get a shot of decent length; return what is still missing."""
    for at_end in (True, False):
        for index, run in enumerate(runs):
            wanted_s = max(0.0, min(MIN_SHOT_S - run.duration_s, missing_s))
            if wanted_s > 0:
                given_s = min(wanted_s, _room(runs, index, dropped, at_end))
                _extend(run, given_s, at_end)
                missing_s -= given_s
    return missing_s


def _grow(runs: Sequence[_Run], dropped: Sequence[Stretch], at_end: bool, missing_s: float) -> float:
    """Spend ``missing_s`` on the runs in proportion to their rooms; return what is still missing."""
    rooms = [_room(runs, index, dropped, at_end) for index in range(len(runs))]
    total_s = sum(rooms)
    if total_s <= _NOTHING_S or missing_s <= _NOTHING_S:
        return missing_s
    share = min(1.0, missing_s / total_s)
    for run, room_s in zip(runs, rooms, strict=True):
        _extend(run, room_s * share, at_end)
    return missing_s - total_s * share


def _extend(run: _Run, seconds: float, at_end: bool) -> None:
    if at_end:
        run.end_s += seconds
    else:
        run.start_s -= seconds


def _add(
    runs: list[_Run], takes: Sequence[Take], forbidden: Sequence[Stretch], least_s: float, missing_s: float
) -> float:
    """Add unused stretches of ``least_s`` or more outside ``forbidden``, in order; return what is still missing."""
    used = sorted([(run.start_s, run.end_s) for run in runs] + list(forbidden))
    for take in takes:
        at_s = take.start_s
        for start, end in [*used, (take.end_s, take.end_s)]:
            free_s = min(start, take.end_s) - at_s
            length_s = min(free_s, missing_s)
            if free_s >= least_s and length_s > _NOTHING_S:
                runs.append(_Run(take, at_s, at_s + length_s))
                missing_s -= length_s
            at_s = max(at_s, end)
    return missing_s


def _joined(runs: Sequence[_Run]) -> list[_Run]:
    """In film order, with neighbours that touch within a take made one."""
    result: list[_Run] = []
    for run in sorted(runs, key=lambda item: item.start_s):
        if result and result[-1].take == run.take and abs(result[-1].end_s - run.start_s) < _NOTHING_S:
            result[-1].end_s = run.end_s
        else:
            result.append(run)
    return result
