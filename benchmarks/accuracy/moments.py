"""Where clips begin and end: counted on films with speech, against their known texts where there are any.

    python benchmarks/accuracy/moments.py [FILM ...]

Default: the talking films of ../shared/footage. A film is heard and watched once (cached); its picks are then made
with several bounds, once as many as suit the film and once fifteen. Three judges of begin and end:

- `transcript`: begins with the first and ends with the last word of a sentence of the transcript, as told by its marks
  and pauses (`clips.sentences`).
- `known text`: the same against the text that was really said. Sonnets: after or on one of . ? ! : ; of the printed
  text, words aligned by difflib. Grid pieces: the first or last word heard of a known three-second piece.
- words: an edge strictly inside the times of a word is a cut.
"""

from __future__ import annotations

import argparse
import json
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path

from reelprint.bootstrap.engine import wire
from reelprint.clips.candidates import score_moments
from reelprint.clips.choosing import choose, how_many, overlap
from reelprint.clips.sentences import sentences_of
from reelprint.clips.terms import bare
from reelprint.core.analysis import Analysis
from reelprint.core.clips import MOST_CLIPS, ClipOptions, Moment
from reelprint.core.progress import CancelToken, Silent
from reelprint.core.transcript import Transcript
from reelprint.engine.clips.parts import FOR_CLIPS, listening
from reelprint.engine.watch import watching
from reelprint.settings import load_settings

FOOTAGE = Path(__file__).parents[3] / "shared" / "footage"
FILMS = ("sonnets_talk_158s.mp4", "grid_multi_talk_30s.mp4", "grid_two_person_30s.mp4")
BOUNDS = ((15.0, 60.0), (5.0, 20.0), (10.0, 30.0), (30.0, 90.0))
HEADS = (
    "film",
    "bounds, s",
    "clips",
    "begin: transcript",
    "end: transcript",
    "begin: known text",
    "end: known text",
    "cuts in words",
    "overlaps",
    "lengths inside",
)
_VERSE_ENDS = tuple(".?!:;")


@dataclass(frozen=True)
class Truth:
    """Word indices of the transcript that begin and end what was said as one piece."""

    first: frozenset[int]
    last: frozenset[int]


def truth_of(film: Path, said: Transcript) -> Truth | None:
    """What is known of a film, or None."""
    label = film.with_suffix(".gt.json")
    if not label.exists():
        return None
    data = json.loads(label.read_text(encoding="utf-8"))
    if "sections" in data:
        return _of_verse([line for section in data["sections"] for line in section["lines"]], said)
    if "segments" in data:
        return _of_pieces([item["start"] for item in data["segments"]], said)
    return None


def _of_pieces(starts: list[float], said: Transcript) -> Truth:
    pieces = [bisect_right(starts, (word.start_s + word.end_s) / 2) for word in said.words]
    changes = [index + 1 for index, (here, after) in enumerate(pairwise(pieces)) if here != after]
    return Truth(frozenset([0, *changes]), frozenset([*(index - 1 for index in changes), len(pieces) - 1]))


def _of_verse(lines: list[str], said: Transcript) -> Truth:
    printed = [(line_number, word) for line_number, line in enumerate(lines) for word in line.split()]
    numerals = {number for number, line in enumerate(lines) if line.isupper() and len(line.split()) == 1}
    matcher = SequenceMatcher(None, [bare(word) for _, word in printed], [bare(w.text) for w in said.words], False)
    heard: dict[int, int] = {}
    for kind, from_a, to_a, from_b, to_b in matcher.get_opcodes():
        if kind == "equal" or (kind == "replace" and to_a - from_a == to_b - from_b):
            heard |= dict(zip(range(from_a, to_a), range(from_b, to_b), strict=True))
    ends = [
        at for at, (line, word) in enumerate(printed) if word.rstrip("’'").endswith(_VERSE_ENDS) or line in numerals
    ]
    first = {0, *(heard[at + 1] for at in ends if at + 1 in heard)}
    return Truth(frozenset(first), frozenset(heard[at] for at in ends if at in heard))


def cuts_in(moment: Moment, said: Transcript) -> int:
    """Edges strictly inside a word."""
    return sum(
        any(word.start_s + 1e-6 < edge < word.end_s - 1e-6 for word in said.words)
        for edge in (moment.start_s, moment.end_s)
    )


def share(picks: tuple[Moment, ...], holds: Callable[[Moment], bool]) -> str:
    """``7/9``."""
    return f"{sum(map(holds, picks))}/{len(picks)}"


def row(film: Path, said: Transcript, analysis: Analysis, asked: ClipOptions) -> tuple[str, ...]:
    """One line of the table."""
    sentences = sentences_of(said)
    begins = {item.first_word for item in sentences}
    ends = {item.end_word for item in sentences}
    truth = truth_of(film, said)
    picks = choose(score_moments(said, analysis, asked), how_many(analysis.timing.duration_s, asked))
    spoken = tuple(pick for pick in picks if pick.end_word > pick.first_word)
    known = ("not known", "not known")
    if truth:
        known = (
            share(spoken, lambda item: item.first_word in truth.first),
            share(spoken, lambda item: item.end_word - 1 in truth.last),
        )
    shortest, longest = asked.clip_min_seconds - 1e-6, asked.clip_max_seconds + 1e-6
    return (
        film.name,
        f"{asked.clip_min_seconds:g}-{asked.clip_max_seconds:g}",
        str(len(picks)),
        share(spoken, lambda item: item.first_word in begins),
        share(spoken, lambda item: item.end_word in ends),
        *known,
        str(sum(cuts_in(pick, said) for pick in picks)),
        str(sum(overlap(one, other) for number, one in enumerate(picks) for other in picks[:number])),
        share(picks, lambda item: shortest <= item.duration_s <= longest),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Where clips begin and end.")
    parser.add_argument("films", nargs="*", type=Path)
    films = parser.parse_args().films or [FOOTAGE / name for name in FILMS]
    tools = listening(wire(load_settings()), None)
    print(f"| {' | '.join(HEADS)} |")
    print(f"|{'---|' * len(HEADS)}")
    for film in films:
        with watching(film, tools, Silent(), CancelToken(), FOR_CLIPS) as viewing:
            analysis, said = viewing.film().analysis, viewing.finding("transcript")
        for shortest, longest in BOUNDS:
            for count in (None, MOST_CLIPS):
                asked = ClipOptions(clip_min_seconds=shortest, clip_max_seconds=longest, target_clips=count)
                print(f"| {' | '.join(row(film, said, analysis, asked))} |", flush=True)


if __name__ == "__main__":
    main()
