"""The audio chain that takes the footage's sound to the style's.

Every gain is the difference between what the style has and what the footage has, on the scales of
``style.sound`` (CONTRACT section 4), limited to what sounds like treatment and not like damage.
"""

from __future__ import annotations

import numpy as np

from reelprint.core.analysis import Analysis
from reelprint.core.plan import AudioChain
from reelprint.core.sound import LoudnessMeasure
from reelprint.core.style import StyleJSON

# The scales of the contract's audio style; tests/unit/sound compares them with style.sound.
LOUDNESS_OFFSET, LOUDNESS_SPAN = 40.0, 31.0
FULL_BOOST_DB = 15.0
NATURAL_RANGE_LU, NATURAL_CREST_DB = 12.0, 20.0
LIFTED_PRESENCE_DB = -7.0

_TARGET_LUFS = (-36.0, -9.0)
_CEILING_DBTP = -1.0
_BASS_GAIN_DB = 9.0
# Under this there is hardly any bass: a shelf would lift hum and rumble.
_NO_BASS_DB, _NO_BASS_GAIN_DB = -12.0, 3.0
_PRESENCE_GAIN_DB = 6.0
_PRESENCE_MARGIN_DB = 1.5
_RATIO_LIMIT = 5.0
# How much louder footage is made at most: more would make a nearly silent room loud.
_LIFT_LIMIT_LU = 30.0
_SPEAKS = 0.3
_RUMBLE_HZ, _VOICE_HIGHPASS_HZ = 35.0, 80.0


def plan_audio_chain(style: StyleJSON, footage: Analysis) -> AudioChain:
    """The chain for this style on this footage. Footage without sound gets a neutral chain that keeps its level."""
    sound = footage.loudness
    if sound is None:
        return AudioChain(true_peak_dbtp=_CEILING_DBTP)
    wanted = style.audio_style
    speaks = wanted.enhance_speech and footage.speech.speech_share >= _SPEAKS
    bass_gain_db = _bass_gain_db(wanted.bass_boost, sound.bass_db)
    ratio = _ratio(wanted.compression_ratio, sound)
    return AudioChain(
        highpass_hz=_VOICE_HIGHPASS_HZ if speaks and wanted.bass_boost <= 0.0 else _RUMBLE_HZ,
        bass_gain_db=round(bass_gain_db, 2),
        presence_gain_db=round(_presence_gain_db(sound.presence_db), 2) if speaks else 0.0,
        compressor_ratio=round(ratio, 2),
        compressor_threshold_db=round(_threshold_db(sound), 1),
        target_lufs=_reachable(target_lufs(style), sound),
        true_peak_dbtp=_CEILING_DBTP,
    )


def target_lufs(style: StyleJSON) -> float | None:
    """The loudness the style asks for, -36 to -9 LUFS: measured if the style knows it, else from its level.

    None (keep the footage's level) for a style that comes from a film without sound.
    """
    measured = style.details.loudness
    if measured is None and style.audio_style.normalization_level <= 0.0:
        return None
    level = style.audio_style.normalization_level
    wanted = measured.integrated_lufs if measured is not None else LOUDNESS_SPAN * level - LOUDNESS_OFFSET
    return round(float(np.clip(wanted, *_TARGET_LUFS)), 2)


def _reachable(wanted: float | None, sound: LoudnessMeasure) -> float | None:
    """The wanted loudness, or what a 30 LU lift of the footage gives if that is less."""
    return None if wanted is None else round(min(wanted, sound.integrated_lufs + _LIFT_LIMIT_LU), 2)


def _bass_gain_db(boost: float, bass_db: float) -> float:
    """Shelf gain. A style without boost only takes away what stands over neutral; its own deficit is unknown."""
    goal_db = boost * FULL_BOOST_DB / 100.0
    gain_db = goal_db - bass_db if boost > 0.0 else min(0.0, -bass_db)
    highest_db = _NO_BASS_GAIN_DB if bass_db < _NO_BASS_DB else _BASS_GAIN_DB
    return float(np.clip(gain_db, -_BASS_GAIN_DB, highest_db))


def _presence_gain_db(presence_db: float) -> float:
    """Bell gain that brings the presence band a little over where a voice counts as lifted."""
    return float(np.clip(LIFTED_PRESENCE_DB + _PRESENCE_MARGIN_DB - presence_db, 0.0, _PRESENCE_GAIN_DB))


def _ratio(wanted: float, sound: LoudnessMeasure) -> float:
    """Compressor ratio that takes the footage's compression to the style's; 1 when it is already there.

    The style's ratio is the geometric mean of how much range and crest are reduced. A compressor divides the range of
    what is over its threshold by its ratio and takes little from the crest factor (attacks pass). If it left the crest
    alone it would have to do the square of the missing ratio; on real footage the power 1.5 comes out right.
    """
    by_range = NATURAL_RANGE_LU / min(max(sound.range_lu, 2.0), 2 * NATURAL_RANGE_LU)
    by_crest = NATURAL_CREST_DB / min(max(sound.crest_db, 3.0), 2 * NATURAL_CREST_DB)
    return float(np.clip((wanted / (by_range * by_crest) ** 0.5) ** 1.5, 1.0, _RATIO_LIMIT))


def _threshold_db(sound: LoudnessMeasure) -> float:
    """Level over which the compressor works: the 10th percentile of the programme's own levels.

    Pauses (20 dB under the loudness and lower) do not count, so that the noise in them is not what is compressed.
    """
    levels_db = np.array(sound.envelope_db)
    playing = levels_db[levels_db > sound.integrated_lufs - 20.0]
    threshold = float(np.percentile(playing, 10)) if len(playing) else sound.integrated_lufs
    return float(np.clip(threshold, -55.0, 0.0))
