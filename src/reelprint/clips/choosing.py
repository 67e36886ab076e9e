"""Which moments become clips: the best ones that do not overlap and do not say the same."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from reelprint.clips.terms import bare
from reelprint.core.clips import MOST_CLIPS, ClipOptions, Moment

#: Without a wish, one clip for so much film.
_FILM_S_A_CLIP = 90.0
#: Films shorter than this are no clip.
SHORTEST_FILM_S = 1.0
#: Two moments are the same when this share of the three-word runs of the shorter one is in the other.
_SAME_SHARE = 0.5
_RUN = 3
_RUN_LETTERS = 6


def how_many(duration_s: float, options: ClipOptions) -> int:
    """How many clips to make of a film: as asked, else about one for 90 s, 0..15, and no more than fit into it."""
    if duration_s < SHORTEST_FILM_S:
        return 0
    fit = max(1, int(duration_s / options.clip_min_seconds))
    wanted = options.target_clips or min(MOST_CLIPS, max(1, round(duration_s / _FILM_S_A_CLIP)))
    return min(wanted, fit)


def choose(moments: Sequence[Moment], count: int) -> tuple[Moment, ...]:
    """At most ``count`` moments, best first, none overlapping, none saying what a better one says.

    Greedy by score. Where long moments would leave no room for as many as were asked for and shorter ones would, the
    set of that many with the highest sum of scores is taken.
    """
    ranked = ranked_best_first(moments)
    picks = _greedy(ranked, count)
    if len(picks) < count:
        more = _greedy(ranked_best_first(most_in_sum(_without_repeats(ranked), count)), count)
        picks = more if len(more) > len(picks) else picks
    return tuple(picks)


def ranked_best_first(moments: Sequence[Moment]) -> list[Moment]:
    """By score, then by length (the shorter), then by time: always the same order for the same moments."""
    return sorted(moments, key=lambda item: (-item.virality_score, item.duration_s, item.start_s, item.end_s))


def overlap(one: Moment, other: Moment) -> bool:
    """Whether two moments share any time."""
    return one.start_s < other.end_s and other.start_s < one.end_s


def most_in_sum(moments: Sequence[Moment], count: int) -> list[Moment]:
    """Up to ``count`` moments without overlap: as many as possible, then the highest sum of scores.

    Weighted interval scheduling (Kleinberg, Tardos 2005, 6.1) with a limit on the number; O(n log n + n count).
    """
    ordered = sorted(moments, key=lambda item: (item.end_s, item.start_s))
    ends = [item.end_s for item in ordered]
    before = [bisect_right(ends, item.start_s, hi=number) for number, item in enumerate(ordered)]
    # One more moment is always worth more than any difference of scores.
    worth = [item.virality_score + 101 * count for item in ordered]
    best = [[0] * (len(ordered) + 1)]
    for _ in range(count):
        row = [0]
        for number, value in enumerate(worth):
            row.append(max(row[-1], best[-1][before[number]] + value))
        best.append(row)
    picks: list[Moment] = []
    number, left = len(ordered), count
    while number and left:
        if best[left][number] == best[left][number - 1]:
            number -= 1
            continue
        picks.append(ordered[number - 1])
        number, left = before[number - 1], left - 1
    return picks


def _greedy(ranked: Sequence[Moment], count: int) -> list[Moment]:
    picks: list[Moment] = []
    runs: list[frozenset[str]] = []
    for moment in ranked:
        if len(picks) >= count:
            break
        if any(overlap(moment, pick) for pick in picks):
            continue
        own = _runs(moment.text)
        if any(_same(own, other) for other in runs):
            continue
        picks.append(moment)
        runs.append(own)
    return picks


def _without_repeats(ranked: Sequence[Moment]) -> list[Moment]:
    """Moments of which no better one elsewhere in the film says the same."""
    kept: list[tuple[Moment, frozenset[str]]] = []
    for moment in ranked:
        own = _runs(moment.text)
        if not any(not overlap(moment, better) and _same(own, runs) for better, runs in kept):
            kept.append((moment, own))
    return [moment for moment, _ in kept]


def _runs(text: str) -> frozenset[str]:
    """Runs of three words; of six letters where words are not separated."""
    terms = [term for term in (bare(word) for word in text.split()) if term]
    letters = "".join(terms)
    if len(terms) * 12 < len(letters):
        return frozenset(letters[at : at + _RUN_LETTERS] for at in range(max(1, len(letters) - _RUN_LETTERS + 1)))
    return frozenset(" ".join(terms[at : at + _RUN]) for at in range(max(1, len(terms) - _RUN + 1))) - {""}


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and len(one & other) >= _SAME_SHARE * min(len(one), len(other))
