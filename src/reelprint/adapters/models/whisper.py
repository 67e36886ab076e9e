"""Transcription with Whisper on the CPU: implements ``analyze.transcript.Transcriber``.

Find where somebody speaks (Silero), cut that into pieces at pauses, listen to the pieces, put the words on the sound.
Memory holds a minute of sound, then a piece for each thread, whatever the length of the film.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TypeVar

import numpy as np

from reelprint.adapters.models.whisper_cuts import Piece, pieces
from reelprint.adapters.models.whisper_ear import F32, Ear, Heard, WhisperEar
from reelprint.adapters.models.whisper_voice import (
    RATE_HZ,
    Detector,
    silero,
    speech_probability,
    voiced_stretches,
)
from reelprint.adapters.models.whisper_weights import Weights, weights
from reelprint.adapters.models.whisper_words import circles, words
from reelprint.analyze.evidence import SampleShelf, Tick
from reelprint.core.errors import DocumentError
from reelprint.core.transcript import Transcript, Word

#: Raise it when the same model gives other words or times.
_METHOD = 1
#: Share of the time that finding the speech takes.
_FINDING = 0.06
#: One piece in so many, spread over the film, tells its language, five at most: each costs a third of listening to it.
_LANGUAGE_EVERY, _LANGUAGE_PIECES = 6, 5
#: Pieces with less speech tell little.
_TELLING_S = 3.0
_TICK_S = 0.4

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def whisper(model: str | None, store: Path, workers: int) -> WhisperTranscriber:
    """``model``: a folder, a hub name, or None for the packaged one; ``store``: where model files may be kept."""
    return WhisperTranscriber(weights(model, store), workers)


class WhisperTranscriber:
    """Loads its model at the first use. The same sound gives the same transcript on any number of threads."""

    def __init__(
        self,
        source: Weights,
        workers: int,
        load: Callable[[Path, int], Ear] = WhisperEar,
        load_detector: Callable[[], Detector] = silero,
    ) -> None:
        self._source, self._workers = source, max(1, workers)
        self._load, self._load_detector = load, load_detector
        self._ear: Ear | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """See Transcriber."""
        return f"whisper/{_METHOD}/{self._source.name}"

    def transcribe(self, sound: SampleShelf, language: str | None, tick: Tick) -> Transcript:
        """See Transcriber. Cancelled comes when the pieces that are being listened to (29 s each) are done."""
        if sound.rate_hz != RATE_HZ or sound.channels != 1:
            raise ValueError(f"speech is heard in 16 kHz mono, not {sound.rate_hz} Hz in {sound.channels} channels")
        if language is not None and language not in (known := self._loaded().languages):
            raise DocumentError(
                f"the speech model does not know the language {language!r}; it knows {', '.join(known)}",
                detail="language",
            )
        duration_s = sound.count / RATE_HZ
        tick(0.0)
        probability = speech_probability(sound, self._load_detector(), lambda share: tick(_FINDING * share))
        cut = pieces(voiced_stretches(probability, duration_s), probability, duration_s)
        if not cut:
            return Transcript(model=self.name)
        certainty = 1.0
        if language is None:
            language, certainty = self._spoken(sound, cut, tick)
        found = list(self._listen(sound, cut, language, tick))
        speech_s = round(sum(piece.speech_s for piece in cut), 3)
        if not found:
            return Transcript(model=self.name, speech_s=speech_s)
        return Transcript(
            language=language,
            language_probability=certainty,
            model=self.name,
            speech_s=speech_s,
            words=tuple(found),
        )

    def _loaded(self) -> Ear:
        with self._lock:
            if self._ear is None:
                self._ear = self._load(self._source.folder(), self._workers)
            return self._ear

    def _spoken(self, sound: SampleShelf, cut: Sequence[Piece], tick: Tick) -> tuple[str, float]:
        """The likeliest language over pieces from all parts of the film, and its mean probability."""
        ear = self._loaded()
        telling = [piece for piece in cut if piece.speech_s >= _TELLING_S] or cut
        count = min(len(telling), 1 + len(telling) // _LANGUAGE_EVERY, _LANGUAGE_PIECES)
        places = ((np.arange(count) + 0.5) * len(telling) / count).astype(int)
        chosen = [telling[place] for place in places]
        totals: dict[str, float] = {}
        asked = ((piece, _samples(sound, piece)) for piece in chosen)
        for _, answer in self._side_by_side(lambda one: ear.language(one[1]), asked, lambda: tick(_FINDING)):
            for name, share in answer.items():
                totals[name] = totals.get(name, 0.0) + share / len(chosen)
        best = max(sorted(totals), key=lambda name: totals[name])
        return best, min(1.0, totals[best])

    def _listen(self, sound: SampleShelf, cut: Sequence[Piece], language: str, tick: Tick) -> Iterator[Word]:
        ear = self._loaded()

        def hear(one: tuple[Piece, F32]) -> list[Heard]:
            heard = ear.listen(one[1], language, again=False)
            return ear.listen(one[1], language, again=True) if circles(heard) else heard

        done_s, all_s = 0.0, sum(piece.end_s - piece.start_s for piece in cut)

        def told() -> None:
            tick(_FINDING + (1.0 - _FINDING) * done_s / all_s)

        asked = ((piece, _samples(sound, piece)) for piece in cut)
        for (piece, _), heard in self._side_by_side(hear, asked, told):
            done_s += piece.end_s - piece.start_s
            told()
            yield from words(heard, piece, language)

    def _side_by_side(
        self, work: Callable[[Asked], Answer], asked: Iterable[Asked], tick: Callable[[], None]
    ) -> Iterator[tuple[Asked, Answer]]:
        """Questions with their answers, in order; as many at once as there are threads, none of them read ahead."""
        waiting = iter(asked)
        running: list[tuple[Asked, Future[Answer]]] = []
        with ThreadPoolExecutor(self._workers, thread_name_prefix="listen") as pool:
            while True:
                while (
                    sum(not future.done() for _, future in running) < self._workers
                    and len(running) <= 2 * self._workers
                ):
                    question = next(waiting, None)
                    if question is None:
                        break
                    running.append((question, pool.submit(work, question)))
                if not running:
                    return
                wait([future for _, future in running if not future.done()], _TICK_S, FIRST_COMPLETED)
                tick()
                while running and running[0][1].done():
                    question, future = running.pop(0)
                    yield question, future.result()


def _samples(sound: SampleShelf, piece: Piece) -> F32:
    return np.ascontiguousarray(sound.read(round(piece.start_s * RATE_HZ), round(piece.end_s * RATE_HZ))[:, 0])
