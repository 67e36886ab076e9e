"""Loudness, music and speech."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from reelprint.core.document import Document

Band = Literal["bass", "mid", "treble"]

#: Middles of the third octaves of ``LoudnessMeasure.third_octaves_db``, Hz (IEC 61260-1, base 10: 10^(n/10)).
THIRD_OCTAVES_HZ: tuple[float, ...] = tuple(10.0 ** (number / 10.0) for number in range(13, 44))


class Span(Document):
    """A half-open stretch of time in seconds."""

    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)


class LoudnessMeasure(Document):
    """ITU-R BS.1770-4 / EBU R128 figures and what the audio style is derived from."""

    integrated_lufs: float
    range_lu: float = Field(ge=0)
    true_peak_dbtp: float
    crest_db: float = Field(description="true peak over RMS, dB")
    bass_db: float = Field(description="energy of 40-150 Hz against a neutral spectrum, dB")
    presence_db: float = Field(description="energy of 2-5 kHz against a neutral spectrum, dB")
    noise_floor_db: float = Field(description="10th percentile of the 100 ms RMS level, dBFS")
    envelope_hz: float = Field(default=10.0, gt=0)
    envelope_db: tuple[float, ...] = Field(description="RMS level in dBFS at envelope_hz, floor -80")
    weighted_db: tuple[float, ...] = Field(
        default=(),
        description="K-weighted level (BS.1770) at envelope_hz, LUFS, floor -80; empty when it was not measured",
    )
    third_octaves_db: tuple[float, ...] = Field(
        default=(),
        description="energy of each third octave from 20 Hz to 20 kHz against 200 Hz - 2 kHz, dB, floor -80; "
        "empty when it was not measured",
    )


class Beat(Document):
    """One beat; ``band`` is where its onset is strongest."""

    time_s: float = Field(ge=0)
    confidence: float = Field(ge=0, le=1)
    band: Band


class MusicMeasure(Document):
    """``tempo_bpm`` is null (and ``beats`` empty) when there is no music."""

    tempo_bpm: float | None = None
    tempo_confidence: float = Field(default=0.0, ge=0, le=1)
    beats: tuple[Beat, ...] = ()
    onsets_s: tuple[float, ...] = Field(default=(), description="strong onsets, music or not")
    genre: str | None = None


class SpeechMeasure(Document):
    """Where there is speech, music, silence. Shares are fractions of the duration."""

    speech: tuple[Span, ...] = ()
    silences: tuple[Span, ...] = Field(default=(), description="below the speech floor for 0.3 s or more")
    music: tuple[Span, ...] = Field(default=(), description="music heard, alone or under a voice")
    speech_share: float = Field(default=0.0, ge=0, le=1)
    music_share: float = Field(default=0.0, ge=0, le=1)
