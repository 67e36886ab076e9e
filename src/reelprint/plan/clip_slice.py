"""A stretch of a film as if it were a film of its own: its Analysis, clipped and moved to start at 0."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

from reelprint.core.analysis import Analysis, Timing
from reelprint.core.colour import ColourMeasure
from reelprint.core.motion import CameraMove, FocusTrack, MotionMeasure, SpeakerTurn
from reelprint.core.shots import Shot, ShotList, Transition
from reelprint.core.sound import LoudnessMeasure, MusicMeasure, Span, SpeechMeasure
from reelprint.core.text import TextMeasure, TextOverlay
from reelprint.core.time import parse_rate

_NOTHING_S = 1e-6
#: Levels this far under the loudest tenth are pauses, dB.
_PAUSE_DB = 20.0


T = TypeVar("T", CameraMove, Span, SpeakerTurn, TextOverlay)


def sliced(film: Analysis, start_s: float, end_s: float) -> Analysis:
    """The Analysis of [start_s, end_s) of ``film``, with all times counted from ``start_s``.

    Media, picture and the look of the whole film stay: they are the file's. The range must lie in the film.
    """
    duration_s = end_s - start_s
    rate = parse_rate(film.timing.frame_rate)
    kept = [
        number
        for number, shot in enumerate(film.shots.shots)
        if min(shot.end_s, end_s) - max(shot.start_s, start_s) > _NOTHING_S
    ]
    shots = _shots(film, kept, start_s, end_s)
    return film.model_copy(
        update={
            "timing": Timing(
                frame_count=max(1, round(duration_s * rate)),
                frame_rate=film.timing.frame_rate,
                duration_s=duration_s,
                decode_errors=film.timing.decode_errors,
            ),
            "shots": shots,
            "colour": _colour(film.colour, kept),
            "motion": _motion(film.motion, kept, start_s, end_s),
            "focus": _focus(film.focus, start_s, end_s),
            "text": _text(film.text, start_s, end_s),
            "loudness": _loudness(film.loudness, start_s, end_s),
            "music": _music(film.music, start_s, end_s),
            "speech": _speech(film.speech, start_s, end_s),
        }
    )


def clipped(items: Iterable[T], start_s: float, end_s: float) -> tuple[T, ...]:
    """Whatever has a start and an end, clipped to the range and moved; what has no part in it is left out."""
    return tuple(
        item.model_copy(update={"start_s": max(0.0, item.start_s - start_s), "end_s": min(end_s, item.end_s) - start_s})
        for item in items
        if min(item.end_s, end_s) - max(item.start_s, start_s) > _NOTHING_S
    )


def _shots(film: Analysis, kept: Sequence[int], start_s: float, end_s: float) -> ShotList:
    """The shots of the range tile it; each boundary between two of them is clipped like everything else."""
    rate = parse_rate(film.timing.frame_rate)
    shots = [film.shots.shots[number] for number in kept]
    edges = [0.0, *(shot.start_s - start_s for shot in shots[1:]), end_s - start_s]
    first_frame = shots[0].start_frame + max(0, math.floor((start_s - shots[0].start_s) * rate))
    frames = [0]
    for shot in shots[1:]:
        frames.append(max(frames[-1] + 1, shot.start_frame - first_frame))
    frames.append(max(frames[-1] + 1, math.ceil((end_s - start_s) * rate)))
    boundaries = film.shots.boundaries
    return ShotList(
        shots=tuple(
            Shot(start_s=begin, end_s=end, start_frame=first, end_frame=stop)
            for (begin, end), (first, stop) in zip(pairwise(edges), pairwise(frames), strict=True)
        ),
        transitions=tuple(_moved(boundaries[number], start_s, end_s) for number in kept[:-1]),
    )


def _moved(boundary: Transition, start_s: float, end_s: float) -> Transition:
    begin = min(max(boundary.start_s, start_s), end_s) - start_s
    finish = min(max(boundary.end_s, start_s), end_s) - start_s
    return boundary.model_copy(update={"start_s": begin, "end_s": max(begin, finish)})


def _colour(colour: ColourMeasure, kept: Sequence[int]) -> ColourMeasure:
    return colour.model_copy(
        update={
            "shot_looks": tuple(colour.shot_looks[number] for number in kept),
            "shot_places": tuple(colour.shot_places[number] for number in kept) if colour.shot_places else (),
        }
    )


def _motion(motion: MotionMeasure, kept: Sequence[int], start_s: float, end_s: float) -> MotionMeasure:
    return motion.model_copy(
        update={
            "shots": tuple(motion.shots[number] for number in kept),
            "zooms": clipped(motion.zooms, start_s, end_s),
            "camera_moves": clipped(motion.camera_moves, start_s, end_s),
        }
    )


def _focus(focus: FocusTrack, start_s: float, end_s: float) -> FocusTrack:
    points = tuple(
        point.model_copy(update={"time_s": point.time_s - start_s})
        for point in focus.points
        if start_s <= point.time_s < end_s
    )
    return FocusTrack(
        points=points, turns=clipped(focus.turns, start_s, end_s), screens=clipped(focus.screens, start_s, end_s)
    )


def _text(text: TextMeasure, start_s: float, end_s: float) -> TextMeasure:
    return text.model_copy(
        update={
            "overlays": clipped(text.overlays, start_s, end_s),
            "caption_lines": clipped(text.caption_lines, start_s, end_s),
        }
    )


def _loudness(loudness: LoudnessMeasure | None, start_s: float, end_s: float) -> LoudnessMeasure | None:
    """Levels of the range; its loudness is the film's, moved by how much louder its programme is than the film's."""
    if loudness is None:
        return None
    hz = loudness.envelope_hz
    inside = slice(int(start_s * hz), max(int(start_s * hz) + 1, math.ceil(end_s * hz)))
    own = loudness.envelope_db[inside]
    if not own:
        return loudness
    louder_lu = _programme_db(own) - _programme_db(loudness.envelope_db)
    return loudness.model_copy(
        update={
            "envelope_db": own,
            "weighted_db": loudness.weighted_db[inside],
            "integrated_lufs": round(loudness.integrated_lufs + louder_lu, 2),
        }
    )


def _programme_db(levels_db: Sequence[float]) -> float:
    """Mean power of what is no pause, dB."""
    loud = sorted(levels_db)[-max(1, len(levels_db) // 10)]
    power = [10 ** (level / 10) for level in levels_db if level >= loud - _PAUSE_DB]
    return 10 * math.log10(max(1e-12, sum(power) / len(power)))


def _music(music: MusicMeasure, start_s: float, end_s: float) -> MusicMeasure:
    return music.model_copy(
        update={
            "beats": tuple(
                beat.model_copy(update={"time_s": beat.time_s - start_s})
                for beat in music.beats
                if start_s <= beat.time_s < end_s
            ),
            "onsets_s": tuple(onset - start_s for onset in music.onsets_s if start_s <= onset < end_s),
        }
    )


def _speech(speech: SpeechMeasure, start_s: float, end_s: float) -> SpeechMeasure:
    said, played = clipped(speech.speech, start_s, end_s), clipped(speech.music, start_s, end_s)
    return SpeechMeasure(
        speech=said,
        silences=clipped(speech.silences, start_s, end_s),
        music=played,
        speech_share=_share(said, end_s - start_s),
        music_share=_share(played, end_s - start_s),
    )


def _share(spans: Sequence[Span], duration_s: float) -> float:
    return min(1.0, sum(span.end_s - span.start_s for span in spans) / duration_s)
