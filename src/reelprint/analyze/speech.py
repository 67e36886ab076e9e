"""Where a film speaks, plays music, or is silent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import Evidence, Known, SampleShelf, Tick
from reelprint.analyze.silence import LevelTrack, silent_spans
from reelprint.core.sound import Span, SpeechMeasure

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Flags = NDArray[np.bool_]

FRAMES_PER_S = 100


class SoundClassifier(Protocol):
    """Port: what one hears, every 10 ms."""

    rate_hz: int
    """sample rate it wants"""
    context_s: float
    """sound before and after a moment that can change its answer there"""

    def classify(self, samples: F32) -> F32:
        """(frames, 3) probabilities 0..1 of speech, singing and music (not exclusive) for (n,) mono samples.

        Frame i stands for the 10 ms from i / 100 s; too short a sound has no frames.
        """


_PIECE_S = 20.0
# The classifier was trained at broadcast levels; -36 LUFS music is missed for its level alone.
_CLASSIFIER_LUFS = -20.0
_GAIN_LIMIT_DB = (-12.0, 24.0)
_ON, _OFF = 0.5, 0.3
_SHORTEST_SPEECH_S = 0.2
_BRIDGED_GAP_S = 0.25


class SpeechAnalyzer:
    """Classifies the mono shelf piece by piece; silences come from the level alone.

    Pieces overlap by the classifier's context, so the answer does not depend on where they are cut.
    A voice that sings to no music is taken for speech: read verse is often heard as singing.
    """

    name = "speech"
    version = 1

    def __init__(self, classifier: SoundClassifier) -> None:
        self._classifier = classifier

    def measure(self, evidence: Evidence, known: Known, tick: Tick) -> SpeechMeasure:
        """Measure; uses ``known.loudness`` for the level. Without sound the whole film is one silence."""
        if evidence.sound is None or known.loudness is None:
            return SpeechMeasure(silences=(Span(start_s=0.0, end_s=evidence.duration_s),))
        shelf = evidence.sound.mono
        if shelf.rate_hz != self._classifier.rate_hz:
            raise ValueError(f"the classifier wants {self._classifier.rate_hz} Hz, the mono shelf has {shelf.rate_hz}")
        gain_db = float(np.clip(_CLASSIFIER_LUFS - known.loudness.integrated_lufs, *_GAIN_LIMIT_DB))
        level = LevelTrack(shelf.rate_hz)
        probabilities = []
        for done_s, samples, frames in self._pieces(shelf, 10.0 ** (gain_db / 20.0), level):
            probabilities.append(self._classifier.classify(samples)[frames])
            tick(min(1.0, done_s / evidence.duration_s))
        heard = np.concatenate(probabilities) if probabilities else np.zeros((0, 3), np.float32)
        voice, singing, music = _smooth(heard).T
        speaks = _hysteresis(np.maximum(voice, singing * (1.0 - music)))
        plays = _hysteresis(music)
        speech, played = (_spans(_tidy(flags), evidence.duration_s) for flags in (speaks, plays))
        return SpeechMeasure(
            speech=speech,
            music=played,
            silences=silent_spans(level.db(), speaks, evidence.duration_s),
            speech_share=_share(speech, evidence.duration_s),
            music_share=_share(played, evidence.duration_s),
        )

    def _pieces(self, shelf: SampleShelf, gain: float, level: LevelTrack) -> Iterator[tuple[float, F32, slice]]:
        """Samples with context on both sides, and which of their frames are the piece's own."""
        size = int(_PIECE_S * shelf.rate_hz)
        context = int(self._classifier.context_s * FRAMES_PER_S) * (shelf.rate_hz // FRAMES_PER_S)
        for start in range(0, shelf.count, size):
            first, stop = max(0, start - context), min(shelf.count, start + size)
            samples = shelf.read(first, min(shelf.count, stop + context))[:, 0]
            level.feed(samples[start - first : stop - first])
            own = (start - first) * FRAMES_PER_S // shelf.rate_hz
            yield stop / shelf.rate_hz, samples * np.float32(gain), slice(own, own + int(_PIECE_S) * FRAMES_PER_S)


def _spans(flags: Flags, duration_s: float) -> tuple[Span, ...]:
    """Runs as spans inside the film."""
    ranges = [(start / FRAMES_PER_S, min(end / FRAMES_PER_S, duration_s)) for start, end in _runs(flags)]
    return tuple(Span(start_s=start, end_s=end) for start, end in ranges if end > start)


def _share(spans: tuple[Span, ...], duration_s: float) -> float:
    return min(1.0, sum(span.end_s - span.start_s for span in spans) / duration_s)


def _smooth(probabilities: F32, frames: int = 5) -> F32:
    """Moving average over 50 ms, per class."""
    if len(probabilities) < frames:
        return probabilities
    padded = np.pad(probabilities, ((frames // 2, frames // 2), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, frames, axis=0)
    smooth: F32 = windows.mean(axis=2, dtype=np.float32)
    return smooth


def _hysteresis(probability: F32) -> Flags:
    """True from where a run above the lower threshold reaches the upper one."""
    result = np.zeros(len(probability), bool)
    for start, end in _runs(probability >= _OFF):
        result[start:end] = bool(probability[start:end].max() >= _ON)
    return result


def _tidy(flags: Flags) -> Flags:
    """Close short gaps, then drop what is too short for a word."""
    result = flags.copy()
    inside = np.flatnonzero(flags)
    for start, end in _runs(~flags):
        between = len(inside) and inside[0] < start and end <= inside[-1]
        if between and end - start < _BRIDGED_GAP_S * FRAMES_PER_S:
            result[start:end] = True
    for start, end in _runs(result):
        if end - start < _SHORTEST_SPEECH_S * FRAMES_PER_S:
            result[start:end] = False
    return result


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """Half-open index ranges where flags are true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
