import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelprint.analyze.bs1770 import LoudnessMeter, TruePeakMeter
from reelprint.analyze.evidence import Known
from reelprint.analyze.loudness import LoudnessAnalyzer
from reelprint.core.sound import LoudnessMeasure
from tests.sounds import RATE_HZ, memory_sound, noise, pink, sine


def measured(samples: np.ndarray) -> LoudnessMeasure:
    result = LoudnessAnalyzer().measure(memory_sound(samples), Known(), lambda _: None)
    assert result is not None
    return result


def test_the_recommendations_reference_tone():
    # BS.1770-4: a 0 dBFS 997 Hz sine in one channel reads -3.01 LKFS; EBU Tech 3341 case 1: -23 dBFS stereo is -23.0
    assert measured(sine(997, 5, 0.0)).integrated_lufs == pytest.approx(-3.01, abs=0.02)
    assert measured(sine(1000, 20, -23.0, channels=2)).integrated_lufs == pytest.approx(-23.0, abs=0.1)


def test_tech_3341_case_3_and_4_gating():
    case3 = np.concatenate([sine(1000, s, db, 2) for s, db in ((10, -36), (60, -23), (10, -36))])
    assert measured(case3).integrated_lufs == pytest.approx(-23.0, abs=0.1)
    case4 = np.concatenate([sine(1000, s, db, 2) for s, db in ((10, -72), (10, -36), (60, -23), (10, -36), (10, -72))])
    assert measured(case4).integrated_lufs == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(
    ("levels", "range_lu"), [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20), ((-50, -35, -20, -35, -50), 15)]
)
def test_tech_3342_loudness_range(levels: tuple[int, ...], range_lu: float):
    samples = np.concatenate([sine(1000, 20, level, 2) for level in levels])
    assert measured(samples).range_lu == pytest.approx(range_lu, abs=1.0)


def test_true_peak_between_samples():
    # EBU Tech 3341 case 15 to 18: quarter-rate sines whose samples miss the crest
    time = np.arange(RATE_HZ) / RATE_HZ
    wave = 0.5 * np.sin(2 * np.pi * 12_000 * time + np.pi / 4)
    envelope = np.minimum(1.0, np.minimum(time, 1 - time) * 20)
    meter = TruePeakMeter(1)
    samples = (wave * envelope)[:, None].astype(np.float32)
    meter.feed(samples)
    assert 20 * np.log10(np.abs(samples).max()) < -8.9
    assert meter.dbtp() == pytest.approx(-6.02, abs=0.2)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 40_000), min_size=1, max_size=8), st.integers(0, 1000))
def test_block_sizes_do_not_matter(sizes: list[int], seed: int):
    samples = noise(sum(sizes) / RATE_HZ, -20, seed)[: sum(sizes)]
    whole, parts = (LoudnessMeter((1.0,)), TruePeakMeter(1)), (LoudnessMeter((1.0,)), TruePeakMeter(1))
    for one in whole:
        one.feed(samples)
    for piece in np.split(samples, np.cumsum(sizes)[:-1]):
        for one in parts:
            one.feed(piece)
    np.testing.assert_allclose(parts[0].momentary_lufs(), whole[0].momentary_lufs(), atol=1e-6)
    assert parts[1].dbtp() == pytest.approx(whole[1].dbtp(), abs=0.02)


def test_gain_moves_levels_and_nothing_else():
    samples = pink(8, -30)
    quiet, loud = measured(samples), measured(samples * 10 ** (12 / 20))
    assert loud.integrated_lufs - quiet.integrated_lufs == pytest.approx(12, abs=0.01)
    assert loud.true_peak_dbtp - quiet.true_peak_dbtp == pytest.approx(12, abs=0.01)
    for name in ("range_lu", "crest_db", "bass_db", "presence_db"):
        assert getattr(loud, name) == pytest.approx(getattr(quiet, name), abs=0.05)


def test_neutral_spectrum_is_neutral_and_bands_move_alone():
    plain = measured(pink(20, -23))
    # pink noise differs from the programme spectrum only by that one's slopes at the ends
    assert plain.bass_db == pytest.approx(1.3, abs=0.8)
    assert plain.presence_db == pytest.approx(2.0, abs=0.8)
    boosted = measured(pink(20, -23) + sine(80, 20, -20))
    assert boosted.bass_db > plain.bass_db + 4
    assert boosted.presence_db == pytest.approx(plain.presence_db, abs=0.3)


def test_envelope_and_noise_floor():
    samples = np.concatenate([noise(3, -60), noise(3, -20), np.zeros((RATE_HZ, 1), np.float32)])
    result = measured(samples)
    assert len(result.envelope_db) == 70
    assert np.mean(result.envelope_db[2:28]) == pytest.approx(-60, abs=0.5)
    assert np.mean(result.envelope_db[32:58]) == pytest.approx(-20, abs=0.5)
    assert result.envelope_db[-1] == -80
    assert result.noise_floor_db < -60


@pytest.mark.parametrize("samples", [np.zeros((RATE_HZ, 2), np.float32), noise(3, -90), np.zeros((0, 1), np.float32)])
def test_silence_has_no_loudness(samples: np.ndarray):
    assert LoudnessAnalyzer().measure(memory_sound(samples), Known(), lambda _: None) is None


@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.45, 1.0, 2.9])
def test_short_sounds(seconds: float):
    result = measured(sine(1000, seconds, -20))
    assert result.integrated_lufs == pytest.approx(-23.0, abs=1.0)
    assert result.range_lu == 0.0
