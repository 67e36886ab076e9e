"""Beats, tempo and onsets of a film's music."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

from reelprint.analyze.beats.onsets import FRAMES_PER_S, LATENCY_S, RATE_HZ, OnsetDetector, OnsetStrength
from reelprint.analyze.beats.tempo import Section, tempo_sections
from reelprint.analyze.beats.tracking import beat_evidence, refined_times, strengths_at, track_beats
from reelprint.analyze.evidence import Evidence, Known, Tick
from reelprint.core.sound import Band, Beat, MusicMeasure, Span

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

_BLOCK_S = 10.0
_BRIDGED_S = 6.0
_SHORTEST_MUSIC_S = 4.0
# A lone drum that opens a piece is not yet heard as music; the tracker itself drops beats that nothing sounds on.
_EARLY_S = 2.5
# Salience (repetition of all bands over 1 to 4 beats) from which a pulse is believed, and where it is beyond doubt.
_NO_PULSE, _CLEAR_PULSE = 0.06, 0.5
_BANDS: tuple[Band, ...] = ("bass", "mid", "treble")
_ONSET_REACH_S = 0.05
_ONSET_STRENGTH = 6.0


class BeatAnalyzer:
    """Tracks beats inside the stretches that the speech analyzer hears as music; elsewhere there is no tempo.

    Onset strength is computed in one pass over the 16 kHz mono shelf (six numbers per 10 ms are kept).
    """

    name = "music"
    version = 2

    def measure(self, evidence: Evidence, known: Known, tick: Tick) -> MusicMeasure:
        """Measure; needs ``known.speech``. Without sound, music or pulse the tempo is null and there are no beats."""
        if evidence.sound is None or known.loudness is None:
            return MusicMeasure()
        if known.speech is None:
            raise ValueError("beats need the speech measurement, which says where there is music")
        shelf = evidence.sound.mono
        if shelf.rate_hz != RATE_HZ:
            raise ValueError(f"onset filters are for {RATE_HZ} Hz, the mono shelf has {shelf.rate_hz}")
        detector = OnsetDetector()
        # the logarithm in the flux needs a known level
        gain = np.float32(10.0 ** ((-18.0 - known.loudness.integrated_lufs) / 20.0))
        done = 0
        for block in shelf.blocks(_BLOCK_S):
            detector.feed(block[:, 0] * gain)
            done += len(block)
            tick(0.8 * done / shelf.count)
        onsets = detector.finish()
        beats: list[Beat] = []
        sections: list[Section] = []
        for start, stop in _stretches(known.speech.music, onsets.frames):
            for section in tempo_sections(onsets, start, stop):
                found = _section_beats(onsets, section)
                if found:
                    sections.append(section)
                    beats.extend(found)
            tick(0.8 + 0.2 * stop / onsets.frames)
        tempo_bpm, confidence = _film_tempo(sections, beats)
        return MusicMeasure(
            tempo_bpm=tempo_bpm,
            tempo_confidence=confidence,
            beats=tuple(beats),
            onsets_s=_strong_onsets(onsets),
        )


def _stretches(music: tuple[Span, ...], frames: int) -> list[tuple[int, int]]:
    """Frame ranges of music: gaps up to 6 s are bridged (a voice on top hides it), under 4 s is no piece of music."""
    merged: list[tuple[float, float]] = []
    for span in music:
        if merged and span.start_s - merged[-1][1] <= _BRIDGED_S:
            merged[-1] = (merged[-1][0], span.end_s)
        else:
            merged.append((span.start_s, span.end_s))
    long = [(start, end) for start, end in merged if end - start >= _SHORTEST_MUSIC_S]
    return [
        (max(0, int((start - _EARLY_S) * FRAMES_PER_S)), min(frames, int((end + _EARLY_S) * FRAMES_PER_S)))
        for start, end in long
    ]


def _pulse(section: Section) -> float:
    """0 without a pulse .. 1 beyond doubt."""
    return float(np.clip((section.clarity - _NO_PULSE) / (_CLEAR_PULSE - _NO_PULSE), 0.0, 1.0))


def _section_beats(onsets: OnsetStrength, section: Section) -> list[Beat]:
    """Beats of one section; none when it has no pulse."""
    pulse = _pulse(section)
    if pulse <= 0.0:
        return []
    mine = onsets.cut(section.start, section.stop)
    heard = beat_evidence(mine, section.period)
    frames = track_beats(heard, section.period)
    if len(frames) < 4:
        return []
    times = (section.start + refined_times(heard, frames)) / FRAMES_PER_S - LATENCY_S
    strength = strengths_at(heard, frames)
    audible = strength / (strength + max(float(np.median(strength)), 1e-9) * 0.5)
    trust = pulse * (0.5 + 0.5 * section.confidence)
    return [
        Beat(
            time_s=round(max(0.0, float(time)), 4),
            confidence=round(float(np.clip(1.5 * share * trust, 0.0, 1.0)), 3),
            band=_BANDS[band],
        )
        for time, share, band in zip(times, audible, _dominant_bands(mine, frames), strict=True)
    ]


def _dominant_bands(onsets: OnsetStrength, frames: I64) -> I64:
    """(k,) 0 bass, 1 mid, 2 treble: the band whose energy rises most around each frame."""
    around = scipy.ndimage.maximum_filter1d(onsets.rise, 7, axis=1)
    bands: I64 = around[:, frames].argmax(axis=0).astype(np.int64)
    return bands


def _film_tempo(sections: list[Section], beats: list[Beat]) -> tuple[float | None, float]:
    """The tempo that covers most of the film's music, from the beats really found, and how sure it is."""
    if not sections:
        return None, 0.0
    main = max(sections, key=lambda one: (one.stop - one.start) * _pulse(one))
    alike = [one for one in sections if abs(np.log(one.period / main.period)) < 0.04]
    intervals = np.diff([beat.time_s for beat in beats])
    expected = main.period / FRAMES_PER_S
    regular = intervals[np.abs(np.log(np.maximum(intervals, 1e-3) / expected)) < 0.1]
    period_s = float(np.mean(regular)) if len(regular) else expected
    length = sum(one.stop - one.start for one in alike)
    confidence = sum((one.stop - one.start) * one.confidence * _pulse(one) for one in alike) / length
    return round(60.0 / period_s, 2), round(float(np.clip(confidence, 0.0, 1.0)), 3)


def _strong_onsets(onsets: OnsetStrength) -> tuple[float, ...]:
    """Times of clear onsets: peaks of the bands' sum within 50 ms that stand 6 spreads over their second."""
    total = onsets.bands.sum(axis=0)
    if not len(total):
        return ()
    reach = int(_ONSET_REACH_S * FRAMES_PER_S)
    peaks = (total >= scipy.ndimage.maximum_filter1d(total, 2 * reach + 1)) & (
        total > scipy.ndimage.uniform_filter1d(total, FRAMES_PER_S) + _ONSET_STRENGTH
    )
    return tuple(round(max(0.0, float(frame) / FRAMES_PER_S - LATENCY_S), 3) for frame in np.flatnonzero(peaks))
