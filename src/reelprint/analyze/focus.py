"""Where to look: faces, else what moves on its own, else what stands out, else the centre."""

from __future__ import annotations

import math

import cv2
import numpy as np

from reelprint.analyze.evidence import F64, Evidence, Known, Tick
from reelprint.analyze.face_tracks import FaceFinder, FaceTrack, join_tracks, look_for_faces
from reelprint.analyze.motion.path import STEP_S, ActiveLuma
from reelprint.analyze.saliency import Region, moving_region, salient_region
from reelprint.core.analysis import ActivePicture
from reelprint.core.motion import Focus, FocusTrack
from reelprint.core.shots import Shot

#: More faces than this at a time are a crowd; the most important ones stand for it.
MAX_FACES = 3
#: How many looks to either side the activity of a face is averaged over (about a second each way).
_ACTIVITY_LOOKS = 4
#: Most of a face's importance is how much it moves against the other faces, the rest its size.
_ACTIVITY_PART = 0.7
#: How much better another face must be before it takes over.
_TAKEOVER = 1.15


class FocusAnalyzer:
    """Measures the focus on the RGB samples (about four a second).

    Points of one time come together, the most important first: several faces give several points, and ``weight`` (0..1)
    compares them. Who talks moves more, so among faces of one size the livelier one leads. Coordinates are shares of
    the frame as displayed, bars included.
    """

    name = "focus"
    version = 1

    def __init__(self, faces: FaceFinder) -> None:
        self._faces = faces

    def measure(self, evidence: Evidence, known: Known, tick: Tick) -> FocusTrack:
        """Measure; needs ``known.shots``, uses ``known.picture``.

        Raises ValueError without shots and ModelMissing without the face model.
        """
        if known.shots is None:
            raise ValueError("the focus is followed inside shots: run the shot analyzer first")
        points: list[Focus] = []
        frames = evidence.samples.frames
        for shot in known.shots.shots:
            first, stop = np.searchsorted(frames, [shot.start_frame, shot.end_frame])
            looks = range(int(first), int(stop))
            points.extend(self._follow(evidence, known.picture, shot, looks, tick))
        tick(1.0)
        return FocusTrack(points=tuple(points))

    def _follow(
        self, evidence: Evidence, picture: ActivePicture | None, shot: Shot, looks: range, tick: Tick
    ) -> list[Focus]:
        """Points of one shot."""

        def read(position: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
            tick(float(evidence.samples.times_s[position]) / evidence.duration_s)
            return evidence.samples.rgb(position)

        tracks = join_tracks(look_for_faces(self._faces, looks, read))
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
            leader = _leader(leader, present, importance[:, look])
            others = sorted((n for n in present if n != leader), key=lambda n: -importance[n, look])
            top = float(importance[leader, look])
            for number in [leader, *others][:MAX_FACES]:
                x, y, width, height, _ = tracks[number].boxes[look]
                weight = 1.0 if number == leader else min(0.95, float(importance[number, look]) / max(top, 1e-6))
                points.append(_point(time_s, x + width / 2, y + height / 2, width, height, "face", weight))
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
