import numpy as np
import pytest

from reelprint.adapters.models.voice import OmniSoundClassifier
from reelprint.analyze.evidence import F32, Known
from reelprint.analyze.loudness import LoudnessAnalyzer
from reelprint.analyze.speech import SpeechAnalyzer
from reelprint.core.sound import SpeechMeasure
from tests.sounds import RATE_HZ, drums, memory_sound, noise


class Scripted:
    """A classifier that hears speech wherever the samples are loud; remembers how much it was given at once."""

    rate_hz = 16_000
    context_s = 2.0

    def __init__(self) -> None:
        self.longest = 0

    def classify(self, samples: F32) -> F32:
        self.longest = max(self.longest, len(samples))
        frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
        loud = np.sqrt((frames**2).mean(axis=1)) > 0.015
        return np.stack([loud, 0 * loud, 0 * loud], axis=1).astype(np.float32)


def heard(samples: np.ndarray, classifier: object | None = None) -> SpeechMeasure:
    evidence = memory_sound(samples)
    loudness = LoudnessAnalyzer().measure(evidence, Known(), lambda _: None)
    return SpeechAnalyzer(classifier or OmniSoundClassifier()).measure(  # type: ignore[arg-type]
        evidence, Known(loudness=loudness), lambda _: None
    )


def phrases(seconds: float, spoken: list[tuple[float, float]], floor_db: float = -65.0) -> np.ndarray:
    samples = noise(seconds, floor_db, seed=1)
    for number, (start, end) in enumerate(spoken):
        piece = noise(end - start, -20, seed=number + 2)
        samples[round(start * RATE_HZ) : round(start * RATE_HZ) + len(piece)] += piece
    return samples


@pytest.mark.parametrize("floor_db", [-75.0, -55.0, -42.0])
def test_spans_and_silences_are_where_they_were_planted(floor_db: float):
    spoken = [(1.0, 3.0), (3.1, 4.5), (5.5, 19.7), (20.9, 24.0), (41.0, 44.0)]
    classifier = Scripted()
    result = heard(phrases(45.0, spoken, floor_db), classifier)
    # 100 ms is no gap between words; piece borders at 20 and 40 s leave no trace
    expected = [(1.0, 4.5), (5.5, 19.7), (20.9, 24.0), (41.0, 44.0)]
    assert [(span.start_s, span.end_s) for span in result.speech] == [pytest.approx(one, abs=0.06) for one in expected]
    quiet = [(0.0, 1.0), (4.5, 5.5), (19.7, 20.9), (24.0, 41.0), (44.0, 45.0)]
    assert [(span.start_s, span.end_s) for span in result.silences] == [pytest.approx(one, abs=0.06) for one in quiet]
    assert result.speech_share == pytest.approx(sum(end - start for start, end in expected) / 45.0, abs=0.01)
    assert classifier.longest <= 24 * 16_000


def test_pieces_do_not_change_the_real_classifier():
    samples = np.concatenate([drums(120, 30.0)[0], noise(15, -60)])
    evidence = memory_sound(samples)
    assert evidence.sound is not None
    mono = evidence.sound.mono.read(0, evidence.sound.mono.count)[:, 0]
    classifier = OmniSoundClassifier()
    whole = classifier.classify(mono)
    first, last = 18 * 16_000, 42 * 16_000
    np.testing.assert_allclose(classifier.classify(mono[first:last])[200:2000], whole[2000:3800], atol=0.02)


def test_drums_are_music_and_noise_is_nothing():
    assert heard(drums(120, 12.0)[0]).music_share > 0.5
    assert heard(noise(12, -30)).music_share < 0.05
    assert heard(noise(12, -30)).speech_share < 0.05


def test_a_silent_film_is_one_silence():
    result = heard(np.zeros((3 * RATE_HZ, 1), np.float32))
    assert [(span.start_s, span.end_s) for span in result.silences] == [(0.0, 3.0)]
    assert (result.speech_share, result.music_share) == (0.0, 0.0)


def test_a_blip_does_not_crash_it():
    assert heard(noise(0.02, -20)).speech == ()
