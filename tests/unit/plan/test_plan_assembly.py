"""What stays in a film that has to be shorter, and where its cuts fall."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelprint.core.analysis import Analysis
from reelprint.core.style import PacingDetail
from reelprint.plan.assembly import shortened, whole
from reelprint.plan.lengths import MIN_SHOT_S, draw_lengths, wanted_boundaries
from reelprint.plan.pieces import Piece
from reelprint.plan.rhythm import with_rhythm
from reelprint.plan.snapping import Anchors, snapped
from reelprint.plan.soundtrack import anchors, plan_pieces
from reelprint.plan.takes import takes_of
from tests.factories import footage, style


def short(film: Analysis, target_s: float, cuts_a_minute: float = 12.0, seed: int = 0) -> list[Piece]:
    return shortened(takes_of(film.shots), film, style(cuts_a_minute), target_s, random.Random(seed))


def cut_spans(film: Analysis, pieces: list[Piece]) -> list[tuple[float, float]]:
    """Speech spans that are neither wholly in nor wholly out of the film's sound."""
    heard = plan_pieces(pieces, film, sum(item.duration_s for item in pieces))
    edges = [edge for item in heard for edge in (item.source_start_s, item.source_start_s + item.duration_s)]
    return [
        (span.start_s, span.end_s)
        for span in film.speech.speech
        if any(span.start_s + 1e-6 < edge < span.end_s - 1e-6 for edge in edges)
    ]


TALK = [(1, 4), (5, 9), (9.5, 15), (17, 20), (21, 27), (28, 29.5)]


@pytest.mark.parametrize("target_s", [4.0, 7.5, 12.0, 20.0, 26.0, 29.9])
@pytest.mark.parametrize("cuts_s", [(), (3.95, 10.0, 20.1), tuple(np.arange(0.7, 30, 0.7))])
def test_talk_keeps_whole_phrases(target_s: float, cuts_s: tuple[float, ...]) -> None:
    film = footage(30, cuts_s, speech=TALK)
    pieces = short(film, target_s)
    assert sum(piece.duration_s for piece in pieces) == pytest.approx(target_s, abs=1e-6)
    assert cut_spans(film, pieces) == []


def test_talk_starts_at_the_beginning_and_spends_silence_last() -> None:
    film = footage(30, speech=TALK)
    pieces = short(film, 14.0)
    heard = [span for span in TALK if any(p.start_s <= span[0] and span[1] <= p.end_s for p in pieces)]
    assert heard[:3] == TALK[:3], "3 + 4 + 5.5 s of words fit into 14 s"


def test_a_phrase_longer_than_the_film_is_cut_once() -> None:
    film = footage(30, speech=[(2, 28)])
    pieces = short(film, 10.0)
    assert [piece.start_s for piece in pieces] == [pytest.approx(1.88)]
    assert sum(piece.duration_s for piece in pieces) == pytest.approx(10.0)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.floats(0.05, 3), min_size=2, max_size=25),
    st.lists(st.floats(0.35, 6), min_size=1, max_size=12),
    st.floats(0.05, 0.98),
)
def test_shortened_pieces_tile_takes_in_order(shots: list[float], talk: list[float], share: float) -> None:
    """Any footage, talking or not: in order, without overlap, inside their takes, adding up to the target."""
    edges = np.cumsum([0, *shots])
    duration_s = float(edges[-1])
    times = [time for time in np.cumsum(talk) if time < duration_s]
    spans = list(zip(times[::2], times[1::2], strict=False))
    film = footage(duration_s, [float(edge) for edge in edges[1:-1]], speech=spans)
    pieces = short(film, duration_s * share)
    assert sum(piece.duration_s for piece in pieces) == pytest.approx(duration_s * share, abs=1e-5)
    for piece in pieces:
        assert piece.take.start_s - 1e-9 <= piece.start_s < piece.end_s <= piece.take.end_s + 1e-9
    for before, after in pairwise(pieces):
        assert before.end_s <= after.start_s + 1e-6


def test_trimming_leaves_speech_whole_where_it_can() -> None:
    """Shots of five seconds with a sentence right in the middle of each, so that keeping the middle would cut it."""
    cuts = [5.0 * number for number in range(1, 12)]
    speech = [(5.0 * number + 2.2, 5.0 * number + 3.2) for number in range(12)]
    film = footage(60, cuts, speech=speech)
    assert film.speech.speech_share < 0.35
    pieces = short(film, 24.0, cuts_a_minute=30)
    assert len(pieces) == 12
    assert cut_spans(film, pieces) == []


@pytest.mark.parametrize("bpm", [90, 120, 150])
def test_a_montage_over_music_cuts_on_the_beat(bpm: int) -> None:
    beats = list(np.arange(0.13, 60, 60 / bpm))
    film = footage(60, [2.5 * number for number in range(1, 24)], beats_s=beats, music_share=1.0)
    pieces = short(film, 30.0, cuts_a_minute=40)
    ends = np.cumsum([piece.duration_s for piece in pieces])
    off = [min(abs(end - beat) for beat in beats) for end in ends[:-1]]
    assert ends[-1] == pytest.approx(30.0)
    assert np.mean(np.array(off) < 0.07) >= 0.8
    assert min(piece.duration_s for piece in pieces) >= MIN_SHOT_S - 1e-9


