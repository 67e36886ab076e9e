"""Analyses and styles made by hand, for tests that need a film's measurements without a film."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from reelprint.colour.look import measure_look
from reelprint.core.analysis import ActivePicture, Analysis, Timing
from reelprint.core.colour import ColorGrade, ColourMeasure, Look, Swatch
from reelprint.core.media import AudioStream, MediaInfo, VideoStream
from reelprint.core.motion import FocusTrack, MotionMeasure, ShotMotion
from reelprint.core.shots import Shot, ShotList, Transition
from reelprint.core.sound import Beat, LoudnessMeasure, MusicMeasure, SpeechMeasure
from reelprint.core.style import StyleJSON
from reelprint.core.text import TextMeasure

FPS = 24
CREATED = "2026-01-01T00:00:00Z"


@cache
def sample_look(lightness: float = 0.5, a: float = 0.0, b: float = 0.0, seed: int = 0) -> Look:
    """The look of noise around one Oklab colour."""
    noise = np.random.default_rng(seed).normal(size=(2000, 3)) * (0.12, 0.03, 0.03)
    return measure_look(np.clip(noise + np.array([lightness, a, b]), (0, -0.3, -0.3), (1, 0.3, 0.3)))


def cut(time_s: float, confidence: float = 1.0) -> Transition:
    """A hard cut."""
    return Transition(type="cut", start_s=time_s, end_s=time_s, duration_ms=0, confidence=confidence)


def gradual(kind: Any, middle_s: float, duration_s: float, **more: Any) -> Transition:
    """A gradual transition around a moment."""
    fields = {"confidence": 1.0, "easing": "ease-in-out", **more}
    return Transition(
        type=kind,
        start_s=middle_s - duration_s / 2,
        end_s=middle_s + duration_s / 2,
        duration_ms=round(duration_s * 1000),
        **fields,
    )


def shot_list(boundaries: Sequence[Transition], duration_s: float) -> ShotList:
    """Shots that tile a film between boundaries."""
    edges = [0.0, *[(item.start_s + item.end_s) / 2 for item in boundaries if item.edge is None], duration_s]
    shots = tuple(
        Shot(start_s=start, end_s=end, start_frame=round(start * FPS), end_frame=round(end * FPS))
        for start, end in pairwise(edges)
    )
    return ShotList(shots=shots, transitions=tuple(boundaries))


def sample_analysis(
    boundaries: Sequence[Transition] | None = None,
    duration_s: float = 60.0,
    *,
    looks: Sequence[Look] | None = None,
    motion: Sequence[float] | None = None,
    levels_db: Sequence[float] | None = None,
    beats_s: Sequence[float] = (),
    size: tuple[int, int] = (1280, 720),
    aspect: float | None = None,
    frame_rate: str = "24/1",
    bitrate_kbps: int = 4000,
    decode_errors: int = 0,
    silent: bool = False,
) -> Analysis:
    """A consistent minute cut every two seconds, unless told otherwise."""
    if boundaries is None:
        boundaries = [cut(2.0 * place) for place in range(1, int(duration_s / 2 + 0.49))]
    shots = shot_list(boundaries, duration_s)
    count = len(shots.shots)
    looks = looks or [sample_look(seed=place % 5) for place in range(count)]
    motion = motion or [40.0 + 10 * (-1) ** place for place in range(count)]
    levels_db = levels_db or [-20.0 - place % 3 for place in range(round(duration_s * 10))]
    width, height = size
    video = VideoStream(
        index=0,
        codec="h264",
        width=width,
        height=height,
        coded_width=width,
        coded_height=height,
        rotation_deg=0,
        frame_rate=frame_rate,
        duration_s=duration_s,
        pixel_format="yuv420p",
        bit_depth=8,
    )
    audio = AudioStream(index=1, codec="aac", sample_rate_hz=48000, channels=2, duration_s=duration_s)
    loudness = LoudnessMeasure(
        integrated_lufs=-16.0,
        range_lu=7.0,
        true_peak_dbtp=-1.5,
        crest_db=14.0,
        bass_db=1.0,
        presence_db=0.0,
        noise_floor_db=-55.0,
        envelope_db=tuple(levels_db),
    )
    return Analysis(
        media=MediaInfo(
            filename="film.mp4",
            content_hash="0" * 64,
            container="mp4",
            size_bytes=1000,
            duration_s=duration_s,
            bitrate_kbps=bitrate_kbps,
            video=video,
            audio=None if silent else audio,
        ),
        timing=Timing(
            frame_count=max(1, round(duration_s * FPS)),
            frame_rate=frame_rate,
            duration_s=duration_s,
            decode_errors=decode_errors,
        ),
        picture=ActivePicture(x=0, y=0, width=1, height=1, aspect=aspect or width / height),
        shots=shots,
        colour=ColourMeasure(
            sliders=ColorGrade(temperature=12.0),
            look=looks[0],
            shot_looks=tuple(looks),
            palette=(Swatch(color="#203040", share=0.6), Swatch(color="#c0b090", share=0.4)),
        ),
        motion=MotionMeasure(
            intensity=sum(motion) / len(motion),
            zoom_usage=10.0,
            shots=tuple(ShotMotion(intensity=value, camera=value, subject=value, zoom_ratio=1.0) for value in motion),
        ),
        focus=FocusTrack(),
        text=TextMeasure(),
        loudness=None if silent else loudness,
        music=MusicMeasure(
            tempo_bpm=60 / (beats_s[1] - beats_s[0]) if len(beats_s) > 1 else None,
            beats=tuple(Beat(time_s=beat, confidence=0.9, band="bass") for beat in beats_s),
        ),
        speech=SpeechMeasure(),
        analyzers={"shots": 1},
    )


def changed(style: StyleJSON, details: dict[str, Any] | None = None, **fields: Any) -> StyleJSON:
    """A style with some fields replaced, validated anew."""
    data = style.model_dump()
    data.update(fields)
    data["details"].update(details or {})
    return StyleJSON.model_validate(data)
