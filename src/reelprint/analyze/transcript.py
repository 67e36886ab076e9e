"""What is said in a film, by a model that listens."""

from __future__ import annotations

import hashlib
from typing import Protocol

from reelprint.analyze.evidence import Evidence, Known, SampleShelf, Tick
from reelprint.core.transcript import Transcript


class Transcriber(Protocol):
    """Port: a speech model."""

    @property
    def name(self) -> str:
        """Which model, by its content: another model, or another way of using it, has another name."""

    def transcribe(self, sound: SampleShelf, language: str | None, tick: Tick) -> Transcript:
        """Listen to 16 kHz mono sound piece by piece, in bounded memory; times count from its first sample.

        ``language``: ISO 639-1, None to detect it. ``tick`` gets the share of seconds done. Raises ModelMissing when
        the model cannot be loaded, DocumentError when it does not know the language, Cancelled.
        """


class TranscriptAnalyzer:
    """Measures ``transcript``: a film without sound, or without speech, has one without words."""

    name = "transcript"

    def __init__(self, transcriber: Transcriber, language: str | None) -> None:
        self._transcriber, self._language = transcriber, language

    @property
    def version(self) -> int:
        """Different for every model and language asked for."""
        text = f"1/{self._transcriber.name}/{self._language or 'auto'}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")

    def measure(self, evidence: Evidence, known: Known, tick: Tick) -> Transcript:  # noqa: ARG002 - see Analyzer
        """Listen. Raises what the transcriber raises."""
        if evidence.sound is None:
            return Transcript(model=self._transcriber.name)
        return self._transcriber.transcribe(evidence.sound.mono, self._language, tick)
