"""How much lips move: change in the lower half of a face that its upper half does not share.

A face that nods, turns or sways changes all over; one that talks changes most around the mouth. So each face is cut
out of successive frames, brought to one size, laid over the one before (the head's own movement is taken
out), and the change that is left is compared below and above the nose.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from reelprint.analyze.evidence import F32, F64, U8, Evidence
from reelprint.analyze.face_tracks import FaceTrack
from reelprint.core.shots import Shot

#: Faces are compared at this size, pixels.
_WIDTH, _HEIGHT = 32, 40
#: Where mouth and chin are, and where eyes and forehead are: (top, bottom, left, right) as shares of a face's box.
_MOUTH, _BROW = (0.58, 0.98, 0.2, 0.8), (0.1, 0.5, 0.15, 0.85)
#: Frames this far apart are compared: lips change shape a few times a second.
_APART_S = 0.04
#: How much of the change around the eyes is taken off: all of it would punish those who talk with their brows.
_SHARED = 0.5
_LEFT_BEHIND = 0.25
#: The part of a head that keeps its shape, which its movement is measured on.
_HEAD = (0.0, 0.55, 0.05, 0.95)
#: Free room around the small face, pixels; a head that moves further between two frames is not held.
_MARGIN = 4
_STEPS = 4
#: Boxes are steadied over this many looks to either side.
_STEADY_LOOKS = 2
_BLOCK_FRAMES = 250


def lip_activity(evidence: Evidence, shot: Shot, tracks: Sequence[FaceTrack], look_times_s: F64) -> F64:
    """(tracks, frames of the shot) change around the mouth less what the head shares in, grey levels; signed.

    ``look_times_s``: the times of the looks that the tracks count. Frames on which a face is not there are nan.
    """
    frames = shot.end_frame - shot.start_frame
    times_s = np.asarray(evidence.times_s[shot.start_frame : shot.end_frame])
    boxes = [_boxes_on(track, look_times_s, times_s) for track in tracks]
    result = np.full((len(tracks), frames), np.nan)
    if frames < 2:
        return result
    apart = max(1, round(_APART_S / max(1e-6, float(np.median(np.diff(times_s))))))
    for first in range(0, frames, _BLOCK_FRAMES):
        stop = min(frames, first + _BLOCK_FRAMES)
        begin = max(0, first - apart)
        planes = evidence.proxies.luma(shot.start_frame + begin, shot.start_frame + stop)
        for number, places in enumerate(boxes):
            for at in range(max(first, apart), stop):
                if not np.isnan(places[at, 0]):
                    before, now = (_cut_out(planes[index - begin], places[at]) for index in (at - apart, at))
                    result[number, at] = _lip_change(before, now)
    return result


def _boxes_on(track: FaceTrack, look_times_s: F64, times_s: F64) -> F64:
    """(frames, 4) the face's box on every frame, steadied; nan outside the track."""
    looks = sorted(track.boxes)
    seen = np.array([track.boxes[look][:4] for look in looks])
    reach = _STEADY_LOOKS
    steady = np.stack([np.median(seen[max(0, at - reach) : at + reach + 1], axis=0) for at in range(len(seen))])
    at_s = look_times_s[looks]
    # A track is there from half a look before its first one to half a look after its last.
    half_s = float(np.median(np.diff(look_times_s))) / 2 if len(look_times_s) > 1 else 0.0
    boxes = np.stack([np.interp(times_s, at_s, steady[:, part]) for part in range(4)], axis=1)
    boxes[(times_s < at_s[0] - 2 * half_s) | (times_s > at_s[-1] + 2 * half_s)] = np.nan
    return boxes


def _cut_out(plane: U8, box: F64) -> F32:
    """The face at the common size, with a margin around it that a shifted face is taken from."""
    height, width = plane.shape
    x, y, box_w, box_h = (float(value) for value in box)
    across, down = box_w * width / _WIDTH, box_h * height / _HEIGHT
    corner = (x * width + (0.5 - _MARGIN) * across - 0.5, y * height + (0.5 - _MARGIN) * down - 0.5)
    matrix = np.array([[across, 0, corner[0]], [0, down, corner[1]]], np.float32)
    return _warped(np.ascontiguousarray(plane).astype(np.float32), matrix)


def _warped(picture: F32, matrix: F32) -> F32:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (_WIDTH + 2 * _MARGIN, _HEIGHT + 2 * _MARGIN)
    moved = cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def _lip_change(before: F32, now: F32) -> float:
    """Mean change around the mouth beyond what eyes and forehead share, the head's own movement taken out."""
    change = np.abs(_held(before, now) - before)
    mouth, brow = float(_part(change, _MOUTH).mean()), float(_part(change, _BROW).mean())
    # What a moving head leaves behind after it is held grows with what was taken out.
    taken_out = max(0.0, float(_part(np.abs(now - before), _BROW).mean()) - brow)
    return mouth - _SHARED * brow - _LEFT_BEHIND * taken_out


def _held(before: F32, now: F32) -> F32:
    """``now`` moved so that eyes and forehead lie where they were (Lucas and Kanade 1981, a translation)."""
    rows, columns = _slices(_HEAD)
    gradients = [np.asarray(np.gradient(before, axis=axis), np.float64)[rows, columns] for axis in (1, 0)]
    across, down = gradients
    normal = np.array([[(across * across).sum(), (across * down).sum()], [(across * down).sum(), (down * down).sum()]])
    normal += np.eye(2) * 1e-3 * (1.0 + np.trace(normal))
    shift, held = np.zeros(2), now
    for _ in range(_STEPS):
        gap = held[rows, columns] - before[rows, columns]
        gap = gap - gap.mean()
        shift -= np.linalg.solve(normal, np.array([(across * gap).sum(), (down * gap).sum()]))
        if float(np.abs(shift).max()) > _MARGIN:
            return now
        held = _warped(now, np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32))
    return held


def _slices(where: tuple[float, float, float, float]) -> tuple[slice, slice]:
    top, bottom, left, right = where
    return (
        slice(_MARGIN + int(top * _HEIGHT), _MARGIN + int(bottom * _HEIGHT)),
        slice(_MARGIN + int(left * _WIDTH), _MARGIN + int(right * _WIDTH)),
    )


def _part(picture: F32, where: tuple[float, float, float, float]) -> F32:
    rows, columns = _slices(where)
    return picture[rows, columns]
