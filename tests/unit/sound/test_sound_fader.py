"""The fader's keys and the equaliser's predictions, held against the meters themselves."""

import subprocess

import imageio_ffmpeg
import numpy as np
import pytest

from reelprint.analyze.evidence import Known
from reelprint.analyze.loudness import LoudnessAnalyzer
from reelprint.core.plan import AudioPiece
from reelprint.core.sound import LoudnessMeasure
from reelprint.plan import tone
from reelprint.plan.fader import heard_level_db, range_lu, ride
from reelprint.render import sound as rendering
from tests.sounds import RATE_HZ, memory_sound, pink

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


def measured(samples: np.ndarray) -> LoudnessMeasure:
    found = LoudnessAnalyzer().measure(memory_sound(samples), Known(), lambda _: None)
    assert found is not None
    return found


def whole(samples: np.ndarray) -> list[AudioPiece]:
    return [AudioPiece(start_s=0.0, source_start_s=0.0, duration_s=len(samples) / RATE_HZ)]


def uneven(seconds: float = 60.0, depth_db: float = 9.0, seed: int = 1) -> np.ndarray:
    """Pink noise whose level wanders by +- ``depth_db`` over about ten seconds."""
    samples = pink(seconds, -30, seed)
    time = np.arange(len(samples)) / RATE_HZ
    level = depth_db * (np.sin(2 * np.pi * time / 17) + np.sin(2 * np.pi * time / 29)) / 2
    return (samples[:, 0] * 10 ** (level / 20))[:, None].astype(np.float32)


def faded(samples: np.ndarray, wanted_lu: float) -> np.ndarray:
    keys = ride(measured(samples), whole(samples), wanted_lu)
    time = np.arange(len(samples)) / RATE_HZ
    gain = np.interp(time, [key.time_s for key in keys], [key.gain_db for key in keys])
    return (samples * 10 ** (gain / 20)[:, None]).astype(np.float32)


@pytest.mark.parametrize("wanted_lu", [2.0, 5.0, 14.0])
def test_the_range_becomes_the_wanted_one(wanted_lu: float):
    samples = uneven()
    assert 7 < measured(samples).range_lu < 13
    assert measured(faded(samples, wanted_lu)).range_lu == pytest.approx(wanted_lu, abs=0.6)


def test_a_range_that_is_right_is_left_alone():
    samples = uneven()
    sound = measured(samples)
    assert ride(sound, whole(samples), sound.range_lu) == ()
    assert ride(sound, [AudioPiece(start_s=0, source_start_s=0, duration_s=2.0)], 9.0) == ()


def test_the_room_between_the_words_is_not_lifted():
    loud, quiet, room = pink(20, -20, 2), pink(20, -32, 3), pink(20, -65, 4)
    samples = np.concatenate([loud, room, quiet])
    change = 20 * np.log10(np.abs(faded(samples, 1.0)) / np.maximum(np.abs(samples), 1e-9) + 1e-9)[:, 0]
    middle = slice(25 * RATE_HZ, 35 * RATE_HZ)
    assert np.median(change[50 * RATE_HZ :]) - np.median(change[: 10 * RATE_HZ]) > 6
    assert np.median(change[middle]) <= 0.1


def test_long_films_keep_few_keys():
    level = np.random.default_rng(5).normal(-25, 6, 36_000)
    level = np.convolve(level, np.ones(40) / 40, mode="same") * 3 + 50
    sound = measured(uneven(4.0)).model_copy(update={"weighted_db": tuple(level), "range_lu": 8.0})
    keys = ride(sound, [AudioPiece(start_s=0, source_start_s=0, duration_s=3600)], 2.0)
    assert 100 < len(keys) <= 400


def test_level_follows_the_pieces():
    samples = uneven()
    sound = measured(samples)
    pieces = [
        AudioPiece(start_s=0, source_start_s=30, duration_s=5),
        AudioPiece(start_s=6, source_start_s=2, duration_s=4),
    ]
    level = heard_level_db(sound, pieces)
    assert len(level) == 100
    assert tuple(level[:50]) == sound.weighted_db[300:350]
    assert set(level[50:60]) == {-80.0}
    assert tuple(level[60:]) == sound.weighted_db[20:60]
    assert range_lu(np.array(sound.weighted_db), 10) == pytest.approx(sound.range_lu, abs=0.3)


def test_planning_and_rendering_share_their_filters():
    for name in ("BASS_SHELF_HZ", "SHELF_Q", "PRESENCE_HZ", "PRESENCE_OCTAVES"):
        assert getattr(tone, name) == getattr(rendering, name)


@pytest.mark.parametrize(("bass_db", "presence_db", "highpass_hz"), [(6, 0, 35), (-9, 0, 80), (0, 6, 35), (12, 4, 35)])
def test_the_equaliser_does_what_is_predicted(bass_db: float, presence_db: float, highpass_hz: float):
    samples = pink(20, -25, 6)
    # a hum at the lower edge and a hole above it: not the shape the prediction would be right for by luck
    time = np.arange(len(samples)) / RATE_HZ
    samples = samples + 0.05 * np.sin(2 * np.pi * 60 * time)[:, None].astype(np.float32)
    filters = (
        f"highpass=f={highpass_hz}:poles=2,lowshelf=g={bass_db}:f={tone.BASS_SHELF_HZ}:width_type=q:w={tone.SHELF_Q},"
        f"equalizer=f={tone.PRESENCE_HZ}:width_type=o:w={tone.PRESENCE_OCTAVES}:g={presence_db}"
    )
    command = [FFMPEG, "-v", "error", "-f", "f32le", "-ar", "48000", "-ac", "1", "-i", "-", "-af", filters]
    done = subprocess.run([*command, "-f", "f32le", "-"], input=samples.tobytes(), capture_output=True, check=True)
    after = measured(np.frombuffer(done.stdout, np.float32)[:, None])
    predicted = tone.tone_after(measured(samples), tone.Equaliser(highpass_hz, bass_db, presence_db))
    assert after.bass_db == pytest.approx(predicted.bass_db, abs=0.6)
    assert after.presence_db == pytest.approx(predicted.presence_db, abs=0.4)
    rms_over_loudness_db = after.true_peak_dbtp - after.crest_db - after.integrated_lufs
    assert rms_over_loudness_db == pytest.approx(predicted.rms_over_loudness_db, abs=0.4)
