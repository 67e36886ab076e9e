"""The transcriber with a model that is made up: order, languages, bounds, stops."""

from __future__ import annotations

import dataclasses
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from reelprint.adapters.models.whisper import WhisperTranscriber
from reelprint.adapters.models.whisper_ear import F32, Heard
from reelprint.adapters.models.whisper_voice import WINDOW_SAMPLES
from reelprint.analyze.evidence import Known
from reelprint.analyze.transcript import TranscriptAnalyzer
from reelprint.core.errors import Cancelled, DocumentError
from reelprint.core.transcript import Transcript
from tests.evidence import MemorySamples
from tests.sounds import memory_sound


class Source:
    name = "fake-1"

    def folder(self) -> Path:
        return Path()


class FakeEar:
    """Hears a word in every burst of sound, called by the sound's value; values over 50 are German."""

    languages = ("en", "de")

    def __init__(self) -> None:
        self.calls: list[tuple[int, str, bool]] = []
        self.longest = self.now = self.most = 0
        self.round = False
        self._lock = threading.Lock()

    def language(self, samples: F32) -> dict[str, float]:
        german = float(np.max(samples)) > 50
        return {"en": 0.1, "de": 0.9} if german else {"en": 0.8, "de": 0.2}

    def listen(self, samples: F32, language: str, *, again: bool) -> list[Heard]:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
            self.calls.append((len(samples), language, again))
        time.sleep(0.002 * (30 - len(samples) / 16_000))  # short ones last longer: order must not depend on it
        with self._lock:
            self.now -= 1
        if self.round and not again:
            return [Heard(" so", 1 + n / 100, 1 + n / 100, 0.9) for n in range(50)]
        edges = np.flatnonzero(np.diff(np.pad((samples != 0).astype(np.int8), 1)))
        return [
            Heard(f" w{samples[start]:.0f}", start / 16_000 - 0.1, end / 16_000 - 0.1, 0.9)
            for start, end in zip(edges[::2], edges[1::2], strict=True)
        ]


def _sounding(block: F32) -> F32:
    return (np.abs(block.reshape(-1, WINDOW_SAMPLES)).max(axis=1) > 0).astype(np.float32)


def _sound(seconds: dict[int, float], length_s: int) -> MemorySamples:
    """Half a second of a value in the middle of each second given."""
    samples = np.zeros((length_s * 16_000, 1), np.float32)
    for second, value in seconds.items():
        samples[second * 16_000 + 3_200 : second * 16_000 + 14_400] = value
    return MemorySamples(samples, 16_000)


def _transcriber(ear: FakeEar, workers: int = 2) -> WhisperTranscriber:
    return WhisperTranscriber(Source(), workers, lambda _folder, _workers: ear, lambda: _sounding)


def _heedless(_share: float) -> None:
    """Nobody listens."""


LONG = {second: float(second) for second in range(1, 200) if second % 7}


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_word_comes_once_in_order_and_at_its_time(workers: int) -> None:
    ear = FakeEar()
    found = _transcriber(ear, workers).transcribe(_sound(LONG, 201), "en", _heedless)
    assert [word.text for word in found.words] == [f"w{second}" for second in LONG]
    for word, second in zip(found.words, LONG, strict=True):
        assert word.start_s == pytest.approx(second + 0.2, abs=0.08)
        assert word.end_s == pytest.approx(second + 0.9, abs=0.08)
    assert max(length for length, *_ in ear.calls) <= 29 * 16_000
    assert ear.most <= workers
    assert found.speech_s == pytest.approx(0.7 * len(LONG), rel=0.1)
    assert (found.language, found.model) == ("en", "whisper/1/fake-1")


def test_the_language_is_told_by_the_whole_film_not_by_its_beginning() -> None:
    film = _sound({second: 5.0 if second < 20 else 90.0 for second in range(1, 200)}, 201)
    found = _transcriber(ear := FakeEar()).transcribe(film, None, _heedless)
    assert found.language == "de"
    assert 0.5 < found.language_probability < 1
    assert {language for _, language, _ in ear.calls} == {"de"}, "once found it holds for the whole film"