@pytest.mark.parametrize("cuts_a_minute", [5, 20, 60])
@pytest.mark.parametrize("spacing_s", [0.25, 0.3])
def test_further_cuts_fall_on_dense_anchors(cuts_a_minute: float, spacing_s: float) -> None:
    film = footage(60)
    marks = list(np.arange(0.1, 60, spacing_s))
    parts = with_rhythm(whole(takes_of(film.shots)), style(cuts_a_minute), Anchors(marks), random.Random(1))
    assert len(parts) - 1 == cuts_a_minute
    off = [min(abs(part.start_s - mark) for mark in marks) for part in parts[1:]]
    # The rest stands where the shortest shot leaves no anchor in reach.
    assert np.mean(np.array(off) < 0.07) >= 0.9
    assert min(part.duration_s for part in parts) >= MIN_SHOT_S - 1e-9


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.floats(0.05, 20), min_size=1, max_size=12),
    st.floats(0, 300),
    st.lists(st.floats(0, 100), max_size=60),
    st.integers(0, 9),
)
def test_rhythm_adds_what_is_missing(shots: list[float], cuts: float, marks: list[float], seed: int) -> None:
    """Never fewer boundaries than asked for while a part could still be divided, and no part is a flicker."""
    edges = [float(edge) for edge in np.cumsum([0, *shots])]
    film = footage(edges[-1], edges[1:-1])
    pieces = whole(takes_of(film.shots))
    parts = with_rhythm(pieces, style(cuts), Anchors(sorted(marks)), random.Random(seed))
    wanted = wanted_boundaries(style(cuts), edges[-1])
    divisible = any(
        sum(part.piece is piece for part in parts) + 1 <= piece.duration_s / MIN_SHOT_S - 1e-9 for piece in pieces
    )
    assert len(parts) - 1 >= min(wanted, len(pieces) - 1)
    assert len(parts) - 1 == max(wanted, len(pieces) - 1) or not divisible
    for part in parts:
        assert part.duration_s >= min(MIN_SHOT_S, part.piece.duration_s) - 1e-6
    assert sum(part.duration_s for part in parts) == pytest.approx(edges[-1])


@given(st.integers(1, 60), st.floats(0.1, 300), st.integers(0, 5))
def test_drawn_lengths_add_up(count: int, total_s: float, seed: int) -> None:
    lengths = draw_lengths(style(), count, total_s, random.Random(seed))
    assert len(lengths) == count
    assert sum(lengths) == pytest.approx(total_s)
    assert min(lengths) >= min(MIN_SHOT_S, total_s / count) - 1e-9


def test_snapping_stays_in_bounds() -> None:
    assert snapped(5.0, [4.9, 5.2], (2, 2), 4, 6) == 4.9
    assert snapped(5.0, [4.9, 5.2], (2, 2), 5, 6) == 5.2
    assert snapped(5.0, [4.9, 5.2], (0.2, 2), 5.05, 6) == 5.05
    assert snapped(5.0, [], (2, 2), 5.5, 5.4) == 5.4


def test_anchors_are_on_the_films_clock() -> None:
    """Half of the footage is dropped from the front: its beats are heard that much earlier."""
    film = footage(20, [10.0], beats_s=[2.0, 12.0, 13.0])
    pieces = whole(takes_of(film.shots))[1:]
    assert anchors(plan_pieces(pieces, film, 10.0), film, style()).times_s == pytest.approx([2.0, 3.0])


@pytest.mark.parametrize(
    ("tempo_bpm", "on_beat", "least", "most"), [(120, 1.0, 0.9, 1.0), (120, 0.28, 0, 0.5), (None, None, 0.9, 1.0)]
)
def test_cuts_keep_to_the_beat_as_much_as_the_style_does(
    tempo_bpm: float | None, on_beat: float | None, least: float, most: float
) -> None:
    """0.28 is what chance gives at 120 BPM: the style does not cut on beats, so its followers do not either."""
    beats = list(np.arange(0.25, 120, 0.5))
    film = footage(120, beats_s=beats, music_share=1.0)
    pacing = PacingDetail(median_shot_s=2.0, beat_share=on_beat)
    wanted = style(30)
    wanted = wanted.model_copy(
        update={"tempo_bpm": tempo_bpm, "details": wanted.details.model_copy(update={"pacing": pacing})}
    )
    pieces = whole(takes_of(film.shots))
    marks = anchors(plan_pieces(pieces, film, 120.0), film, wanted)
    parts = with_rhythm(pieces, wanted, marks, random.Random(3))
    off = [min(abs(part.start_s - beat) for beat in beats) for part in parts[1:]]
    assert len(off) == 60
    assert least <= np.mean(np.array(off) < 0.07) <= most
