from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelprint.core.analysis import Analysis
from reelprint.core.plan import AudioChain, AudioPiece
from reelprint.core.sound import LoudnessMeasure, SpeechMeasure
from reelprint.core.style import AudioStyle, LoudnessDetail, StyleDetails, StyleJSON
from reelprint.plan import sound as planning
from reelprint.plan.tone import Equaliser, tone_after
from reelprint.style import sound as styling
from reelprint.style.sound import audio_style


def loudness(**changes: Any) -> LoudnessMeasure:
    base: dict[str, Any] = {
        "integrated_lufs": -20.0, "range_lu": 6.0, "true_peak_dbtp": -3.0, "crest_db": 16.0, "bass_db": 0.0,
        "presence_db": -6.0, "noise_floor_db": -55.0, "envelope_db": (-20.0,) * 40,
    }  # fmt: skip
    return LoudnessMeasure(**(base | changes))


def style(audio: AudioStyle, lufs: float | None = None) -> StyleJSON:
    detail = None if lufs is None else LoudnessDetail(integrated_lufs=lufs, range_lu=5.0, true_peak_dbtp=-1.0)
    return cast(StyleJSON, SimpleNamespace(audio_style=audio, details=StyleDetails(loudness=detail)))


def chain(wanted: StyleJSON, sound: LoudnessMeasure | None, speech: float = 0.8) -> AudioChain:
    footage = SimpleNamespace(loudness=sound, speech=SpeechMeasure(speech_share=speech))
    piece = AudioPiece(start_s=0.0, source_start_s=0.0, duration_s=4.0)
    return planning.plan_audio_chain(wanted, cast(Analysis, footage), [piece])


AUDIO = AudioStyle(normalization_level=0.8387, compression_ratio=1.5, bass_boost=0, enhance_speech=True)


def test_the_two_stages_share_one_scale():
    for name in ("LOUDNESS_OFFSET", "LOUDNESS_SPAN", "FULL_BOOST_DB", "NATURAL_RANGE_LU", "NATURAL_CREST_DB",
                 "LIFTED_PRESENCE_DB"):  # fmt: skip
        assert getattr(planning, name) == getattr(styling, name)


def test_levels_of_the_contract():
    assert audio_style(loudness(integrated_lufs=-14.0), SpeechMeasure()).normalization_level == pytest.approx(
        0.84, abs=0.005
    )
    assert audio_style(loudness(integrated_lufs=-45.0), SpeechMeasure()).normalization_level == 0
    assert audio_style(loudness(integrated_lufs=-5.0), SpeechMeasure()).normalization_level == 1


def test_no_sound_is_a_valid_style():
    silent = audio_style(None, SpeechMeasure())
    assert (silent.normalization_level, silent.compression_ratio, silent.bass_boost) == (0, 1, 0)
    assert not silent.enhance_speech


@given(st.floats(0, 40), st.floats(0, 40), st.floats(0.1, 20))
def test_less_dynamics_is_more_compression(range_lu: float, crest_db: float, less: float):
    ratio = styling.compression_ratio(range_lu, crest_db)
    assert 1 <= ratio <= 10
    assert styling.compression_ratio(max(0, range_lu - less), crest_db) >= ratio
    assert styling.compression_ratio(range_lu, max(0, crest_db - less)) >= ratio


def test_speech_is_enhanced_only_when_clear_dominant_and_lifted():
    talk = SpeechMeasure(speech_share=0.8)
    assert audio_style(loudness(), talk).enhance_speech
    assert not audio_style(loudness(), SpeechMeasure(speech_share=0.2)).enhance_speech
    assert not audio_style(loudness(presence_db=-11.0), talk).enhance_speech
    assert not audio_style(loudness(noise_floor_db=-25.0), talk).enhance_speech


