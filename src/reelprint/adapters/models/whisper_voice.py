"""Where somebody speaks: Silero VAD (MIT; its ONNX file lies inside the faster-whisper wheel), read piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import SampleShelf, Tick
from reelprint.core.errors import ModelMissing

F32 = NDArray[np.float32]

RATE_HZ = 16_000
WINDOW_SAMPLES = 512
WINDOW_S = WINDOW_SAMPLES / RATE_HZ
#: One minute at a time; two seconds before it bring the detector's memory into the state it would have.
_BLOCK_WINDOWS, _WARM_WINDOWS = 1875, 63
_ON, _OFF = 0.5, 0.35
#: Closures inside words are shorter than this.
SHORTEST_PAUSE_S = 0.12
#: A blip this short that stands alone is a drum, a click or a breath.
_SHORTEST_ALONE_S, _ALONE_S = 0.16, 0.8
# Measured against forced alignment: the detector answers a little late at onsets and hangs on after the end.
_LEAD_S, _TRAIL_S = 0.03, -0.02
#: The detector hears speech down to about -60 dBFS; quieter recordings are lifted to this level.
_WANTED_DB, _MOST_GAIN_DB = -26.0, 40.0

Detector = Callable[[F32], F32]
"""Probability of speech per window of 512 samples, for (n * 512,) samples at 16 kHz."""


class Voiced(NamedTuple):
    """A stretch of speech, seconds."""

    start_s: float
    end_s: float


def silero() -> Detector:
    """The detector. Raises ModelMissing."""
    try:
        model: Any = import_module("faster_whisper.vad").get_vad_model()
    except Exception as error:  # a wheel without its file, or an onnxruntime that refuses it
        raise ModelMissing(
            "the voice detector cannot be loaded: reinstall faster-whisper", detail=str(error)
        ) from error

    def detect(samples: F32) -> F32:
        # it zeroes the last 64 samples of what it is given: a window more, which is thrown away
        padded = np.pad(samples, (0, WINDOW_SAMPLES))
        answers: F32 = model(padded).reshape(-1)[:-1]
        return answers

    return detect


def speech_probability(sound: SampleShelf, detect: Detector, tick: Tick) -> F32:
    """(n,) probability of speech per 32 ms. ``tick`` gets the share done."""
    gain = np.float32(10.0 ** (_gain_db(sound) / 20.0))
    block = _BLOCK_WINDOWS * WINDOW_SAMPLES
    found = []
    for start in range(0, sound.count, block):
        stop = min(sound.count, start + block)
        first = max(0, start - _WARM_WINDOWS * WINDOW_SAMPLES)
        samples = sound.read(first, stop)[:, 0] * gain
        padded = np.pad(samples, (0, -len(samples) % WINDOW_SAMPLES)).astype(np.float32)
        found.append(detect(padded)[(start - first) // WINDOW_SAMPLES :])
        tick(stop / sound.count)
    return np.concatenate(found) if found else np.zeros(0, np.float32)


def voiced_stretches(probability: F32, duration_s: float) -> list[Voiced]:
    """Stretches of speech, ends put where the sound begins and ends; pauses between them are at least 0.12 s."""
    runs: list[Voiced] = []
    since: int | None = None
    for window, value in enumerate((*probability.tolist(), 0.0)):
        if since is None and value >= _ON:
            since = window
        elif since is not None and value < _OFF:
            start_s, end_s = max(0.0, since * WINDOW_S - _LEAD_S), min(duration_s, window * WINDOW_S + _TRAIL_S)
            since = None
            if runs and start_s - runs[-1].end_s < SHORTEST_PAUSE_S:
                runs[-1] = Voiced(runs[-1].start_s, end_s)
            elif end_s > start_s:
                runs.append(Voiced(start_s, end_s))
    return [run for number, run in enumerate(runs) if not _blip(runs, number)]


def _blip(runs: Sequence[Voiced], number: int) -> bool:
    run = runs[number]
    before_s = run.start_s - runs[number - 1].end_s if number else np.inf
    after_s = runs[number + 1].start_s - run.end_s if number + 1 < len(runs) else np.inf
    return run.end_s - run.start_s < _SHORTEST_ALONE_S and min(before_s, after_s) > _ALONE_S


def _gain_db(sound: SampleShelf) -> float:
    """What brings the loud tenth of a sound to the level that the detector likes; never less than 0."""
    levels = []
    for block in sound.blocks(60.0):
        whole = len(block) // 1600 * 1600
        if whole:
            frames = block[:whole, 0].reshape(-1, 1600)
            levels.append(np.einsum("fs,fs->f", frames, frames, dtype=np.float64) / 1600)
    if not levels:
        return 0.0
    loud_db = 10.0 * np.log10(max(float(np.percentile(np.concatenate(levels), 90)), 1e-12))
    return float(np.clip(_WANTED_DB - loud_db, 0.0, _MOST_GAIN_DB))
