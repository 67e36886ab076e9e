"""Analysis to StyleJSON 1.0: the measurements of one film, named and rounded as the contract says."""

from __future__ import annotations

from fractions import Fraction
from math import log

import numpy as np

from reelprint import __version__
from reelprint.core.analysis import Analysis
from reelprint.core.sound import LoudnessMeasure
from reelprint.core.style import (
    AspectRatio,
    DetectedBeat,
    FrameRate,
    LoudnessDetail,
    Provenance,
    StyleDetails,
    StyleJSON,
    StyleText,
)
from reelprint.core.time import parse_rate
from reelprint.style.confidence import confidence_parts, overall_confidence
from reelprint.style.rhythm import pacing_detail
from reelprint.style.sound import audio_style
from reelprint.style.transitions import leading_styles, transition_mix

ASPECTS: dict[AspectRatio, float] = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0}
RATES: tuple[FrameRate, ...] = (24, 30, 60)

#: The loudness envelope of a longer film is thinned until it has at most this many points.
MAX_ENERGY_POINTS = 6000


def nearest_aspect(aspect: float) -> AspectRatio:
    """The contract's aspect ratio nearest to width / height, by log ratio (so 2:1 and 1:2 are mirror images).

    4:3 lies exactly between 1:1 and 16:9: a tie (to 1 %) goes to the one of the same orientation.
    """
    return min(ASPECTS, key=lambda name: (round(abs(log(aspect / ASPECTS[name])), 2), name == "1:1"))


def nearest_frame_rate(rate: Fraction) -> FrameRate:
    """The contract's frame rate nearest to a measured one, by log ratio: 25 is 24, 29.97 is 30, 50 is 60."""
    return min(RATES, key=lambda standard: abs(log(float(rate) / standard)))


def energy_envelope(loudness: LoudnessMeasure | None) -> tuple[float, tuple[float, ...]]:
    """(rate in Hz, level in dBFS): the loudness envelope, block-averaged in power to MAX_ENERGY_POINTS."""
    if loudness is None:
        return 10.0, ()
    levels = np.asarray(loudness.envelope_db, dtype=np.float64)
    step = -(-levels.size // MAX_ENERGY_POINTS) or 1
    starts = np.arange(0, levels.size, step)
    if not starts.size:
        return loudness.envelope_hz, ()
    power = np.add.reduceat(10 ** (levels / 10), starts) / np.diff(np.append(starts, levels.size))
    thinned = 10 * np.log10(np.maximum(power, 1e-8))
    return loudness.envelope_hz / step, tuple(round(float(level), 1) for level in thinned)


def _details(analysis: Analysis) -> StyleDetails:
    shots, loudness, beats = analysis.shots, analysis.loudness, analysis.music.beats
    beats_s = tuple(beat.time_s for beat in beats)
    energy_hz, energy_db = energy_envelope(loudness)
    video = analysis.media.video
    return StyleDetails(
        shots=shots.shots,
        transitions=shots.transitions,
        loudness=LoudnessDetail(
            integrated_lufs=loudness.integrated_lufs,
            range_lu=loudness.range_lu,
            true_peak_dbtp=loudness.true_peak_dbtp,
        )
        if loudness
        else None,
        beats_s=beats_s,
        zooms=analysis.motion.zooms,
        camera_moves=analysis.motion.camera_moves,
        captions=analysis.text.captions,
        provenance=Provenance(
            reelprint_version=__version__,
            content_hash=analysis.media.content_hash,
            filename=analysis.media.filename,
            analyzers=analysis.analyzers,
        ),
        look=analysis.colour.look,
        palette=analysis.colour.palette,
        pacing=pacing_detail(shots, beats_s),
        transition_mix=transition_mix(shots.boundaries),
        energy_hz=energy_hz,
        energy_db=energy_db,
        silences=analysis.speech.silences,
        speech_share=analysis.speech.speech_share,
        music_share=analysis.speech.music_share,
        resolution=(video.width, video.height),
        frame_rate_exact=analysis.timing.frame_rate,
        confidence=confidence_parts(analysis),
    )


def style_of(analysis: Analysis, created_at: str) -> StyleJSON:
    """The Style DNA of an analysed film.

    ``created_at`` (ISO 8601 UTC, ends in Z) comes from the caller, so that equal inputs give equal bytes.
    """
    details = _details(analysis)
    primary, secondary = leading_styles(details.transition_mix)
    duration_s = analysis.timing.duration_s
    return StyleJSON(
        color_grade=analysis.colour.sliders,
        aspect_ratio=nearest_aspect(analysis.picture.aspect),
        frame_rate=nearest_frame_rate(parse_rate(analysis.timing.frame_rate)),
        audio_style=audio_style(analysis.loudness, analysis.speech),
        cut_frequency=len(analysis.shots.boundaries) * 60 / duration_s,
        motion_intensity=analysis.motion.intensity,
        zoom_usage=analysis.motion.zoom_usage,
        primary_transition=primary,
        secondary_transition=secondary,
        text_overlays=tuple(
            StyleText(
                content=overlay.content,
                font=overlay.font,
                size=overlay.size_px,
                color=overlay.color,
                position=overlay.position,
                duration_ms=max(0, round((overlay.end_s - overlay.start_s) * 1000)),
            )
            for overlay in analysis.text.overlays
        ),
        use_subtitles=analysis.text.captions.present,
        detected_beats=tuple(
            DetectedBeat(timestamp_ms=round(beat.time_s * 1000), confidence=beat.confidence, frequency=beat.band)
            for beat in analysis.music.beats
        ),
        tempo_bpm=analysis.music.tempo_bpm,
        music_genre=analysis.music.genre,
        created_at=created_at,
        source_duration_seconds=duration_s,
        extraction_confidence=overall_confidence(details.confidence),
        details=details,
    )
