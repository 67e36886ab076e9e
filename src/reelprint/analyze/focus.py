"""Where to look: faces, else what moves on its own, else what stands out, else the centre."""

from __future__ import annotations

import math

import cv2
import numpy as np

from reelprint.analyze.evidence import F64, Evidence, Known, Tick
from reelprint.analyze.face_tracks import FaceFinder, FaceTrack, join_tracks, look_for_faces
from reelprint.analyze.motion.path import STEP_S, ActiveLuma
from reelprint.analyze.saliency import Region, moving_region, salient_region
from reelprint.analyze.screens import is_screen
from reelprint.analyze.silence import HOP_S, LevelTrack
from reelprint.analyze.speaker_lips import lip_activity
from reelprint.analyze.speaker_turns import Turn, find_turns, voice_level
from reelprint.core.analysis import ActivePicture
from reelprint.core.motion import Focus, FocusTrack, SpeakerTurn
from reelprint.core.shots import Shot
from reelprint.core.sound import Span

#: More faces than this at a time are a crowd; the most important ones stand for it.
MAX_FACES = 3
#: How many looks to either side the activity of a face is averaged over (about a second each way).
_ACTIVITY_LOOKS = 4
#: Most of a face's importance is how much it moves against the other faces, the rest its size.
_ACTIVITY_PART = 0.7
#: How much better another face must be before it takes over.
_TAKEOVER = 1.15
#: A shot with a face of this height (share of the picture) is no slide, whatever is behind it.
_LARGE_FACE = 0.3
_SOUND_BLOCK_S = 20.0


