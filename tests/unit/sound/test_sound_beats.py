import numpy as np
import pytest

from reelprint.adapters.models.voice import OmniSoundClassifier
from reelprint.analyze.beats import BeatAnalyzer
from reelprint.analyze.evidence import Evidence, Known
from reelprint.analyze.loudness import LoudnessAnalyzer
from reelprint.analyze.speech import SpeechAnalyzer
from reelprint.core.sound import MusicMeasure, Span, SpeechMeasure
from tests.sounds import RATE_HZ, drums, memory_sound, noise, sine

SPEECH = SpeechAnalyzer(OmniSoundClassifier())


def all_music(evidence: Evidence) -> SpeechMeasure:
    return SpeechMeasure(music=(Span(start_s=0.0, end_s=evidence.duration_s),), music_share=1.0)


def tracked(samples: np.ndarray, *, believe_music: bool = True) -> MusicMeasure:
    evidence = memory_sound(samples)
    known = Known(loudness=LoudnessAnalyzer().measure(evidence, Known(), lambda _: None))
    heard = all_music(evidence) if believe_music else SPEECH.measure(evidence, known, lambda _: None)
    return BeatAnalyzer().measure(evidence, Known(loudness=known.loudness, speech=heard), lambda _: None)


def distances_s(music: MusicMeasure, beats: np.ndarray) -> np.ndarray:
    found = np.array([beat.time_s for beat in music.beats])
    return np.abs(found[None, :] - beats[:, None]).min(axis=1)


@pytest.mark.parametrize("tempo", [60, 62, 70, 80, 97, 120, 140, 160, 174, 185])
def test_tempo_without_octave_errors_and_beats_on_the_hits(tempo: int):
    samples, beats = drums(tempo, 20.0, seed=tempo)
    music = tracked(samples)
    assert music.tempo_bpm == pytest.approx(tempo, rel=0.02)
    assert np.mean(distances_s(music, beats) < 0.02) > 0.9
    assert abs(len(music.beats) - len(beats)) <= 3


def test_bands_follow_the_drums():
    samples, beats = drums(100, 20.0)
    bands = {round((beat.time_s - beats[0]) * 100 / 60): beat.band for beat in tracked(samples).beats}
    kicks = [band for number, band in bands.items() if number % 2 == 0]
    snares = [band for number, band in bands.items() if number % 2 == 1]
    assert kicks.count("bass") > 0.8 * len(kicks)
    assert snares.count("bass") < 0.2 * len(snares)


def test_two_tempi_in_one_film():
    first, second = drums(90, 30.0, seed=1)[0], drums(135, 60.0, seed=2)[0]
    music = tracked(np.concatenate([first, second]))
    gaps = np.diff([beat.time_s for beat in music.beats])
    assert music.tempo_bpm == pytest.approx(135, rel=0.02)
    assert np.median(gaps[:35]) == pytest.approx(60 / 90, rel=0.03)


def test_level_does_not_matter():
    samples, _ = drums(110, 15.0)
    loud, quiet = tracked(samples), tracked(samples * 0.02)
    assert quiet.tempo_bpm == pytest.approx(loud.tempo_bpm, rel=0.01)
    assert len(quiet.beats) == len(loud.beats)


def test_confidence_falls_with_the_pulse():
    clear, _ = drums(110, 20.0)
    # the same hits out of order: 0.4 s slices shuffled
    slices = np.split(clear, 50)
    np.random.default_rng(4).shuffle(slices)
    assert tracked(clear).tempo_confidence > tracked(np.concatenate(slices)).tempo_confidence + 0.2


@pytest.mark.parametrize(
    "samples",
    [
        noise(12, -30),
        noise(12, -12, seed=3),
        np.zeros((12 * RATE_HZ, 1), np.float32),
        sine(50, 12, -20),
        noise(12, -25, seed=5) * np.linspace(0, 1, 12 * RATE_HZ, dtype=np.float32)[:, None],
    ],
)
def test_no_tempo_without_music(samples: np.ndarray):
    music = tracked(samples, believe_music=False)
    assert music.tempo_bpm is None
    assert music.beats == ()


def test_noise_has_no_pulse_even_where_music_is_claimed():
    assert sum(tracked(noise(15, -20, seed=seed)).tempo_bpm is not None for seed in range(6)) <= 1


def test_silent_film():
    music = BeatAnalyzer().measure(memory_sound(np.zeros((0, 1), np.float32)), Known(), lambda _: None)
    assert music == MusicMeasure()


def test_onsets_are_where_hits_are():
    samples, beats = drums(75, 12.0)
    onsets = np.array(tracked(samples).onsets_s)
    assert np.mean(np.abs(onsets[None, :] - beats[:, None]).min(axis=1) < 0.02) > 0.9