def test_a_language_that_is_given_is_not_looked_for() -> None:
    found = _transcriber(FakeEar()).transcribe(_sound({1: 90.0, 2: 90.0}, 4), "en", _heedless)
    assert (found.language, found.language_probability) == ("en", 1.0)


def test_a_language_that_the_model_does_not_know_is_told() -> None:
    with pytest.raises(DocumentError, match="'xx'") as told:
        _transcriber(FakeEar()).transcribe(_sound({}, 3), "xx", _heedless)
    assert told.value.detail == "language"


@pytest.mark.parametrize("language", [None, "en"])
def test_without_speech_there_are_no_words_and_no_language(language: str | None) -> None:
    ear = FakeEar()
    found = _transcriber(ear).transcribe(_sound({}, 40), language, _heedless)
    assert found == Transcript(model="whisper/1/fake-1")
    assert not ear.calls


def test_an_empty_sound_has_no_words() -> None:
    assert not _transcriber(FakeEar()).transcribe(_sound({}, 0), None, _heedless).words


def test_a_film_without_speech_needs_no_model() -> None:
    def load(_folder: Path, _workers: int) -> FakeEar:
        raise AssertionError("loaded")

    listener = WhisperTranscriber(Source(), 2, load, lambda: _sounding)
    assert not listener.transcribe(_sound({}, 40), None, _heedless).words


def test_a_model_that_goes_in_circles_is_asked_again_to_leave_that() -> None:
    ear = FakeEar()
    ear.round = True
    found = _transcriber(ear).transcribe(_sound({1: 4.0, 2: 5.0}, 4), "en", _heedless)
    assert [again for *_, again in ear.calls] == [False, True]
    assert [word.text for word in found.words] == ["w4", "w5"]


def test_progress_rises_to_the_end() -> None:
    shares: list[float] = []
    _transcriber(FakeEar()).transcribe(_sound(LONG, 201), None, shares.append)
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == pytest.approx(1.0)


def test_a_stop_comes_through_and_starts_no_further_piece() -> None:
    ear = FakeEar()

    def tick(share: float) -> None:
        if share > 0.3:
            raise Cancelled("enough")

    with pytest.raises(Cancelled, match="enough"):
        _transcriber(ear).transcribe(_sound(LONG, 201), "en", tick)
    assert len(ear.calls) < 6
    assert ear.now == 0, "a thread is left"


def test_a_failure_of_the_model_comes_through() -> None:
    class Broken(FakeEar):
        def listen(self, samples: F32, language: str, *, again: bool) -> list[Heard]:
            raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        _transcriber(Broken()).transcribe(_sound(LONG, 201), "en", _heedless)


def test_the_analyzer_is_another_one_for_every_model_and_language() -> None:
    listener = _transcriber(FakeEar())
    other = WhisperTranscriber(type("Other", (Source,), {"name": "fake-2"})(), 2)
    versions = {
        TranscriptAnalyzer(one, language).version for one in (listener, other) for language in (None, "en", "de")
    }
    assert len(versions) == 6
    assert TranscriptAnalyzer(listener, "de").version in versions


def test_the_analyzer_reads_the_speech_shelf_and_a_silent_film_has_no_words() -> None:
    film = memory_sound(np.zeros((96_000, 1), np.float32), _sound({1: 4.0}, 2).data)
    analyzer = TranscriptAnalyzer(_transcriber(FakeEar()), None)
    assert [word.text for word in analyzer.measure(film, Known(), _heedless).words] == ["w4"]
    silent = dataclasses.replace(film, sound=None)
    assert analyzer.measure(silent, Known(), _heedless) == Transcript(model="whisper/1/fake-1")