class FocusAnalyzer:
    """Measures the focus on the RGB samples (about four a second).

    Points of one time come together, the most important first: several faces give several points, and ``weight`` (0..1)
    compares them. Of several faces the one whose turn it is to speak leads (``speaker_turns``). Coordinates are shares
    of the frame as displayed, bars included.
    """

    name = "focus"
    version = 2

    def __init__(self, faces: FaceFinder) -> None:
        self._faces = faces

    def measure(self, evidence: Evidence, known: Known, tick: Tick) -> FocusTrack:
        """Measure; needs ``known.shots``, uses ``known.picture``.

        Raises ValueError without shots and ModelMissing without the face model.
        """
        if known.shots is None:
            raise ValueError("the focus is followed inside shots: run the shot analyzer first")
        points: list[Focus] = []
        turns: list[SpeakerTurn] = []
        screens: list[Span] = []
        frames = evidence.samples.frames
        level_db = _level_db(evidence)
        numbered = 0
        for shot in known.shots.shots:
            first, stop = np.searchsorted(frames, [shot.start_frame, shot.end_frame])
            looks = range(int(first), int(stop))
            tracks = self._faces_of(evidence, looks, tick)
            spoken = _turns(tracks, evidence, shot, looks, level_db)
            points.extend(_follow(tracks, spoken, numbered, evidence, known.picture, shot, looks))
            turns.extend(
                SpeakerTurn(
                    start_s=turn.start_s,
                    end_s=turn.end_s,
                    face=numbered + turn.face,
                    clarity=turn.clarity,
                    voiced_s=round(turn.voiced_s, 2),
                )
                for turn in spoken
            )
            numbered += len(tracks)
            large = any(box[3] >= _LARGE_FACE for track in tracks for box in track.boxes.values())
            if not large and is_screen(looks, evidence.samples.rgb, known.picture):
                screens.append(Span(start_s=shot.start_s, end_s=shot.end_s))
        tick(1.0)
        return FocusTrack(points=tuple(points), turns=tuple(turns), screens=tuple(screens))

    def _faces_of(self, evidence: Evidence, looks: range, tick: Tick) -> list[FaceTrack]:
        """The faces of one shot."""

        def read(position: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
            tick(float(evidence.samples.times_s[position]) / evidence.duration_s)
            return evidence.samples.rgb(position)

        return join_tracks(look_for_faces(self._faces, looks, read))


def _level_db(evidence: Evidence) -> F64 | None:
    """The film's sound level every HOP_S, dBFS; None without sound."""
    if evidence.sound is None or not evidence.sound.mono.count:
        return None
    level = LevelTrack(evidence.sound.mono.rate_hz)
    for block in evidence.sound.mono.blocks(_SOUND_BLOCK_S):
        level.feed(block[:, 0])
    return level.db()


def _turns(tracks: list[FaceTrack], evidence: Evidence, shot: Shot, looks: range, level_db: F64 | None) -> list[Turn]:
    """Whose turn it is, in a shot in which several faces are seen at once."""
    if not any(sum(look in track.boxes for track in tracks) > 1 for look in range(len(looks))):
        return []
    activity = lip_activity(evidence, shot, tracks, evidence.samples.times_s[looks.start : looks.stop])
    voice = voice_level(level_db, HOP_S, shot.start_s, shot.end_s)
    sizes = np.array([float(np.median([box[3] for box in track.boxes.values()])) for track in tracks])
    times_s = evidence.times_s[shot.start_frame : shot.end_frame]
    return find_turns(activity, times_s, voice, sizes, shot.start_s, shot.end_s)


def _follow(
    tracks: list[FaceTrack],
    turns: list[Turn],
    numbered: int,
    evidence: Evidence,
    picture: ActivePicture | None,
    shot: Shot,
    looks: range,
) -> list[Focus]:
    """Points of one shot; its faces are counted from ``numbered``."""
    luma = ActiveLuma(evidence, picture)
    importance = _importance(tracks, evidence, shot, looks)
    leader: int | None = None
    points: list[Focus] = []
    for look, position in enumerate(looks):
        time_s = float(evidence.samples.times_s[position])
        present = [number for number, track in enumerate(tracks) if look in track.boxes]
        if not present:
            leader = None
            points.append(_without_faces(evidence, picture, luma, shot, int(evidence.samples.frames[position])))
            continue
        speaker = next((turn.face for turn in turns if turn.start_s <= time_s < turn.end_s), None)
        leader = speaker if speaker in present else _leader(leader, present, importance[:, look])
        others = sorted((n for n in present if n != leader), key=lambda n: -importance[n, look])
        top = float(importance[leader, look])
        for number in [leader, *others][:MAX_FACES]:
            x, y, width, height, _ = tracks[number].boxes[look]
            weight = 1.0 if number == leader else min(0.95, float(importance[number, look]) / max(top, 1e-6))
            point = _point(time_s, x + width / 2, y + height / 2, width, height, "face", weight)
            points.append(point.model_copy(update={"face": numbered + number}))
    return points


def _leader(current: int | None, present: list[int], importance: F64) -> int:
    best = max(present, key=lambda number: float(importance[number]))
    if current in present and importance[best] < _TAKEOVER * importance[current]:
        return current
    return best


def _importance(tracks: list[FaceTrack], evidence: Evidence, shot: Shot, looks: range) -> F64:
    """(tracks, looks) importance of every face, comparable within a look."""
    activity = np.zeros((len(tracks), len(looks)))
    size = np.zeros_like(activity)
    for number, track in enumerate(tracks):
        for look, box in track.boxes.items():
            size[number, look] = math.sqrt(box[2] * box[3])
    if len(tracks) > 1:
        for look, position in enumerate(looks):
            if int((size[:, look] > 0).sum()) > 1:
                activity[:, look] = _activity(tracks, look, evidence, shot, int(evidence.samples.frames[position]))
        window = np.ones(2 * _ACTIVITY_LOOKS + 1)
        activity = np.stack([np.convolve(row, window)[_ACTIVITY_LOOKS:-_ACTIVITY_LOOKS] for row in activity])
    share = activity / np.maximum(activity.sum(axis=0), 1e-9)
    largest = size / np.maximum(size.max(axis=0, initial=0.0), 1e-9)
    importance: F64 = np.where(size > 0, _ACTIVITY_PART * share + (1 - _ACTIVITY_PART) * largest, 0.0)
    return importance


def _activity(tracks: list[FaceTrack], look: int, evidence: Evidence, shot: Shot, frame: int) -> F64:
    """(tracks,) mean change of grey in each face over a few frames around a look; 0 for faces that are not there."""
    begin = max(shot.start_frame, frame - 1)
    end = _later(evidence.times_s, begin, shot.end_frame, STEP_S)
    planes = evidence.proxies.luma(begin, end + 1)
    result = np.zeros(len(tracks))
    if len(planes) < 2:
        return result
    change = cv2.absdiff(np.ascontiguousarray(planes[0]), np.ascontiguousarray(planes[-1])).astype(np.float32)
    height, width = change.shape
    for number, track in enumerate(tracks):
        if look in track.boxes:
            x, y, box_w, box_h, _ = track.boxes[look]
            rows = slice(int(y * height), max(int(y * height) + 1, int((y + box_h) * height)))
            columns = slice(int(x * width), max(int(x * width) + 1, int((x + box_w) * width)))
            inside = change[rows, columns]
            result[number] = float(inside.mean()) if inside.size else 0.0
    return result


def _without_faces(
    evidence: Evidence, picture: ActivePicture | None, luma: ActiveLuma, shot: Shot, frame: int
) -> Focus:
    time_s = float(evidence.times_s[frame])
    begin = min(frame, max(shot.start_frame, shot.end_frame - 2))
    end = _later(evidence.times_s, begin, shot.end_frame, STEP_S)
    now = luma.frame(frame)
    region = moving_region(luma.frame(begin), luma.frame(end)) if end > begin else None
    if region is not None:
        return _placed(time_s, region, picture, "motion")
    region = salient_region(now)
    if region is not None:
        return _placed(time_s, region, picture, "saliency")
    return _placed(time_s, Region(0.5, 0.5, 0.0, 0.0, 0.1), picture, "centre")


def _later(times_s: F64, frame: int, stop: int, seconds: float) -> int:
    """The frame about ``seconds`` after another, at most ``stop - 1``."""
    return int(min(stop - 1, len(times_s) - 1, np.searchsorted(times_s, times_s[frame] + seconds - 1e-4)))


def _placed(time_s: float, region: Region, picture: ActivePicture | None, source: str) -> Focus:
    """A region of the active picture as a point of the whole frame."""
    if picture is None:
        return _point(time_s, region.x, region.y, region.width, region.height, source, region.weight)
    return _point(
        time_s,
        picture.x + region.x * picture.width,
        picture.y + region.y * picture.height,
        region.width * picture.width,
        region.height * picture.height,
        source,
        region.weight,
    )


def _point(time_s: float, x: float, y: float, width: float, height: float, source: str, weight: float) -> Focus:
    x, y, width, height = (round(min(1.0, max(0.0, value)), 4) for value in (x, y, width, height))
    return Focus.model_validate(
        {
            "time_s": time_s,
            "x": x,
            "y": y,
            "width": width,
            "height": height,
            "source": source,
            "weight": round(weight, 3),
        }
    )
