"""The packaged speech model on real sound."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import av
import numpy as np
import pytest

from reelprint.adapters.models.whisper import WhisperTranscriber, whisper
from reelprint.core.errors import DocumentError
from reelprint.core.transcript import written
from tests.evidence import MemorySamples
from tests.media import FOOTAGE
from tests.sounds import drums, noise

SPEECH = FOOTAGE / "speech" / "jfk.flac"
TEXT = "and so my fellow americans ask not what your country can do for you ask what you can do for your country"
#: Where the phrases between the speaker's pauses begin and end, by the level of the sound, seconds.
PHRASES = ((0.33, 2.25), (3.28, 3.8), (4.0, 4.4), (5.4, 7.65), (8.2, 10.5))


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> WhisperTranscriber:
    return whisper(None, tmp_path_factory.mktemp("models"), 2)


def _heedless(_share: float) -> None:
    """Nobody listens."""


def _shelf(samples: np.ndarray) -> MemorySamples:
    return MemorySamples(samples.reshape(-1, 1).astype(np.float32), 16_000)


def _read(path: Path) -> np.ndarray:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=16_000)
    with av.open(str(path)) as source:
        frames = [part for frame in source.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in [*frames, *resampler.resample(None)]])


@pytest.mark.skipif(not SPEECH.is_file(), reason="needs the speech in ../shared/footage")
def test_real_speech_becomes_words_at_their_times(listener: WhisperTranscriber) -> None:
    speech = _read(SPEECH)
    # silence first: times must not count from the first word, and nothing may be made up for it
    film = _shelf(np.concatenate([np.zeros(16_000 * 6), speech, np.zeros(16_000 * 6)]))
    shares: list[float] = []
    found = listener.transcribe(film, None, shares.append)
    assert re.findall(r"[a-z]+", written(found.words).lower()) == TEXT.split()
    assert (found.language, found.model) == ("en", listener.name)
    assert found.language_probability > 0.8
    assert 6.5 < found.speech_s < 9.5
    assert all(one.end_s <= other.start_s for one, other in itertools.pairwise(found.words))
    starts_s = [word.start_s - 6 for word in found.words]
    ends_s = [word.end_s - 6 for word in found.words]
    for start_s, end_s in PHRASES:
        assert min(abs(one - start_s) for one in starts_s) < 0.12, f"no word begins at {start_s} s"
        assert min(abs(one - end_s) for one in ends_s) < 0.15, f"no word ends at {end_s} s"
    assert shares == sorted(shares)
    assert listener.transcribe(film, None, _heedless) == found, "the same sound, another transcript"


def test_what_is_no_speech_has_no_words(listener: WhisperTranscriber) -> None:
    rhythm = drums(120, 8.0)[0][::3]
    sounds = {
        "silence": np.zeros(16_000 * 8),
        "noise": noise(8.0, -30.0)[::3],
        "music": rhythm,
    }
    for name, samples in sounds.items():
        found = listener.transcribe(_shelf(samples), None, _heedless)
        assert (found.words, found.language) == ((), None), name


def test_real_languages_are_known_and_others_are_told(listener: WhisperTranscriber) -> None:
    silence = _shelf(np.zeros(16_000))
    for language in ("de", "ja", "ar"):
        assert not listener.transcribe(silence, language, _heedless).words
    with pytest.raises(DocumentError, match="'klingon'"):
        listener.transcribe(silence, "klingon", _heedless)
