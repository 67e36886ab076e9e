"""The audio style: four numbers of how a film's sound was treated (CONTRACT section 4, DESIGN section 4).

Each is defined by what was measured, so that a film rendered after a style gives the style's numbers back.
"""

from __future__ import annotations

from reelprint.core.sound import LoudnessMeasure, SpeechMeasure
from reelprint.core.style import AudioStyle

#: LUFS = LOUDNESS_SPAN * normalization_level - LOUDNESS_OFFSET: -14 LUFS (social media) is 0.84, -23 (EBU R128) 0.55.
LOUDNESS_OFFSET, LOUDNESS_SPAN = 40.0, 31.0
#: What an unprocessed programme has; less of either is compression. The range is that of EBU Tech 3343's wide drama,
#: the crest factor that of voices and instruments at a microphone.
NATURAL_RANGE_LU, NATURAL_CREST_DB = 12.0, 20.0
HIGHEST_RATIO = 10.0
#: Bass over the neutral spectrum that counts as full boost.
FULL_BOOST_DB = 15.0
_SPEECH_DOMINATES = 0.4
_SPEECH_OVER_NOISE_DB = 12.0
#: Presence against the neutral spectrum from which a voice counts as lifted. Measured: studio readings -4..0 dB,
#: close-miked speech -6.5 dB, a 1961 public address -8 dB.
LIFTED_PRESENCE_DB = -7.0


def audio_style(loudness: LoudnessMeasure | None, speech: SpeechMeasure) -> AudioStyle:
    """The style of a film's sound. Without sound: level 0, ratio 1, no boost, no speech treatment."""
    if loudness is None:
        return AudioStyle(normalization_level=0.0, compression_ratio=1.0, bass_boost=0.0, enhance_speech=False)
    return AudioStyle(
        normalization_level=round(normalization_level(loudness.integrated_lufs), 4),
        compression_ratio=round(compression_ratio(loudness.range_lu, loudness.crest_db), 3),
        bass_boost=round(bass_boost(loudness.bass_db), 2),
        enhance_speech=enhances_speech(loudness, speech),
    )


def normalization_level(integrated_lufs: float) -> float:
    """0 at -40 LUFS and under, 1 at -9 LUFS and over."""
    return min(1.0, max(0.0, (integrated_lufs + LOUDNESS_OFFSET) / LOUDNESS_SPAN))


def compression_ratio(range_lu: float, crest_db: float) -> float:
    """How many decibels of natural dynamics went into one: 1 = untouched, 10 at most.

    Geometric mean of the two relations natural / measured, each at least 1/2, so that a wide range and a low crest
    factor (loud but edited by hand) cancel as they should. A range of 0 (one steady sound) is read as 2 LU.
    """
    by_range = NATURAL_RANGE_LU / min(max(range_lu, 2.0), 2 * NATURAL_RANGE_LU)
    by_crest = NATURAL_CREST_DB / min(max(crest_db, 3.0), 2 * NATURAL_CREST_DB)
    return float(min(HIGHEST_RATIO, max(1.0, (by_range * by_crest) ** 0.5)))


def bass_boost(bass_db: float) -> float:
    """0 up to the neutral spectrum, 100 at 15 dB over it."""
    return min(100.0, max(0.0, 100.0 * bass_db / FULL_BOOST_DB))


def enhances_speech(loudness: LoudnessMeasure, speech: SpeechMeasure) -> bool:
    """Speech for 40 % of the film or more, 12 dB clear of what is under it, its presence band (2-5 kHz) lifted."""
    clear = loudness.integrated_lufs - loudness.noise_floor_db >= _SPEECH_OVER_NOISE_DB
    return speech.speech_share >= _SPEECH_DOMINATES and clear and loudness.presence_db >= LIFTED_PRESENCE_DB