@given(st.floats(0, 1), st.floats(1, 10), st.floats(0, 100), st.floats(-60, 0), st.floats(-60, 40), st.floats(0, 30))
def test_every_chain_is_within_bounds(
    level: float, ratio: float, boost: float, lufs: float, bass_db: float, range_lu: float
):
    wanted = AudioStyle(normalization_level=level, compression_ratio=ratio, bass_boost=boost, enhance_speech=True)
    planned = chain(style(wanted), loudness(integrated_lufs=lufs, bass_db=bass_db, range_lu=range_lu))
    assert -12 <= planned.bass_gain_db <= 12
    assert 0 <= planned.presence_gain_db <= 6
    assert all(-12 <= key.gain_db <= 12 for key in planned.fader)
    assert planned.target_lufs is None or planned.target_lufs <= -7
    assert planned.true_peak_dbtp <= -1


def test_footage_that_already_sounds_so_is_left_alone():
    sound = loudness(bass_db=6.0, presence_db=-4.0)
    own = audio_style(sound, SpeechMeasure(speech_share=0.8))
    planned = chain(style(own, lufs=-20.0), sound)
    assert planned.target_lufs == -20.0
    assert abs(planned.bass_gain_db) < 0.6  # what the rumble filter takes
    assert planned.fader == ()
    assert planned.presence_gain_db == 0


def test_measured_loudness_wins_over_the_level():
    assert chain(style(AUDIO, lufs=-17.3), loudness()).target_lufs == pytest.approx(-17.3)
    assert chain(style(AUDIO), loudness()).target_lufs == pytest.approx(-14.0, abs=0.01)


def test_a_nearly_silent_room_is_not_made_loud():
    assert chain(style(AUDIO), loudness(integrated_lufs=-60.0)).target_lufs == -30.0


def test_a_silent_template_does_not_mute_the_footage():
    silent = audio_style(None, SpeechMeasure())
    assert chain(style(silent), loudness()).target_lufs is None


def test_silent_footage_gets_a_neutral_chain():
    planned = chain(style(AUDIO), None)
    assert planned.target_lufs is None
    assert (planned.bass_gain_db, planned.presence_gain_db, planned.fader) == (0, 0, ())


def test_gains_move_the_measured_bass_and_presence_to_the_styles():
    booming = AudioStyle(normalization_level=0.8, compression_ratio=1.0, bass_boost=40, enhance_speech=False)
    for own in (2.0, 9.0):
        planned = chain(style(booming), loudness(bass_db=own))
        assert planned.highpass_hz is not None
        after = tone_after(loudness(bass_db=own), Equaliser(planned.highpass_hz, planned.bass_gain_db))
        assert after.bass_db == pytest.approx(6.0, abs=0.05)
    assert chain(style(booming), loudness(bass_db=-25.0)).bass_gain_db <= 3.0
    assert 3.0 < chain(style(AUDIO), loudness(presence_db=-9.0)).presence_gain_db <= 6.0
    assert chain(style(AUDIO), loudness(presence_db=-9.0), speech=0.1).presence_gain_db == 0


def test_a_low_crest_factor_comes_from_a_lower_ceiling():
    pressed = AudioStyle(normalization_level=0.8, compression_ratio=3.0, bass_boost=0, enhance_speech=False)
    open_ = AudioStyle(normalization_level=0.8, compression_ratio=1.0, bass_boost=0, enhance_speech=False)
    assert chain(style(open_, lufs=-23.0), loudness()).true_peak_dbtp == -1.0
    low = chain(style(pressed, lufs=-23.0), loudness()).true_peak_dbtp
    # 10 dB of limiting at most, and RMS level 1 dB over the loudness in this footage
    assert -23.0 + 1.0 + 6.0 <= low < -8.0


def test_a_style_without_measured_loudness_widens_nothing():
    dynamic = AudioStyle(normalization_level=0.8, compression_ratio=1.0, bass_boost=0, enhance_speech=False)
    assert chain(style(dynamic), loudness()).fader == ()
