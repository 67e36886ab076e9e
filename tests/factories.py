"""Random but consistent Analysis and StyleJSON documents, for properties of plans."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any, get_args

import numpy as np
from hypothesis import strategies as st

from reelprint.colour.look import measure_look
from reelprint.core.analysis import ActivePicture, Analysis, Timing
from reelprint.core.colour import ColorGrade, ColourMeasure, Look
from reelprint.core.media import AudioStream, MediaInfo, VideoStream
from reelprint.core.motion import CameraMove, Focus, FocusTrack, MotionMeasure, ShotMotion
from reelprint.core.shots import Shot, ShotList, Transition, TransitionType
from reelprint.core.sound import Beat, LoudnessMeasure, MusicMeasure, Span, SpeechMeasure
from reelprint.core.style import AudioStyle, PacingDetail, StyleDetails, StyleJSON, TransitionShare, TransitionStyle
from reelprint.core.text import TextMeasure

KINDS: tuple[TransitionType, ...] = get_args(TransitionType)
_LOUDNESS = LoudnessMeasure(
    integrated_lufs=-20.0, range_lu=6.0, true_peak_dbtp=-3.0, crest_db=15.0, bass_db=0.0, presence_db=0.0,
    noise_floor_db=-60.0, envelope_db=(-20.0,),
)  # fmt: skip


@cache
def look(seed: int = 0) -> Look:
    """The look of coloured noise."""
    centre = np.random.default_rng(seed).uniform((0.3, -0.05, -0.05), (0.7, 0.05, 0.05))
    noise = np.random.default_rng(seed).normal(size=(500, 3)) * (0.12, 0.03, 0.03) + centre
    return measure_look(np.clip(noise, (0, -0.3, -0.3), (1, 0.3, 0.3)))


def footage(
    duration_s: float = 30.0,
    cuts_s: Sequence[float] = (),
    *,
    gradual: Sequence[int] = (),
    speech: Sequence[tuple[float, float]] = (),
    beats_s: Sequence[float] = (),
    music_share: float = 0.0,
    silent: bool = False,
    size: tuple[int, int] = (1280, 720),
    fps: float = 30.0,
    focus: Sequence[Focus] = (),
    zooms: Sequence[CameraMove] = (),
) -> Analysis:
    """A film with shots between ``cuts_s``; boundaries whose index is in ``gradual`` are half-second dissolves."""
    count = max(1, round(duration_s * fps))
    edges = [0.0, *cuts_s, duration_s]
    shots, boundaries = [], []
    for number, (start, end) in enumerate(pairwise(edges)):
        first = min(round(start * fps), count - 1)
        shots.append(Shot(start_s=start, end_s=end, start_frame=first, end_frame=max(first + 1, round(end * fps))))
        if number:
            half = 0.25 if number - 1 in gradual else 0.0
            kind: TransitionType = "dissolve" if half else "cut"
            boundaries.append(
                Transition(
                    type=kind,
                    start_s=max(0.0, start - half),
                    end_s=start + half,
                    duration_ms=round(2000 * half),
                    confidence=0.9,
                )
            )
    video = VideoStream(
        index=0, codec="h264", width=size[0], height=size[1], coded_width=size[0], coded_height=size[1],
        rotation_deg=0, frame_rate=f"{round(fps * 1000)}/1000", duration_s=duration_s, pixel_format="yuv420p",
        bit_depth=8,
    )  # fmt: skip
    audio = AudioStream(index=1, codec="aac", sample_rate_hz=48000, channels=2, duration_s=duration_s)
    spans = tuple(Span(start_s=start, end_s=end) for start, end in speech)
    still = ShotMotion(intensity=20, camera=10, subject=10, zoom_ratio=1.0)
    return Analysis(
        media=MediaInfo(
            filename="film.mp4", content_hash="ab" * 32, container="mp4", size_bytes=1000, duration_s=duration_s,
            bitrate_kbps=4000, video=video, audio=None if silent else audio,
        ),
        timing=Timing(frame_count=count, frame_rate=f"{round(fps * 1000)}/1000", duration_s=duration_s),
        picture=ActivePicture(x=0, y=0, width=1, height=1, aspect=size[0] / size[1]),
        shots=ShotList(shots=tuple(shots), transitions=tuple(boundaries)),
        colour=ColourMeasure(
            sliders=ColorGrade(), look=look(), shot_looks=tuple(look(number % 4) for number in range(len(shots))),
            palette=(),
        ),
        motion=MotionMeasure(intensity=20, zoom_usage=0, shots=(still,) * len(shots), zooms=tuple(zooms)),
        focus=FocusTrack(points=tuple(focus)),
        text=TextMeasure(),
        loudness=None if silent else _LOUDNESS,
        music=MusicMeasure(
            tempo_bpm=120.0 if len(beats_s) else None,
            beats=tuple(Beat(time_s=time, confidence=0.9, band="bass") for time in beats_s),
        ),
        speech=SpeechMeasure(
            speech=spans,
            silences=_between(spans, duration_s) if not silent else (),
            speech_share=min(1.0, sum(span.end_s - span.start_s for span in spans) / duration_s),
            music_share=music_share,
        ),
    )  # fmt: skip


def _between(spans: Sequence[Span], duration_s: float) -> tuple[Span, ...]:
    edges = [0.0, *(time for span in spans for time in (span.start_s, span.end_s)), duration_s]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return tuple(Span(start_s=start, end_s=end) for start, end in gaps if end - start >= 0.3)


def style(cut_frequency: float = 12.0, **fields: Any) -> StyleJSON:
    """A style of hard cuts; ``details`` and every other field may be given."""
    plain: dict[str, Any] = {
        "color_grade": ColorGrade(),
        "aspect_ratio": "16:9",
        "frame_rate": 30,
        "audio_style": AudioStyle(
            normalization_level=0.8, compression_ratio=2, bass_boost=10, enhance_speech=False
        ),
        "motion_intensity": 30,
        "zoom_usage": 0,
        "primary_transition": TransitionStyle(type="cut", duration_ms=0),
        "created_at": "2026-01-01T00:00:00Z",
        "source_duration_seconds": 60,
        "extraction_confidence": 0.9,
    }  # fmt: skip
    return StyleJSON(cut_frequency=cut_frequency, **{**plain, **fields})


def _times(low: float, high: float, most: int, apart_s: float) -> st.SearchStrategy[list[float]]:
    """Ascending times between low and high, at least ``apart_s`` from each other and from the ends."""

    def spaced(values: list[float]) -> list[float]:
        kept: list[float] = []
        for value in sorted(values):
            if value >= (kept[-1] if kept else low) + apart_s and value <= high - apart_s:
                kept.append(value)
        return kept

    return st.lists(st.floats(low, high), max_size=most).map(spaced)


@st.composite
def analyses(draw: st.DrawFn, max_s: float = 40.0, *, talking: bool | None = None) -> Analysis:
    """Any footage: from one frame to ``max_s``, one shot or many, silent, talking or musical."""
    duration_s = draw(st.one_of(st.floats(0.03, 2.0), st.floats(2.0, max_s)))
    cuts = draw(_times(0.0, duration_s, 30, 0.04))
    edges = draw(_times(0.0, duration_s, 24, 0.3))
    speech = list(zip(edges[::2], edges[1::2], strict=False)) if talking is not False else []
    beats = draw(st.sampled_from([0.0, 0.35, 0.5, 1.1]))
    return footage(
        duration_s,
        cuts,
        gradual=draw(st.lists(st.integers(0, 30), max_size=5)),
        speech=speech,
        beats_s=list(np.arange(0.1, duration_s, beats)) if beats else (),
        music_share=draw(st.sampled_from([0.0, 1.0])),
        silent=draw(st.booleans()) and not speech,
        size=draw(st.sampled_from([(1280, 720), (720, 1280), (333, 251), (1920, 800), (100, 600)])),
        fps=draw(st.sampled_from([12.5, 24.0, 29.97, 60.0])),
        focus=draw(_focus_points(duration_s)),
        zooms=draw(_zooms(duration_s)),
    )


def _focus_points(duration_s: float) -> st.SearchStrategy[list[Focus]]:
    share = st.floats(0, 1)
    point = st.builds(
        Focus, time_s=st.floats(0, duration_s), x=share, y=share, width=share, height=share,
        source=st.sampled_from(["face", "motion", "saliency", "centre"]), weight=share,
    )  # fmt: skip
    return st.lists(point, max_size=12).map(lambda points: sorted(points, key=lambda item: item.time_s))


@st.composite
def _zooms(draw: st.DrawFn, duration_s: float) -> list[CameraMove]:
    edges = draw(_times(0.0, duration_s, 4, 0.2))
    return [
        CameraMove(kind="zoom-in", start_s=start, end_s=end, amount=draw(st.floats(1.02, 2.0)))
        for start, end in zip(edges[::2], edges[1::2], strict=False)
    ]


@st.composite
def styles(draw: st.DrawFn) -> StyleJSON:
    """Any style: slow or hectic, any mix of transitions, with and without details."""
    slider = st.floats(-100, 100)
    easing = st.sampled_from(["linear", "ease-in", "ease-out", "ease-in-out"])
    duration_ms = st.integers(0, 5000)
    kinds = st.builds(TransitionStyle, type=st.sampled_from(KINDS), duration_ms=duration_ms, easing=easing)
    return style(
        draw(st.one_of(st.just(0.0), st.floats(0, 20), st.floats(20, 400))),
        color_grade=draw(st.builds(ColorGrade, temperature=slider, saturation=slider, contrast=slider, shadows=slider)),
        aspect_ratio=draw(st.sampled_from(["16:9", "9:16", "1:1"])),
        frame_rate=draw(st.sampled_from([24, 30, 60])),
        zoom_usage=draw(st.floats(0, 100)),
        primary_transition=draw(kinds),
        secondary_transition=draw(st.none() | kinds),
        details=draw(st.just(StyleDetails()) | _details()),
    )


@st.composite
def _details(draw: st.DrawFn) -> StyleDetails:
    lengths = draw(st.lists(st.floats(0.1, 20), min_size=1, max_size=30))
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4, unique=True))
    weights = [draw(st.floats(0.05, 1)) for _ in kinds]
    directions = st.none() | st.sampled_from(["left", "up", "in", "white", "sideways"])
    mix = [
        TransitionShare(
            type=kind, share=weight / sum(weights), duration_ms=draw(st.integers(0, 4000)), direction=draw(directions)
        )
        for kind, weight in zip(kinds, weights, strict=True)
    ]
    edge_fades = [
        Transition(type="fade", start_s=0, end_s=1, duration_ms=draw(st.integers(0, 6000)), confidence=1, edge=edge)
        for edge in draw(st.sampled_from([(), ("start",), ("end",), ("start", "end")]))
    ]
    return StyleDetails(
        pacing=PacingDetail(shot_lengths_s=tuple(lengths), median_shot_s=float(np.median(lengths))),
        transition_mix=tuple(mix),
        transitions=tuple(edge_fades),
        zooms=(CameraMove(kind="zoom-in", start_s=0, end_s=1, amount=draw(st.floats(0.5, 3))),),
        look=look(draw(st.integers(0, 3))),
    )
