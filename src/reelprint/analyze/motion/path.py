"""The motion of a shot over time: pairs of frames a fixed time apart, so that frame rate does not matter."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.evidence import F64, U8, Evidence
from reelprint.analyze.motion.tracking import PairMotion, pair_motion
from reelprint.core.analysis import ActivePicture
from reelprint.core.shots import Shot, ShotList, Transition

#: Time between compared frames, s. Long enough to see slow moves above the tracking noise, short enough to follow.
STEP_S = 0.1
#: Slow motion is measured again over this many steps at once: tracking has a bias of some hundredths of a pixel.
ANCHOR_STEPS = 5
#: What counts as slow: camera travel over those steps, as a share of the diagonal (5 px on a 160 x 90 proxy).
ANCHOR_TRAVEL = 0.027


@dataclass(frozen=True)
class MotionPath:
    """Motion of one shot in steps; every array is (n,).

    Displacements are what the content does, as shares of the picture: ``x`` of its width, ``y`` of its height;
    ``travel``, ``camera`` and ``subject`` are mean lengths over the picture as shares of its diagonal.
    ``log_scale`` > 0: content grows; ``angle_rad`` > 0: content turns clockwise. ``support`` as in PairMotion.
    ``seen``: false where the motion could not be followed, the rest is 0 there. ``frames`` (n + 1,): the frames that
    the steps lie between.
    """

    frames: NDArray[np.int64]
    start_s: F64
    end_s: F64
    log_scale: F64
    angle_rad: F64
    x: F64
    y: F64
    travel: F64
    camera: F64
    subject: F64
    support: F64
    seen: NDArray[np.bool_]

    @property
    def length(self) -> int:
        """Number of steps."""
        return len(self.start_s)

    @property
    def seconds(self) -> F64:
        """(n,) duration of every step."""
        return self.end_s - self.start_s


class ActiveLuma:
    """Grey proxies of single frames, without the bars of a letterbox."""

    def __init__(self, evidence: Evidence, picture: ActivePicture | None) -> None:
        self._proxies = evidence.proxies
        self._rows, self._columns = slice(None), slice(None)
        if picture is not None:
            self._rows = _inner(picture.y, picture.height, evidence.proxies.height)
            self._columns = _inner(picture.x, picture.width, evidence.proxies.width)

    def frame(self, number: int) -> U8:
        """(h, w) active picture of a frame."""
        plane = self._proxies.luma(number, number + 1)[0]
        return np.ascontiguousarray(plane[self._rows, self._columns])


def _inner(start: float, extent: float, pixels: int) -> slice:
    """Whole pixels inside [start, start + extent) of a picture that many pixels long; one that is cut is left out."""
    first = math.ceil(start * pixels - 1e-6)
    last = math.floor((start + extent) * pixels + 1e-6)
    return slice(first, max(last, first + 1))


def clear_frames(shot: Shot, shots: ShotList, times_s: F64) -> tuple[int, int]:
    """Frames [first, stop) of a shot that belong to no transition; can be empty (first >= stop)."""
    first, stop = shot.start_frame, min(shot.end_frame, len(times_s))
    for item in shots.transitions:
        if item.end_s <= item.start_s:
            continue
        begin, end = _frame_span(item, times_s)
        if begin <= first < end:
            first = end
        if begin < stop <= end:
            stop = begin
    return first, stop


def _frame_span(item: Transition, times_s: F64) -> tuple[int, int]:
    """Frames [begin, end) that a gradual transition touches."""
    begin = int(np.searchsorted(times_s, item.start_s - 1e-4))
    end = int(np.searchsorted(times_s, item.end_s + 1e-4))
    return begin, end


def steps(times_s: F64, first: int, stop: int) -> list[int]:
    """Frame numbers in [first, stop) about STEP_S apart, the first and the last included (if there are two)."""
    if stop - first < 2:
        return []
    start, end = float(times_s[first]), float(times_s[stop - 1])
    count = max(1, round((end - start) / STEP_S))
    wanted = np.linspace(start, end, count + 1)
    right = np.clip(np.searchsorted(times_s[first:stop], wanted), 1, stop - first - 1)
    left = right - 1
    span = times_s[first:stop]
    nearest = np.where(wanted - span[left] <= span[right] - wanted, left, right)
    return [first + int(item) for item in np.unique(nearest)]


def follow(luma: ActiveLuma, first: int, second: int, before: U8, after: U8) -> PairMotion | None:
    """Motion between two frames; when it is too fast to follow, in halves down to neighbouring frames."""
    motion = pair_motion(before, after)
    if motion is not None or second - first < 2:
        return motion
    middle = (first + second) // 2
    between = luma.frame(middle)
    head = follow(luma, first, middle, before, between)
    if head is None:
        return None
    tail = follow(luma, middle, second, between, after)
    if tail is None:
        return None
    return PairMotion(
        camera=head.camera.then(tail.camera),
        travel_px=head.travel_px + tail.travel_px,
        camera_px=head.camera_px + tail.camera_px,
        subject_px=head.subject_px + tail.subject_px,
        support=min(head.support, tail.support),
    )


def _anchor(block: F64, before: U8, after: U8) -> None:
    """Spread the difference to the motion measured over a block of steps at once evenly over the block, in place."""
    motion = pair_motion(before, after)
    if motion is None or motion.support < float(block[7].min()):
        return
    height, width = after.shape
    camera = motion.camera
    whole = (math.log(camera.scale), camera.angle_rad, camera.dx_px / width, camera.dy_px / height)
    block[:4] += ((np.array(whole) - block[:4].sum(axis=1)) / block.shape[1])[:, None]


def motion_path(luma: ActiveLuma, times_s: F64, first: int, stop: int) -> MotionPath:
    """Follow frames [first, stop) of one shot."""
    numbers = steps(times_s, first, stop)
    count = max(0, len(numbers) - 1)
    table = np.zeros((8, count))
    seen = np.zeros(count, bool)
    before = luma.frame(numbers[0]) if numbers else None
    for index in range(count):
        after = luma.frame(numbers[index + 1])
        if before is None:
            break
        motion = follow(luma, numbers[index], numbers[index + 1], before, after)
        height, width = after.shape
        diagonal = math.hypot(width, height)
        before = after
        if motion is None:
            continue
        seen[index] = True
        camera = motion.camera
        table[:, index] = (
            math.log(camera.scale),
            camera.angle_rad,
            camera.dx_px / width,
            camera.dy_px / height,
            motion.travel_px / diagonal,
            motion.camera_px / diagonal,
            motion.subject_px / diagonal,
            motion.support,
        )
        if index % ANCHOR_STEPS == ANCHOR_STEPS - 1:
            block = slice(index - ANCHOR_STEPS + 1, index + 1)
            if seen[block].all() and float(table[5, block].sum()) < ANCHOR_TRAVEL:
                _anchor(table[:, block], luma.frame(numbers[block.start]), after)
    log_scale, angle, x, y, travel, camera_share, subject, support = table
    return MotionPath(
        frames=np.array(numbers, np.int64),
        start_s=times_s[numbers[:-1]] if count else np.zeros(0),
        end_s=times_s[numbers[1:]] if count else np.zeros(0),
        log_scale=log_scale, angle_rad=angle, x=x, y=y,
        travel=travel, camera=camera_share, subject=subject, support=support, seen=seen,
    )  # fmt: skip
