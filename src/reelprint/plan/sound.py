"""The audio chain that takes the footage's sound to the style's.

What the style has is solved for, not added up: the filters' own responses tell which gain brings the measured spectrum
to the wanted bass (``tone``), a simulation on the measured level finds how the fader has to move for the wanted
loudness range (``fader``), and the peak ceiling follows from the wanted crest factor. All limited to what sounds like
treatment and not like damage.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from reelprint.core.analysis import Analysis
from reelprint.core.plan import AudioChain, AudioPiece
from reelprint.core.sound import LoudnessMeasure
from reelprint.core.style import StyleJSON
from reelprint.plan.fader import ride
from reelprint.plan.tone import Equaliser, tone_after

# The scales of the contract's audio style; tests/unit/sound compares them with style.sound.
LOUDNESS_OFFSET, LOUDNESS_SPAN = 40.0, 31.0
FULL_BOOST_DB = 15.0
NATURAL_RANGE_LU, NATURAL_CREST_DB = 12.0, 20.0
LIFTED_PRESENCE_DB = -7.0

_TARGET_LUFS = (-45.0, -7.0)
_CEILING_DBTP = -1.0
_BASS_GAIN_DB = 12.0
# Where there is hardly any bass a shelf would lift hum and rumble: the most it may do, by what is there.
_LITTLE_BASS_DB, _LITTLE_BASS_GAIN_DB = (-15.0, -5.0), (3.0, _BASS_GAIN_DB)
_PRESENCE_GAIN_DB = 6.0
_PRESENCE_MARGIN_DB = 1.5
# The most a limiter takes from peaks before it is heard, and the crest factor nothing is pressed under.
_LIMITED_DB = 10.0
_LOWEST_CREST_DB = 8.0
# How much louder footage is made at most: more would make a nearly silent room loud.
_LIFT_LIMIT_LU = 30.0
_SPEAKS = 0.3
_RUMBLE_HZ, _VOICE_HIGHPASS_HZ = 35.0, 80.0


def plan_audio_chain(style: StyleJSON, footage: Analysis, pieces: Sequence[AudioPiece]) -> AudioChain:
    """The chain for this style on these pieces of the footage.

    Footage without sound gets a neutral chain that keeps its level.
    """
    sound = footage.loudness
    if sound is None:
        return AudioChain(true_peak_dbtp=_CEILING_DBTP)
    wanted = style.audio_style
    speaks = wanted.enhance_speech and footage.speech.speech_share >= _SPEAKS
    equaliser = _equaliser(wanted.bass_boost, sound, speaks=speaks)
    target = _reachable(target_lufs(style), sound)
    wanted_range, wanted_crest = _dynamics(style, sound)
    return AudioChain(
        highpass_hz=equaliser.highpass_hz,
        bass_gain_db=equaliser.bass_gain_db,
        presence_gain_db=equaliser.presence_gain_db,
        fader=() if wanted_range is None else ride(sound, pieces, wanted_range),
        target_lufs=target,
        true_peak_dbtp=_ceiling_dbtp(target, wanted_crest, sound, equaliser),
    )


def target_lufs(style: StyleJSON) -> float | None:
    """The loudness the style asks for, -45 to -7 LUFS: measured if the style knows it, else from its level.

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


def _dynamics(style: StyleJSON, sound: LoudnessMeasure) -> tuple[float | None, float]:
    """Loudness range in LU (None leaves it) and crest factor in dB of the style.

    Its ratio is the geometric mean of how much both are reduced; with a measured range the crest factor follows from
    it. Without one both are taken to be reduced alike, and nothing is widened that nobody measured. A ratio of 1 is the
    bottom of its scale: such a style says nothing of the crest factor.
    """
    ratio, measured = style.audio_style.compression_ratio, style.details.loudness
    untouched_db = 2 * NATURAL_CREST_DB
    if measured is not None:
        by_range = NATURAL_RANGE_LU / min(max(measured.range_lu, 2.0), 2 * NATURAL_RANGE_LU)
        return measured.range_lu, NATURAL_CREST_DB * by_range / ratio**2 if ratio > 1.0 else untouched_db
    wanted_lu = NATURAL_RANGE_LU / ratio
    if ratio <= 1.0 or wanted_lu >= sound.range_lu:
        return None, NATURAL_CREST_DB / ratio if ratio > 1.0 else untouched_db
    return wanted_lu, NATURAL_CREST_DB / ratio


def _ceiling_dbtp(target: float | None, wanted_crest_db: float, sound: LoudnessMeasure, equaliser: Equaliser) -> float:
    """True peak that gives the wanted crest factor at the target loudness; -1 dBTP at most."""
    if target is None:
        return _CEILING_DBTP
    crest_db = max(wanted_crest_db, sound.crest_db - _LIMITED_DB, _LOWEST_CREST_DB)
    return round(min(_CEILING_DBTP, target + tone_after(sound, equaliser).rms_over_loudness_db + crest_db), 2)


def _equaliser(boost: float, sound: LoudnessMeasure, *, speaks: bool) -> Equaliser:
    """Filters that bring bass and, for a voice, presence to where the style has them."""
    highpass_hz = _VOICE_HIGHPASS_HZ if speaks and boost <= 0.0 else _RUMBLE_HZ
    # a style without boost says nothing of its deficit: only what stands over neutral is taken away
    bass_goal_db = boost * FULL_BOOST_DB / 100.0 if boost > 0.0 else min(0.0, sound.bass_db)
    highest_db = float(np.interp(sound.bass_db, _LITTLE_BASS_DB, _LITTLE_BASS_GAIN_DB))

    def bass(gain_db: float, presence_gain_db: float) -> float:
        return tone_after(sound, Equaliser(highpass_hz, gain_db, presence_gain_db)).bass_db

    def presence(gain_db: float, bass_gain_db: float) -> float:
        return tone_after(sound, Equaliser(highpass_hz, bass_gain_db, gain_db)).presence_db

    bass_gain_db = presence_gain_db = 0.0
    # the presence bell reaches a little into the body that the bass is measured against, and back
    for _ in range(2):
        within = (-_BASS_GAIN_DB, highest_db)
        bass_gain_db = _solved(partial(bass, presence_gain_db=presence_gain_db), bass_goal_db, within)
        if speaks:
            goal_db = LIFTED_PRESENCE_DB + _PRESENCE_MARGIN_DB
            within = (0.0, _PRESENCE_GAIN_DB)
            presence_gain_db = _solved(partial(presence, bass_gain_db=bass_gain_db), goal_db, within)
    return Equaliser(highpass_hz, bass_gain_db, presence_gain_db)


def _solved(measure: Callable[[float], float], goal: float, within: tuple[float, float]) -> float:
    """The gain in ``within`` whose measure, which grows with it, is nearest to the goal; two decimals."""
    low, high = within
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (middle, high) if measure(middle) < goal else (low, middle)
    return round((low + high) / 2, 2)
