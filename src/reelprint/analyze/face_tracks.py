"""Faces found on single pictures, joined to tracks within a shot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from reelprint.analyze.evidence import U8

#: (x, y, width, height, score): left top corner and size as shares of the picture, score 0..1.
FaceBox = tuple[float, float, float, float, float]


class FaceFinder(Protocol):
    """The port to a face detector."""

    def find(self, rgb: U8) -> list[FaceBox]:
        """Find faces in (h, w, 3) RGB, best first. Raises ModelMissing when the detector cannot be loaded."""


#: A face may move by this many of its own sizes between two looks and still be the same.
_REACH = 0.8
#: Looks without the face after which its track ends.
_MAX_GAP = 4
#: A track seen once is believed only with this score.
_SURE_SCORE = 0.75
#: Smaller faces (share of the picture's height) are no subject.
_MIN_HEIGHT = 0.05


@dataclass
class FaceTrack:
    """One face over time: boxes by look number, gaps filled."""

    boxes: dict[int, FaceBox] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The latest look at which it was seen."""
        return max(self.boxes)

    def believed(self) -> bool:
        """Whether it was seen twice, or once beyond doubt."""
        return len(self.boxes) > 1 or max(box[4] for box in self.boxes.values()) >= _SURE_SCORE

    def fill(self) -> None:
        """Interpolate the looks in between."""
        seen = sorted(self.boxes)
        values = np.array([self.boxes[look] for look in seen])
        for look in range(seen[0], seen[-1] + 1):
            if look not in self.boxes:
                x, y, width, height, score = (float(np.interp(look, seen, values[:, part])) for part in range(5))
                self.boxes[look] = (x, y, width, height, score)


def look_for_faces(finder: FaceFinder, pictures: Sequence[int], read: ReadPicture) -> list[list[FaceBox]]:
    """Find the faces on the pictures of one shot, one list for each; picture numbers go to ``read``.

    Every second picture is looked at only where its neighbours differ; the tracks fill the rest.
    """
    found: list[list[FaceBox] | None] = [None] * len(pictures)
    last = len(pictures) - 1
    for index in range(0, len(pictures), 2):
        found[index] = _subjects(finder.find(read(pictures[index])))
    for index in range(1, len(pictures), 2):
        before, after = found[index - 1], found[index + 1] if index < last else None
        if after is None or before is None or not _alike(before, after):
            found[index] = _subjects(finder.find(read(pictures[index])))
    return [boxes if boxes is not None else [] for boxes in found]


class ReadPicture(Protocol):
    """Reads a picture of a shelf by its position."""

    def __call__(self, position: int, /) -> U8:
        """(h, w, 3) RGB."""


def join_tracks(looks: Sequence[Sequence[FaceBox]]) -> list[FaceTrack]:
    """Join the faces of successive looks (nearest first) to tracks; those seen once with doubt are dropped."""
    open_tracks: list[FaceTrack] = []
    every: list[FaceTrack] = []
    for look, boxes in enumerate(looks):
        open_tracks = [track for track in open_tracks if look - track.last <= _MAX_GAP]
        pairs = sorted(
            (gap, number, index)
            for number, track in enumerate(open_tracks)
            for index, box in enumerate(boxes)
            if (gap := _gap(track.boxes[track.last], box)) < _REACH * (look - track.last) ** 0.5
        )
        taken_tracks: set[int] = set()
        taken_boxes: set[int] = set()
        for _, number, index in pairs:
            if number not in taken_tracks and index not in taken_boxes:
                open_tracks[number].boxes[look] = boxes[index]
                taken_tracks.add(number)
                taken_boxes.add(index)
        fresh = [FaceTrack({look: box}) for index, box in enumerate(boxes) if index not in taken_boxes]
        open_tracks += fresh
        every += fresh
    kept = [track for track in every if track.believed()]
    for track in kept:
        track.fill()
    return kept


def _subjects(boxes: Sequence[FaceBox]) -> list[FaceBox]:
    return [box for box in boxes if box[3] >= _MIN_HEIGHT]


def _gap(first: FaceBox, second: FaceBox) -> float:
    """Distance of the centres in units of the mean size; 9 if the sizes differ too much to be one face."""
    size = (first[3] + second[3]) / 2
    if max(first[3], second[3]) > 1.8 * min(first[3], second[3]):
        return 9.0
    across = (first[0] + first[2] / 2 - second[0] - second[2] / 2) * (first[3] / max(first[2], 1e-6))
    down = first[1] + first[3] / 2 - second[1] - second[3] / 2
    return float(np.hypot(across, down)) / size


def _alike(first: Sequence[FaceBox], second: Sequence[FaceBox]) -> bool:
    """Whether two looks show the same faces at nearly the same places."""
    return len(first) == len(second) and all(min(_gap(box, other) for other in second) < 0.25 for box in first)
