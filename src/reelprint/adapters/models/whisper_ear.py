"""Whisper by CTranslate2 (int8 on the CPU): one piece of sound in, words with rough times out."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from reelprint.adapters.models.whisper_voice import RATE_HZ
from reelprint.core.errors import ModelMissing

F32 = NDArray[np.float32]

#: Measured against 1: the same on clean speech, a tenth fewer errors under music or in a telephone band, 5-10 % slower.
_BEAM = 5
#: The model's own signs that nobody spoke (Radford et al. 2022, section 4.5).
_NO_SPEECH, _UNSURE = 0.6, -1.0


class Heard(NamedTuple):
    """A word as the model gives it; ``text`` keeps the space before it. Seconds from the start of the piece."""

    text: str
    start_s: float
    end_s: float
    probability: float


class Ear(Protocol):
    """A loaded speech model. Several threads may use it."""

    @property
    def languages(self) -> tuple[str, ...]:
        """What it knows, ISO 639-1 (a few have three letters)."""

    def language(self, samples: F32) -> dict[str, float]:
        """Probability of each language for up to 30 s of (n,) mono samples at 16 kHz."""

    def listen(self, samples: F32, language: str, *, again: bool) -> list[Heard]:
        """Words of up to 30 s. ``again``: it went round in circles before; keep it from repeating itself."""


class WhisperEar:
    """``Ear`` by faster-whisper.

    One thread per piece and as many pieces at once as there are threads: that keeps all cores busy, while several
    threads on one piece wait for each other (measured: 1.4 to 2.4 times slower), and makes the answer independent of
    their number. Temperature 0: no chance is involved.
    """

    def __init__(self, folder: Path, workers: int) -> None:
        """Load the model. Raises ModelMissing."""
        library: Any = import_module("faster_whisper")
        try:
            self._model: Any = library.WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=1, num_workers=workers,
                local_files_only=True,
            )  # fmt: skip
        except Exception as error:  # CTranslate2 and the tokenizer raise what they like for files they cannot read
            raise ModelMissing("the speech model cannot be loaded", detail=f"{folder}: {error}") from error
        self._pipeline: Any = library.BatchedInferencePipeline

    @property
    def languages(self) -> tuple[str, ...]:
        """See Ear."""
        return tuple(self._model.supported_languages)

    def language(self, samples: F32) -> dict[str, float]:
        """See Ear."""
        if len(self.languages) == 1:
            return dict.fromkeys(self.languages, 1.0)
        return {name: float(share) for name, share in self._model.detect_language(audio=samples)[2]}

    def listen(self, samples: F32, language: str, *, again: bool) -> list[Heard]:
        """See Ear."""
        segments, _ = self._pipeline(self._model).transcribe(  # a pipeline remembers its last word: one for each piece
            samples,
            language=language,
            beam_size=_BEAM,
            temperature=0.0,
            word_timestamps=True,
            batch_size=1,
            clip_timestamps=[{"start": 0.0, "end": len(samples) / RATE_HZ}],
            no_repeat_ngram_size=4 if again else 0,
            repetition_penalty=1.1 if again else 1.0,
        )
        return [
            Heard(word.word, float(word.start), float(word.end), float(word.probability))
            for segment in segments
            if segment.no_speech_prob <= _NO_SPEECH or segment.avg_logprob >= _UNSURE
            for word in segment.words
        ]
