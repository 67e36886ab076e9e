"""Where somebody speaks, and the pieces that are listened to: cut in pauses, nothing left out, nothing twice."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelprint.adapters.models.whisper_cuts import LONGEST_S, PAD_S, pieces
from reelprint.adapters.models.whisper_voice import (
    SHORTEST_PAUSE_S,
    WINDOW_S,
    WINDOW_SAMPLES,
    Voiced,
    speech_probability,
    voiced_stretches,
)
from tests.evidence import MemorySamples


def _probability(*parts: tuple[float, float]) -> np.ndarray:
    """(probability, seconds) one after the other."""
    return np.concatenate([np.full(round(seconds / WINDOW_S), value, np.float32) for value, seconds in parts])


def test_stretches_begin_and_end_with_the_sound() -> None:
    found = voiced_stretches(_probability((0.0, 2.0), (0.9, 3.0), (0.0, 1.0), (0.8, 1.0), (0.0, 1.0)), 8.0)
    assert [(round(one.start_s, 1), round(one.end_s, 1)) for one in found] == [(2.0, 5.0), (6.0, 7.0)]


def test_short_closures_are_no_pauses_and_hesitant_windows_no_ends() -> None:
    closure = _probability((0.9, 1.0), (0.0, 0.1), (0.9, 1.0), (0.4, 1.0), (0.9, 1.0))
    assert len(voiced_stretches(closure, 4.1)) == 1


def test_a_blip_that_stands_alone_is_nothing_and_one_beside_speech_is_speech() -> None:
    assert voiced_stretches(_probability((0.0, 2.0), (0.9, 0.096), (0.0, 2.0)), 4.1) == []
    near = voiced_stretches(_probability((0.9, 1.0), (0.0, 0.4), (0.9, 0.096), (0.0, 2.0)), 3.5)
    assert len(near) == 2


def test_speech_to_the_last_sample_ends_with_the_film() -> None:
    (only,) = voiced_stretches(_probability((0.9, 3.0)), 2.9)
    assert only.start_s == 0.0
    assert only.end_s == pytest.approx(2.9, abs=0.1)
    assert only.end_s <= 2.9


def test_the_detector_is_asked_in_blocks_that_join_without_a_seam() -> None:
    samples = np.random.default_rng(1).normal(size=(16_000 * 150 + 77, 1)).astype(np.float32)

    def level(block: np.ndarray) -> np.ndarray:
        assert len(block) <= 16_000 * 63, "more than a minute in memory"
        return _levels(block)

    shares: list[float] = []
    found = speech_probability(MemorySamples(samples, 16_000), level, shares.append)
    padded = np.pad(samples[:, 0], (0, -len(samples) % WINDOW_SAMPLES))
    assert np.allclose(found, _levels(padded))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def _levels(samples: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(samples.reshape(-1, WINDOW_SAMPLES)).mean(axis=1))


def test_a_whisper_is_lifted_before_the_detector_hears_it() -> None:
    heard: list[float] = []

    def peak(block: np.ndarray) -> np.ndarray:
        heard.append(float(np.abs(block).max()))
        return np.zeros(len(block) // WINDOW_SAMPLES, np.float32)

    tone = np.sin(np.arange(32_000) * 0.1)[:, None].astype(np.float32)
    for gain in (1.0, 0.001):
        speech_probability(MemorySamples(tone * np.float32(gain), 16_000), peak, lambda _share: None)
    assert heard[0] == pytest.approx(1.0, abs=0.01), "loud sound is left alone"
    assert heard[1] > 0.03


@st.composite
def _speech(draw: st.DrawFn) -> list[Voiced]:
    gaps = draw(st.lists(st.floats(SHORTEST_PAUSE_S, 20.0), min_size=1, max_size=25))
    lengths = draw(st.lists(st.floats(0.05, 70.0), min_size=len(gaps), max_size=len(gaps)))
    ends = np.cumsum(np.ravel(list(zip(gaps, lengths, strict=True))))
    return [
        Voiced(float(ends[number] - lengths[number // 2]), float(ends[number])) for number in range(1, len(ends), 2)
    ]


@given(_speech())
def test_pieces_hold_all_speech_once_and_fit_the_model(voiced: list[Voiced]) -> None:
    duration_s = voiced[-1].end_s + 0.1
    found = pieces(voiced, np.zeros(round(duration_s / WINDOW_S) + 2, np.float32), duration_s)
    assert all(piece.end_s - piece.start_s <= LONGEST_S + 0.1 for piece in found)
    assert all(one.end_s <= other.start_s + 1e-6 for one, other in itertools.pairwise(found))
    assert found[0].start_s >= 0
    assert found[-1].end_s <= duration_s
    held = sum(piece.speech_s for piece in found)
    assert held == pytest.approx(sum(one.end_s - one.start_s for one in voiced), abs=1e-6)
    for piece in found:
        assert piece.start_s <= piece.voiced[0].start_s
        assert piece.end_s >= piece.voiced[-1].end_s
        # only speech that goes on for longer than the model can listen may be cut through
        for edge_s in (piece.start_s, piece.end_s):
            through = [one for one in voiced if one.start_s + 1e-6 < edge_s < one.end_s - 1e-6]
            assert all(one.end_s - one.start_s > LONGEST_S - 2 * PAD_S for one in through)


def test_a_piece_is_cut_in_its_longest_late_pause() -> None:
    voiced = [Voiced(start, start + 4.7) for start in np.arange(0.0, 45.0, 5.0).tolist()]
    voiced[4] = Voiced(20.0, 23.9)
    first, second = pieces(voiced, np.zeros(2000, np.float32), 45.0)
    assert first.voiced == tuple(voiced[:5])
    assert first.end_s == pytest.approx(23.9 + PAD_S)
    assert second.start_s == pytest.approx(25.0 - PAD_S)


def test_speech_without_a_pause_is_cut_where_it_is_least_sure() -> None:
    probability = np.full(2000, 0.99, np.float32)
    dip = round(22.4 / WINDOW_S)
    probability[dip - 2 : dip + 3] = 0.6
    first, second = pieces([Voiced(0.0, 40.0)], probability, 40.0)
    assert first.end_s == second.start_s == pytest.approx(22.4, abs=0.1)


def test_a_long_pause_parts_pieces() -> None:
    assert len(pieces([Voiced(0.0, 2.0), Voiced(7.0, 9.0)], np.zeros(400, np.float32), 10.0)) == 2
    assert len(pieces([Voiced(0.0, 2.0), Voiced(5.0, 9.0)], np.zeros(400, np.float32), 10.0)) == 1
